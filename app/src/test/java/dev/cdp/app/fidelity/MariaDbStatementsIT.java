package dev.cdp.app.fidelity;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cdp.core.Engine;
import dev.cdp.core.TableName;
import dev.cdp.core.archive.ArchiveState;
import dev.cdp.core.archive.LedgerEntry;
import dev.cdp.testkit.fidelity.FidelityCase;
import dev.cdp.testkit.fidelity.FidelityKind;
import dev.cdp.testkit.fidelity.FidelityResult;
import dev.cdp.testkit.fidelity.FidelityResults;
import dev.cdp.testkit.services.TestDatabase;
import dev.cdp.testkit.services.TestMariaDb;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Statements whose rows the binary log tells late, in another place or not at all. */
class MariaDbStatementsIT {
    @TempDir
    private Path folder;

    private TestDatabase database;
    private FidelityLab lab;

    @Test
    void preparedTransactionsCountWhenTheyAreCommitted() throws Exception {
        prepareAndCommit(TestMariaDb.shared());
    }

    @Test
    @Tag("versions")
    void preparedTransactionsCountWhenTheyAreCommittedOnVersion10() throws Exception {
        prepareAndCommit(TestMariaDb.oldest());
    }

    private void prepareAndCommit(TestMariaDb server) throws Exception {
        database = server.createDatabase("prepared");
        database.execute(
                "CREATE TABLE t (id int PRIMARY KEY, v text)",
                "CREATE TABLE other (id int PRIMARY KEY, v text)",
                "INSERT INTO t VALUES (1, 'base'), (2, 'base')",
                "INSERT INTO other VALUES (1, 'base')");
        try (FidelityLab opened = new FidelityLab(folder, Engine.MARIADB, database)) {
            lab = opened;
            lab.start();
            lab.awaitArchived();

            prepare("'a','b',7", "INSERT INTO t VALUES (10, 'prepared')", "UPDATE t SET v = 'prepared' WHERE id = 1");
            prepare("'gone'", "INSERT INTO t VALUES (11, 'rolled back')", "DELETE FROM t WHERE id = 2");
            database.execute("INSERT INTO other VALUES (2, 'between')");
            lab.awaitArchived();
            assertThat(MariaDbComparison.rows(lab.restore(database), "t")).hasSize(2);
            database.execute("XA COMMIT 'a','b',7", "XA ROLLBACK 'gone'");
            database.execute(
                    "XA START 'one'",
                    "INSERT INTO t VALUES (12, 'one phase')",
                    "XA END 'one'",
                    "XA COMMIT 'one' ONE PHASE");
            ArchiveState state = lab.awaitArchived();

            assertThat(state.gaps()).isEmpty();
            assertSameRows("t", "other");
            record("XA PREPARE, XA COMMIT in another session", FidelityResult::certified);

            prepare("'over a restart'", "INSERT INTO t VALUES (13, 'over a restart')");
            lab.awaitArchived();
            lab.stop();
            database.execute("UPDATE t SET v = 'while down' WHERE id = 2");
            lab.start();
            lab.awaitArchived();
            database.execute("XA COMMIT 'over a restart'");
            lab.awaitBases();

            assertSameRows("t", "other");
            record("XA COMMIT of what was prepared before a restart", FidelityResult::certified);
        }
    }

