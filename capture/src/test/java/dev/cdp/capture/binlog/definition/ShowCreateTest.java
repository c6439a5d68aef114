package dev.cdp.capture.binlog.definition;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ShowCreateTest {

    @Test
    void takesForeignKeysAndCounterOutOfATable() {
        TableText table = TableText.parse("""
                CREATE TABLE `a(b` (
                  `x,y` enum('b,c','it''s \\') (') COMMENT 'CONSTRAINT `c` FOREIGN KEY (',
                  `n` decimal(10,2) GENERATED ALWAYS AS (round(`x,y`,2)) STORED,
                  KEY `k` (`x,y`),
                  CONSTRAINT `f``k` FOREIGN KEY (`n`) REFERENCES `other` (`id`) ON DELETE CASCADE,
                  CONSTRAINT `check` CHECK (`n` in (1,2))
                ) ENGINE=InnoDB AUTO_INCREMENT=7 DEFAULT CHARSET=utf8mb4 COMMENT='AUTO_INCREMENT=9'
                 PARTITION BY HASH (`n`)""");

        assertThat(table.foreignKeys())
                .containsExactly("CONSTRAINT `f``k` FOREIGN KEY (`n`) REFERENCES `other` (`id`) ON DELETE CASCADE");
        assertThat(table.create()).isEqualTo("""
                        CREATE TABLE `a(b` (
                          `x,y` enum('b,c','it''s \\') (') COMMENT 'CONSTRAINT `c` FOREIGN KEY (',
                          `n` decimal(10,2) GENERATED ALWAYS AS (round(`x,y`,2)) STORED,
                          KEY `k` (`x,y`),
                          CONSTRAINT `check` CHECK (`n` in (1,2))
                        ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COMMENT='AUTO_INCREMENT=9'
                         PARTITION BY HASH (`n`)""");
    }

    /** After the forms in MySQL's manual, "SHOW CREATE TABLE Statement" and the pages it names. */
    @Test
    void keepsWhatMySqlPrintsInCommentsOfItsVersions() {
        String columns = """
                CREATE TABLE `item` (
                  `id` int unsigned NOT NULL AUTO_INCREMENT,
                  `name` varchar(100) COLLATE utf8mb4_bin DEFAULT (concat(_utf8mb4'it\\'s (',_utf8mb4'')),
                  `hidden` int DEFAULT NULL /*!80023 INVISIBLE */,
                  `place` point NOT NULL /*!80003 SRID 4326 */,
                  PRIMARY KEY (`id`),
                  KEY `f` ((lower(`name`))),
                  KEY `h` (`hidden`) /*!80000 INVISIBLE */,
                  CONSTRAINT `c` CHECK ((`hidden` > 0)) /*!80016 NOT ENFORCED */""";
        String foreignKey = "CONSTRAINT `k` FOREIGN KEY (`hidden`) REFERENCES `part` (`id`)";
        String options = """

                ) ENGINE=InnoDB%s DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_ai_ci
                /*!50100 PARTITION BY RANGE (`id`)
                (PARTITION p0 VALUES LESS THAN (10) ENGINE = InnoDB) */""";

        TableText table = TableText.parse(columns + ",\n  " + foreignKey + options.formatted(" AUTO_INCREMENT=31"));

        assertThat(table.foreignKeys()).containsExactly(foreignKey);
        assertThat(table.create()).isEqualTo(columns + options.formatted(""));
    }

    @Test
    void tellsWhatAForeignKeyRefersTo() {
        assertThat(TableText.referencedTable("FOREIGN KEY (`a`) REFERENCES `b``c` (`d`)"))
                .isEqualTo("b`c");
        assertThat(TableText.referencedTable("CONSTRAINT `x` FOREIGN KEY (`a`) REFERENCES `other`.`b` (`d`)"))
                .isEqualTo("`other`.b");
    }

    @Test
    void findsTheTablesAViewReads() {
        ViewText view = ViewText.parse("CREATE VIEW `v` AS with n as (select 1 AS `from`)"
                + "select extract(year from `t`.`at`) AS `join`,trim(both 'x' from `t`.`name`) AS `y`,"
                + "(select max(`z`.`a`) from `in``side` `z`) AS `m` from ((`t` join (`u` left join `w` on(1)))"
                + " join n) where exists(select 1 from `deep`)");

        assertThat(view.tables()).containsExactly("in`side", "t", "u", "w", "deep");
        assertThat(view.readsOtherDatabase()).isFalse();
    }

    @Test
    void seesThatAViewReadsAnotherDatabase() {
        ViewText view = ViewText.parse("CREATE VIEW `v` AS select `a`.`x`.`id` AS `id` from (`a`.`x` join `b`.`y`)");

        assertThat(view.readsOtherDatabase()).isTrue();
        assertThat(view.tables()).containsExactly("x", "y");
    }

    @Test
    void takesTheDatabaseAwayFromSequencesAndFunctionsOnly() {
        String sql = "select nextval(`shop`.`s`),`shop`.`f`(1),`shop`.`id`,'`shop`.`f`(' from `shop`";

        assertThat(SqlScanner.withoutDatabase(sql, "shop"))
                .isEqualTo("select nextval(`s`),`f`(1),`shop`.`id`,'`shop`.`f`(' from `shop`");
    }

    @Test
    void sendsAsUtf8WhatAnOldClientSent() {
        SessionContext old = new SessionContext("ANSI", "latin1", "latin1_swedish_ci", "+01:00");

        assertThat(old.toSend().statement())
                .isEqualTo("SET sql_mode = 'ANSI', character_set_client = utf8mb4,"
                        + " collation_connection = latin1_swedish_ci, time_zone = '+01:00'");
    }
}
