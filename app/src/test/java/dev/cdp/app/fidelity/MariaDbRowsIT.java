package dev.cdp.app.fidelity;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cdp.core.Engine;
import dev.cdp.testkit.fidelity.FidelityCase;
import dev.cdp.testkit.fidelity.FidelityKind;
import dev.cdp.testkit.fidelity.FidelityResult;
import dev.cdp.testkit.fidelity.FidelityResults;
import dev.cdp.testkit.services.TestDatabase;
import dev.cdp.testkit.services.TestMariaDb;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rows that are hard to tell apart, to name or to hold; compared as the server says them before and after a restore. */
class MariaDbRowsIT {
    private static final String[] NAMES = {
        "back`quote",
        "single'quote",
        "double\"quote",
        "dot.ted",
        "UPPER",
        "upper",
        "grüße_Ω_漢字",
        "select",
        "per%cent",
        "under_score",
        "under score",
        "question?mark",
        "{brace}",
        "back\\slash",
        "slash/slash",
        "se;mi--colon",
        "#hash",
        "@at",
        "123",
        "next_not_cached_value",
        "_file",
        "_file__source",
        "_cdp_seq",
        "_cdp_before",
        "_cdp_op__source",
        "cdp_seq",
        "n".repeat(64)
    };

    @TempDir
    private Path folder;

    @Test
    void comeBackAsTheyWere() throws Exception {
        comeBack(TestMariaDb.shared());
    }

    @Test
    @Tag("versions")
    void comeBackFromVersion10() throws Exception {
        comeBack(TestMariaDb.oldest());
    }