    /** In a session that ends with it, so that another one decides. */
    private void prepare(String id, String... statements) throws SQLException {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("XA START " + id);
            for (String sql : statements) {
                statement.execute(sql);
            }
            statement.execute("XA END " + id);
            statement.execute("XA PREPARE " + id);
        }
    }

    @Test
    void foreignKeysThatStartElsewhereAreFollowed() throws Exception {
        startElsewhere(TestMariaDb.shared());
    }

    @Test
    @Tag("versions")
    void foreignKeysThatStartElsewhereAreFollowedOnVersion10() throws Exception {
        startElsewhere(TestMariaDb.oldest());
    }

    private void startElsewhere(TestMariaDb server) throws Exception {
        database = server.createDatabase("cascades");
        TestDatabase elsewhere = server.createDatabase("elsewhere");
        String there = elsewhere.name();
        elsewhere.execute(
                "CREATE TABLE top (id int PRIMARY KEY)",
                "CREATE TABLE middle (id int PRIMARY KEY, t int, FOREIGN KEY (t) REFERENCES top (id) ON DELETE CASCADE)",
                "INSERT INTO top VALUES (1), (2), (3)",
                "INSERT INTO middle VALUES (10, 1), (20, 2), (30, 3)");
        database.execute(
                "CREATE TABLE child (id int PRIMARY KEY, m int, FOREIGN KEY (m) REFERENCES " + there
                        + ".middle (id) ON DELETE SET NULL)",
                "INSERT INTO child VALUES (100, 10), (200, 20), (300, 30)",
                "CREATE TABLE history (id int PRIMARY KEY) WITH SYSTEM VERSIONING",
                "CREATE TABLE of_history (id int PRIMARY KEY, h int,"
                        + " FOREIGN KEY (h) REFERENCES history (id) ON UPDATE CASCADE ON DELETE CASCADE)",
                "INSERT INTO history VALUES (1), (2)",
                "INSERT INTO of_history VALUES (1, 1), (2, 2)",
                "CREATE TABLE parent (k varchar(20) COLLATE utf8mb4_general_ci PRIMARY KEY, v int)",
                "CREATE TABLE renamed (id int PRIMARY KEY, k varchar(20) COLLATE utf8mb4_general_ci,"
                        + " FOREIGN KEY (k) REFERENCES parent (k) ON UPDATE CASCADE ON DELETE SET NULL)",
                "INSERT INTO parent VALUES ('a', 1), ('b', 2)",
                "INSERT INTO renamed VALUES (1, 'a'), (2, 'b')",
                "CREATE TABLE tree (id int PRIMARY KEY, up int, FOREIGN KEY (up) REFERENCES tree (id) ON DELETE CASCADE)",
                "INSERT INTO tree VALUES (1, NULL), (2, 1), (3, 2), (4, NULL)",
                "CREATE TABLE bystander (id int PRIMARY KEY)");
        try (FidelityLab opened = new FidelityLab(folder, Engine.MARIADB, database)) {
            lab = opened;
            lab.start();
            lab.awaitArchived();

            elsewhere.execute("DELETE FROM middle WHERE id = 10");
            elsewhere.execute("DELETE FROM top WHERE id = 2");
            database.execute("UPDATE history SET id = 5 WHERE id = 1", "DELETE FROM history WHERE id = 2");
            database.execute("UPDATE parent SET k = 'A' WHERE k = 'a'", "REPLACE INTO parent VALUES ('b', 3)");
            database.execute("DELETE FROM tree WHERE id = 1", "INSERT INTO bystander VALUES (1)");
            ArchiveState state = lab.awaitBases();

            assertThat(state.gaps().stream()
                            .map(LedgerEntry.Gap::tables)
                            .flatMap(List::stream)
                            .map(TableName::name))
                    .contains("child", "of_history", "renamed", "tree")
                    .doesNotContain("bystander", "middle", "parent");
            assertSameRows("child", "of_history", "parent", "renamed", "tree", "bystander");
            record(
                    "foreign key's action",
                    (version, of, count) -> FidelityResult.flagged(
                            version, of, count, "a gap of the tables it reaches, until their new base"));
            database.execute("DROP TABLE child");
        }
    }

    @Test
    void otherWaysToChangeRows() throws Exception {
        changeRows(TestMariaDb.shared());
    }

    @Test
    @Tag("versions")
    void otherWaysToChangeRowsOnVersion10() throws Exception {
        changeRows(TestMariaDb.oldest());
    }

    private void changeRows(TestMariaDb server) throws Exception {
        database = server.createDatabase("ways");
        database.execute(
                "CREATE TABLE t (id int AUTO_INCREMENT PRIMARY KEY, v varchar(20), n int)",
                "CREATE TABLE twin (id int PRIMARY KEY, v varchar(20), n int)",
                "CREATE TABLE emptied (id int PRIMARY KEY)",
                "CREATE TABLE aria (id int) ENGINE = Aria",
                "CREATE TABLE my (id int) ENGINE = MyISAM",
                "CREATE TRIGGER after_t AFTER INSERT ON t FOR EACH ROW INSERT INTO aria VALUES (NEW.id)",
                "INSERT INTO t (v) SELECT CONCAT('base ', seq) FROM seq_1_to_20",
                "INSERT INTO emptied SELECT seq FROM seq_1_to_20");
        try (FidelityLab opened = new FidelityLab(folder, Engine.MARIADB, database)) {
            lab = opened;
            lab.start();
            lab.awaitArchived();

            load("id\tv\n101\tone\n102\t\\N\n");
            database.execute(
                    "INSERT INTO my VALUES (1)",
                    "INSERT INTO twin SELECT * FROM t WHERE id < 10",
                    "INSERT INTO twin SELECT id, 'again', 1 FROM t WHERE id < 12 ON DUPLICATE KEY UPDATE n = 7",
                    "REPLACE INTO t VALUES (3, 'replaced', 3), (300, 'new', 3)",
                    "INSERT IGNORE INTO t VALUES (3, 'ignored', 4), (301, 'kept', 4)",
                    "UPDATE t JOIN twin USING (id) SET t.n = 9, twin.v = 'joined' WHERE t.id IN (5, 6)",
                    "DELETE t, twin FROM t JOIN twin USING (id) WHERE t.id IN (7, 8)",
                    "TRUNCATE emptied",
                    "INSERT INTO emptied VALUES (1)");
            mixed();
            lab.awaitArchived();

            assertSameRows("t", "twin", "emptied");
            TestDatabase restored = lab.restore(database);
            assertThat(restored.queryValue("SELECT COUNT(*) FROM aria")).isEqualTo("0");
            assertThat(lab.database().check())
                    .extracting(finding -> finding.verdict() + " " + finding.what())
                    .anyMatch(found -> found.startsWith("FAILED") && found.contains("`aria` is not protected"))
                    .anyMatch(found -> found.startsWith("FAILED") && found.contains("`my` is not protected"));
            record("LOAD DATA, REPLACE, multi-table UPDATE and DELETE, TRUNCATE", FidelityResult::certified);
        }
    }

    private void load(String lines) throws SQLException {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            statement
                    .unwrap(org.mariadb.jdbc.Statement.class)
                    .setLocalInfileInputStream(new ByteArrayInputStream(lines.getBytes(StandardCharsets.UTF_8)));
            statement.execute("LOAD DATA LOCAL INFILE 'x' INTO TABLE t IGNORE 1 LINES (id, v)");
        }
    }

    /** Of one that is rolled back the tables without transactions keep their rows, and the server logs those. */
    private void mixed() throws SQLException {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute("INSERT INTO t (v) VALUES ('mixed')");
            statement.execute("INSERT INTO my VALUES (2)");
            connection.commit();
            statement.execute("INSERT INTO t (v) VALUES ('goes')");
            statement.execute("INSERT INTO my VALUES (3)");
            statement.execute("UPDATE t SET n = 1000");
            connection.rollback();
        }
    }

    private void assertSameRows(String... tables) throws Exception {
        TestDatabase restored = lab.restore(database);
        for (String table : tables) {
            assertThat(MariaDbComparison.rows(restored, table))
                    .as(table)
                    .isEqualTo(MariaDbComparison.rows(database, table));
        }
    }

    private interface Finding {
        FidelityResult of(dev.cdp.testkit.fidelity.DatabaseVersion version, FidelityCase of, int compared);
    }

    private void record(String statement, Finding finding) throws SQLException {
        FidelityResults.record(finding.of(
                MariaDbComparison.version(database),
                new FidelityCase(FidelityKind.STATEMENT, statement, "state after it"),
                1));
    }
}
