package dev.cdp.app.fidelity;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cdp.core.Engine;
import dev.cdp.testkit.fidelity.FidelityCase;
import dev.cdp.testkit.fidelity.FidelityKind;
import dev.cdp.testkit.fidelity.FidelityResult;
import dev.cdp.testkit.fidelity.FidelityResults;
import dev.cdp.testkit.objects.WitnessProgram;
import dev.cdp.testkit.services.TestDatabase;
import dev.cdp.testkit.services.TestMariaDb;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** All objects of a database with their rows, judged by mariadb-dump of the source and of the restored database. */
class MariaDbObjectsIT {
    private static final String PROGRAM = "mariadb-dump";
    private static final Pattern COUNTER = Pattern.compile("(?<= AUTO_INCREMENT=|SETVAL\\(`.{1,64}`, )-?\\d+");
    private static final List<String> BEFORE = List.of(
            "CREATE SEQUENCE tickets START WITH 100 INCREMENT BY 5 CACHE 10 CYCLE MAXVALUE 100000",
            "CREATE SEQUENCE counted_down START WITH -1 INCREMENT BY -1 NOCACHE",
            "CREATE TABLE customers (id int NOT NULL AUTO_INCREMENT PRIMARY KEY COMMENT 'it''s ours',"
                    + " name varchar(50) CHARACTER SET latin1 NOT NULL CHECK (name <> 'nobody'), born date DEFAULT '0000-00-00',"
                    + " lower_name varchar(50) AS (LOWER(name)) STORED, twice int AS (id * 2) VIRTUAL,"
                    + " hidden int INVISIBLE DEFAULT 3, ticket bigint DEFAULT (nextval(tickets)),"
                    + " changed timestamp(6) NOT NULL DEFAULT current_timestamp(6) ON UPDATE current_timestamp(6),"
                    + " place point NOT NULL DEFAULT POINT(1, 1), words text, UNIQUE (name), FULLTEXT (words), SPATIAL KEY (place),"
                    + " CONSTRAINT `long, or (not)` CHECK (CHAR_LENGTH(name) > 1 OR born IS NULL)) COMMENT = 'customers; all'",
            "CREATE TABLE orders (id bigint AUTO_INCREMENT PRIMARY KEY, customer int NOT NULL, total decimal(12,2), note text,"
                    + " CONSTRAINT of_customer FOREIGN KEY (customer) REFERENCES customers (id) ON UPDATE RESTRICT)"
                    + " AUTO_INCREMENT = 1000",
            "CREATE TABLE log (at datetime(3), what varchar(100), KEY (at)) ROW_FORMAT = COMPRESSED",
            "CREATE TABLE parts (id int, d date, PRIMARY KEY (id, d)) PARTITION BY RANGE COLUMNS (d) SUBPARTITION BY HASH (id)"
                    + " SUBPARTITIONS 2 (PARTITION old VALUES LESS THAN ('2025-01-01') COMMENT = 'before',"
                    + " PARTITION new VALUES LESS THAN (MAXVALUE))",
            "CREATE TABLE listed (k varchar(10), v int) PARTITION BY LIST COLUMNS (k)"
                    + " (PARTITION a VALUES IN ('a', 'b'), PARTITION rest DEFAULT)",
            "CREATE TABLE periods (id int, s date, e date, PERIOD FOR valid (s, e), UNIQUE (id, valid WITHOUT OVERLAPS))",
            "CREATE TABLE past (id int PRIMARY KEY, v int) WITH SYSTEM VERSIONING",
            "CREATE TABLE old_engine (id int) ENGINE = Aria",
            "CREATE FUNCTION price(o bigint) RETURNS decimal(12,2) READS SQL DATA COMMENT 'of one order'"
                    + " RETURN (SELECT total FROM orders WHERE id = o)",
            "CREATE PROCEDURE note_it(IN what varchar(100)) MODIFIES SQL DATA SQL SECURITY INVOKER"
                    + " INSERT INTO log VALUES (NOW(3), what)",
            "CREATE VIEW names AS SELECT id, name, price(id) AS price FROM customers WHERE id > 0",
            "CREATE ALGORITHM = MERGE SQL SECURITY INVOKER VIEW above AS SELECT id FROM names WITH CASCADED CHECK OPTION",
            "CREATE TRIGGER order_made AFTER INSERT ON orders FOR EACH ROW"
                    + " INSERT INTO log VALUES ('2026-01-01', CONCAT('order ', NEW.id))",
            "CREATE TRIGGER order_checked BEFORE INSERT ON orders FOR EACH ROW SET NEW.note = CONCAT('checked ', NEW.note)",
            "CREATE TRIGGER order_gone BEFORE DELETE ON orders FOR EACH ROW CALL note_it('gone')",
            "CREATE EVENT nightly ON SCHEDULE EVERY 1 DAY STARTS '2035-01-01 03:00:00' COMMENT 'at night' DO CALL note_it('night')",
            "CREATE EVENT off ON SCHEDULE EVERY 1 HOUR STARTS '2035-01-01 00:00:00' DISABLE DO DELETE FROM log",
            "INSERT INTO customers (name, words) VALUES ('Åse', 'some words'), ('Jürgen', NULL), ('x€', '')",
            "INSERT INTO orders (customer, total, note) VALUES (1, 10.50, 'first'), (2, NULL, NULL)",
            "INSERT INTO parts VALUES (1, '2024-05-05'), (2, '2026-05-05')",
            "INSERT INTO listed VALUES ('a', 1), ('z', 2), (NULL, 3)",
            "INSERT INTO periods VALUES (1, '2026-01-01', '2026-12-31')",
            "INSERT INTO past VALUES (1, 1)",
            "INSERT INTO old_engine VALUES (1)");
    private static final List<String> AFTER = List.of(
            "INSERT INTO customers (name, hidden) VALUES ('later', 9)",
            "INSERT INTO orders (customer, total, note) VALUES (4, 99.99, 'later')",
            "DELETE FROM orders WHERE id = 1001",
            "UPDATE customers SET name = 'Kåre' WHERE id = 1",
            "UPDATE parts SET d = '2027-01-01' WHERE id = 1",
            "SELECT nextval(tickets), nextval(counted_down)",
            "ALTER TABLE log ADD COLUMN level tinyint DEFAULT 3 COMMENT 'new'",
            "CREATE OR REPLACE VIEW above AS SELECT id, name FROM names",
            "ALTER EVENT nightly COMMENT 'changed'",
            "DELETE FROM customers WHERE id = 3");