    private void comeBack(TestMariaDb server) throws Exception {
        TestDatabase database = server.createDatabase("rows");
        Map<String, List<String>> cases = new LinkedHashMap<>();
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement();
                FidelityLab lab = new FidelityLab(folder, Engine.MARIADB, database)) {
            statement.setEscapeProcessing(false);
            statement.execute("SET sql_mode = 'NO_AUTO_VALUE_ON_ZERO'");
            cases.put("key changes and swaps", keys());
            cases.put("no key, duplicates", duplicates());
            cases.put("NULL beside defaults", nulls());
            cases.put("names of tables and columns", names());
            cases.put("columns named as every keyword", keywords(database));
            cases.put("1,017 columns", wide());
            cases.put("computed and invisible columns", computed());
            cases.put("keys of several kinds", manyKeys());
            for (List<String> statements : cases.values()) {
                run(statement, statements, "base: ");
            }
            lab.start();
            lab.awaitArchived();
            for (List<String> statements : cases.values()) {
                run(statement, statements, "then: ");
            }

            assertThat(lab.awaitArchived().gaps()).isEmpty();

            compare(database, lab.restore(database), cases);
        }
    }

    private static void run(Statement statement, List<String> statements, String when) throws SQLException {
        for (String sql : statements) {
            if (sql.startsWith(when)) {
                statement.execute(sql.substring(when.length()));
            }
        }
    }

    private static void compare(TestDatabase database, TestDatabase restored, Map<String, List<String>> cases)
            throws SQLException {
        List<String> tables = MariaDbComparison.tables(database);
        assertThat(MariaDbComparison.tables(restored)).isEqualTo(tables);
        int compared = 0;
        for (String table : tables) {
            List<String> was = MariaDbComparison.rows(database, table);
            assertThat(MariaDbComparison.rows(restored, table)).as(table).isEqualTo(was);
            compared += was.size();
        }
        System.out.printf("%d tables, %d rows compared%n", tables.size(), compared);
        for (String name : cases.keySet()) {
            FidelityResults.record(FidelityResult.certified(
                    MariaDbComparison.version(database),
                    new FidelityCase(FidelityKind.ROW, name, "base and log"),
                    cases.get(name).size()));
        }
    }

    private static List<String> keys() {
        return List.of(
                "base: CREATE TABLE swapped (id int PRIMARY KEY, u int UNIQUE, v varchar(20))",
                "base: INSERT INTO swapped VALUES (1, 10, 'a'), (2, 20, 'b'), (3, 30, 'c'), (4, NULL, 'd'), (5, NULL, 'e')",
                "then: UPDATE swapped SET id = -id WHERE id < 3",
                "then: UPDATE swapped SET id = IF(id = -1, 2, 1) WHERE id < 0 ORDER BY id",
                "then: UPDATE swapped SET u = NULL WHERE id = 1",
                "then: UPDATE swapped SET u = 10 WHERE id = 2",
                "then: UPDATE swapped SET u = 20 WHERE id = 1",
                "then: UPDATE swapped SET id = id + 1 WHERE id > 2 ORDER BY id DESC",
                "then: DELETE FROM swapped WHERE id = 6",
                "then: INSERT INTO swapped VALUES (6, 60, 'again')",
                "then: REPLACE INTO swapped VALUES (7, 60, 'replaced')",
                "then: INSERT INTO swapped VALUES (7, 1, 'x') ON DUPLICATE KEY UPDATE id = 8, v = 'moved'");
    }

    private static List<String> duplicates() {
        return List.of(
                "base: CREATE TABLE bag (a int, b varchar(20), c double)",
                "base: INSERT INTO bag SELECT 1, 'same', 0.1 FROM seq_1_to_20",
                "base: INSERT INTO bag SELECT NULL, NULL, NULL FROM seq_1_to_7",
                "then: INSERT INTO bag SELECT 1, 'same', 0.1 FROM seq_1_to_5",
                "then: DELETE FROM bag WHERE a = 1 LIMIT 3",
                "then: UPDATE bag SET b = 'other' WHERE a = 1 LIMIT 4",
                "then: UPDATE bag SET b = 'same' WHERE b = 'other' LIMIT 2",
                "then: DELETE FROM bag WHERE a IS NULL LIMIT 2",
                "then: INSERT INTO bag VALUES (1, 'SAME', 0.1), (1, 'same ', 0.1), (1, 'same', -0.0), (1, 'same', 0.0)",
                "base: CREATE TABLE unique_only (a int NOT NULL UNIQUE, b int)",
                "base: INSERT INTO unique_only VALUES (1, 1), (2, 2)",
                "then: UPDATE unique_only SET a = 3 WHERE a = 1");
    }

    private static List<String> nulls() {
        return List.of(
                "base: CREATE TABLE defaults (id int PRIMARY KEY, a int DEFAULT 7, b varchar(9) DEFAULT 'set',"
                        + " t timestamp NULL DEFAULT current_timestamp() ON UPDATE current_timestamp(),"
                        + " u uuid DEFAULT uuid(), e enum('x', 'y') DEFAULT 'y', s set('x', 'y') DEFAULT 'x',"
                        + " d datetime(6) DEFAULT current_timestamp(6), z date DEFAULT '0000-00-00', n int AS (a + 1))",
                "base: INSERT INTO defaults (id) VALUES (1)",
                "base: INSERT INTO defaults (id, a, b, t, u, e, s, d, z)"
                        + " VALUES (2, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)",
                "then: INSERT INTO defaults (id) VALUES (3)",
                "then: INSERT INTO defaults (id, a, b, t, u, e, s, d, z)"
                        + " VALUES (4, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL), (5, 0, '', 0, NULL, '', '', 0, 0)",
                "then: UPDATE defaults SET a = NULL, b = NULL WHERE id = 1",
                "base: CREATE TABLE zero (id int AUTO_INCREMENT PRIMARY KEY, v blob)",
                "base: INSERT INTO zero VALUES (0, ''), (-1, NULL), (5, X'00')",
                "then: INSERT INTO zero VALUES (2147483647, 'last')");
    }

    private static List<String> names() {
        List<String> statements = new ArrayList<>();
        for (String name : NAMES) {
            String table = MariaDbComparison.quoted(name);
            statements.add("base: CREATE TABLE " + table + " (" + table + " int PRIMARY KEY, v text)");
            statements.add("base: INSERT INTO " + table + " VALUES (1, 'base'), (2, 'base')");
            statements.add("then: INSERT INTO " + table + " VALUES (3, 'log')");
            statements.add("then: UPDATE " + table + " SET v = 'changed', " + table + " = 4 WHERE " + table + " = 2");
        }
        String columns = Stream.of(NAMES)
                .filter(name -> !name.equals("upper"))
                .map(name -> MariaDbComparison.quoted(name) + " varchar(20)")
                .collect(Collectors.joining(", "));
        statements.add("base: CREATE TABLE all_names (" + columns + ")");
        statements.add("base: INSERT INTO all_names (`123`) VALUES ('base')");
        statements.add("then: INSERT INTO all_names (`_file`, `_file__source`, `_cdp_seq`) VALUES ('a', 'b', 'c')");
        statements.add("then: UPDATE all_names SET `next_not_cached_value` = `_file`, `_cdp_before` = 'd'");
        return statements;
    }

    /** The server knows its words best, and the signs that it lists with them. */
    private static List<String> keywords(TestDatabase database) throws SQLException {
        List<String> words =
                database.query("SELECT DISTINCT LOWER(WORD) FROM information_schema.KEYWORDS ORDER BY 1").stream()
                        .map(row -> MariaDbComparison.quoted(String.valueOf(row.get(0))))
                        .toList();
        assertThat(words).hasSizeBetween(500, 1000).contains("`select`", "`where`");
        String columns = words.stream().map(word -> word + " int").collect(Collectors.joining(", "));
        return List.of(
                "base: CREATE TABLE keywords (of_keyword int PRIMARY KEY, " + columns + ")",
                "base: INSERT INTO keywords (of_keyword, `select`, `from`) VALUES (1, 2, 3), (2, NULL, NULL)",
                "then: INSERT INTO keywords (of_keyword, `table`, `where`) VALUES (3, 4, 5)",
                "then: UPDATE keywords SET `order` = of_keyword, `group` = 7 WHERE of_keyword > 1",
                "then: UPDATE keywords SET of_keyword = 9 WHERE of_keyword = 1");
    }

    private static List<String> wide() {
        String columns = IntStream.range(0, 1016)
                .mapToObj(i -> "c" + i + (i % 3 == 0 ? " int" : i % 3 == 1 ? " varchar(3)" : " tinyint unsigned"))
                .collect(Collectors.joining(", "));
        String values = IntStream.range(0, 1016)
                .mapToObj(i -> i % 7 == 0 ? "NULL" : Integer.toString(i % 200))
                .collect(Collectors.joining(", "));
        return List.of(
                "base: CREATE TABLE wide (id int PRIMARY KEY, " + columns + ")",
                "base: INSERT INTO wide VALUES (1, " + values + "), (2, " + values + ")",
                "then: INSERT INTO wide VALUES (3, " + values + ")",
                "then: UPDATE wide SET c1015 = 9, c1 = 'one' WHERE id = 2");
    }

    private static List<String> computed() {
        return List.of(
                "base: CREATE TABLE computed (v int AS (a * 2) VIRTUAL, id int PRIMARY KEY, a int,"
                        + " s varchar(40) AS (CONCAT('<', t, '>')) STORED, t varchar(20), hidden int INVISIBLE DEFAULT 5,"
                        + " h varchar(64) AS (SHA2(t, 256)) STORED UNIQUE, j json, x int AS (JSON_VALUE(j, '$.x')) VIRTUAL,"
                        + " KEY (v), KEY (x))",
                "base: INSERT INTO computed (id, a, t, j) VALUES (1, 1, 'one', '{\"x\": 7}'), (2, NULL, NULL, NULL)",
                "base: INSERT INTO computed (id, a, t, hidden) VALUES (3, 3, 'three', NULL)",
                "then: UPDATE computed SET a = a + 1, t = CONCAT(t, '!'), hidden = hidden + 1",
                "then: INSERT INTO computed (id, a, t, hidden, j) VALUES (4, 4, 'ü', 9, '{\"x\": \"8\"}')",
                "then: UPDATE computed SET id = 5 WHERE id = 1",
                "base: CREATE TABLE computed_key (a int, k int AS (a + 1) STORED UNIQUE, b int)",
                "base: INSERT INTO computed_key (a, b) VALUES (1, 1), (2, 2)",
                "then: UPDATE computed_key SET a = 5 WHERE k = 2",
                "then: DELETE FROM computed_key WHERE k = 3",
                "then: INSERT INTO computed_key (a, b) VALUES (7, 7)");
    }

    private static List<String> manyKeys() {
        return List.of(
                "base: CREATE TABLE prefixed (t text, n int, PRIMARY KEY (t(3), n))",
                "base: INSERT INTO prefixed VALUES ('abcdef', 1), ('abd', 1), ('', 0)",
                "then: UPDATE prefixed SET t = 'abcxyz' WHERE t = 'abcdef'",
                "then: INSERT INTO prefixed VALUES ('abc', 2)",
                "base: CREATE TABLE folded (k varchar(20) COLLATE utf8mb4_general_ci PRIMARY KEY, n int)",
                "base: INSERT INTO folded VALUES ('a', 1), ('ß', 2), ('trail ', 3)",
                "then: UPDATE folded SET k = 'A' WHERE k = 'a'",
                "then: UPDATE folded SET k = 'trail' WHERE n = 3",
                "then: REPLACE INTO folded VALUES ('Á', 4)",
                "base: CREATE TABLE hashed (id int PRIMARY KEY, t text UNIQUE, b blob, UNIQUE (b) USING HASH)",
                "base: INSERT INTO hashed VALUES (1, 'one', 'one'), (2, NULL, NULL)",
                "then: INSERT INTO hashed VALUES (3, REPEAT('long', 5000), REPEAT('b', 5000))",
                "then: UPDATE hashed SET t = 'two' WHERE id = 2",
                "then: DELETE FROM hashed WHERE id = 1",
                "base: CREATE TABLE periods (id int, s date, e date, v int, PERIOD FOR p (s, e),"
                        + " PRIMARY KEY (id, p WITHOUT OVERLAPS))",
                "base: INSERT INTO periods VALUES (1, '2026-01-01', '2027-01-01', 1), (2, '2026-01-01', '2026-02-01', 2)",
                "then: DELETE FROM periods FOR PORTION OF p FROM '2026-03-01' TO '2026-05-01' WHERE id = 1",
                "then: UPDATE periods FOR PORTION OF p FROM '2026-06-01' TO '2026-07-01' SET v = 9 WHERE id = 1",
                "base: CREATE TABLE real_key (k double PRIMARY KEY, n int)",
                "base: INSERT INTO real_key VALUES (0.1, 1), (-0.0, 2)",
                "then: UPDATE real_key SET k = 0.0 WHERE n = 2",
                "then: UPDATE real_key SET k = 0.2 WHERE k = 0.1",
                "base: CREATE TABLE parts (id int, d date, v int, PRIMARY KEY (id, d)) PARTITION BY RANGE (year(d))"
                        + " (PARTITION p0 VALUES LESS THAN (2025), PARTITION p1 VALUES LESS THAN MAXVALUE)",
                "base: INSERT INTO parts VALUES (1, '2024-01-01', 1), (2, '2026-01-01', 2)",
                "then: UPDATE parts SET d = '2026-05-05' WHERE id = 1",
                "then: INSERT INTO parts VALUES (3, '2020-01-01', 3)");
    }
}