    @TempDir
    private Path folder;

    @Test
    @Tag("witness")
    void mariaDbDumpCannotTellTheRestoredDatabaseFromTheSource() throws Exception {
        comesBack(TestMariaDb.shared());
    }

    @Test
    @Tag("versions")
    void norThatOfVersion10() throws Exception {
        comesBack(TestMariaDb.oldest());
    }

    private void comesBack(TestMariaDb server) throws Exception {
        WitnessProgram.require(PROGRAM);
        TestDatabase database = server.createDatabase("objects");
        run(database, BEFORE);
        TestDatabase restored;
        try (FidelityLab lab = new FidelityLab(folder, Engine.MARIADB, database)) {
            lab.start();
            lab.awaitArchived();
            run(database, AFTER);
            lab.awaitBases();
            restored = lab.restore(database);
        }
        TestDatabase again;
        try (FidelityLab lab = new FidelityLab(folder.resolve("again"), Engine.MARIADB, restored)) {
            lab.start();
            lab.awaitBases();
            again = lab.restore(restored);
        }
        compare("dump", database, restored);
        compare("dump, captured and restored again", database, again);
    }

    private void compare(String place, TestDatabase database, TestDatabase restored) throws Exception {
        List<String> was = dump(database, database.name());
        List<String> is = dump(restored, database.name());
        assertThat(withoutCounters(is)).as(place).isEqualTo(withoutCounters(was));
        assertThat(counters(is)).hasSameSizeAs(counters(was));
        for (int i = 0; i < counters(was).size(); i++) {
            long before = counters(was).get(i);
            long after = counters(is).get(i);
            assertThat(before < 0 ? -after : after).isGreaterThanOrEqualTo(Math.abs(before));
        }
        assertThat(restored.queryValue("SELECT GROUP_CONCAT(what ORDER BY what) FROM log"))
                .isEqualTo(database.queryValue("SELECT GROUP_CONCAT(what ORDER BY what) FROM log"));
        System.out.printf("%s: %d lines of two dumps compared%n", place, was.size());
        FidelityResults.record(FidelityResult.certified(
                MariaDbComparison.version(database),
                new FidelityCase(FidelityKind.STATEMENT, "every kind of object, by mariadb-dump", place),
                was.size()));
    }

    private static void run(TestDatabase database, List<String> statements) throws Exception {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("SET sql_mode = ''");
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    /** Tables that the check names as not protected are dumped without rows; rows stand in any order. */
    private List<String> dump(TestDatabase database, String sourceName) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                PROGRAM,
                "--no-defaults",
                "--host=" + database.host(),
                "--port=" + database.port(),
                "--user=" + database.user(),
                "--routines",
                "--events",
                "--triggers",
                "--hex-blob",
                "--skip-comments",
                "--skip-extended-insert",
                "--complete-insert"));
        for (String unprotected : List.of("past", "old_engine")) {
            command.add("--ignore-table-data=" + database.name() + "." + unprotected);
        }
        command.add(database.name());
        List<String> lines = new ArrayList<>(WitnessProgram.output(command, Map.of("MYSQL_PWD", database.password()))
                .lines()
                .map(line -> line.replace("`" + database.name() + "`", "`" + sourceName + "`"))
                .toList());
        List<String> rows =
                lines.stream().filter(MariaDbObjectsIT::isRow).sorted().toList();
        lines.removeIf(MariaDbObjectsIT::isRow);
        lines.addAll(rows);
        return lines;
    }

    private static boolean isRow(String line) {
        return line.startsWith("INSERT INTO");
    }

    private static List<String> withoutCounters(List<String> lines) {
        return lines.stream().map(line -> COUNTER.matcher(line).replaceAll("N")).toList();
    }

    private static List<Long> counters(List<String> lines) {
        List<Long> counters = new ArrayList<>();
        for (String line : lines) {
            Matcher matcher = COUNTER.matcher(line);
            while (matcher.find()) {
                counters.add(Long.parseLong(matcher.group()));
            }
        }
        return counters;
    }
}
