package dev.cdp.capture.binlog.definition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cdp.core.Engine;
import dev.cdp.core.definition.DatabaseDefinition;
import dev.cdp.core.definition.DefinitionSession;
import dev.cdp.core.definition.DefinitionStatement;
import dev.cdp.core.definition.DefinitionStatement.Phase;
import dev.cdp.core.definition.SequenceValue;
import dev.cdp.testkit.objects.WitnessProgram;
import dev.cdp.testkit.services.TestDatabase;
import dev.cdp.testkit.services.TestMariaDb;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class MariaDbDefinitionReaderIT {

    @Test
    void makesTheSameDatabaseAgainUnderAnotherName() throws Exception {
        TestDatabase original = database("rich.sql");

        DatabaseDefinition definition = read(original);
        DatabaseDefinition again = read(copy(definition));

        assertThat(definition.statements()).hasSizeGreaterThan(40);
        assertThat(texts(again)).isEqualTo(texts(definition));
        assertThat(again.databaseSettings()).isEqualTo(definition.databaseSettings());
        assertThat(again.unprotected()).isEqualTo(definition.unprotected());
        assertThat(again.sequences())
                .usingRecursiveFieldByFieldElementComparatorIgnoringFields("schema")
                .isEqualTo(definition.sequences());
    }

    @Test
    void addsForeignKeysWhenAllRowsAreThere() throws Exception {
        DatabaseDefinition definition = read(database("rich.sql"));

        assertThat(definition.in(Phase.BEFORE_DATA))
                .noneMatch(each -> each.kind().equals("TABLE") && each.sql().contains(") REFERENCES"));
        assertThat(definition.in(Phase.AFTER_DATA))
                .filteredOn(each -> each.kind().equals("FOREIGN KEY"))
                .hasSize(3);
    }

    @Test
    void keepsCountersApart() throws Exception {
        DatabaseDefinition definition = read(database("rich.sql"));

        assertThat(definition.sequences())
                .extracting(value -> value.kind() + " " + value.name() + " " + value.lastValue())
                .containsExactly(
                        "SEQUENCE tickets 150",
                        "SEQUENCE untouched 1",
                        "AUTO_INCREMENT odd `names` 500",
                        "AUTO_INCREMENT orders 1");
    }

    @Test
    @Tag("witness")
    void makesWhatMariaDbDumpCannotTellFromTheOriginal() throws Exception {
        TestDatabase original = database("rich.sql");
        // Only its name may differ: a default that takes a sequence's next value shows it, and so does this trigger.
        original.execute("ALTER TABLE customers ALTER id DROP DEFAULT", "DROP TRIGGER qualified");

        TestDatabase copy = copy(read(original));

        assertThat(dump(copy)).isEqualTo(dump(original));
    }

    @Test
    void leavesOutByNameWhatItCannotMake() throws Exception {
        TestDatabase original = database("beyond.sql");

        DatabaseDefinition definition = read(original);

        assertThat(definition.unprotected())
                .containsExactly(
                        "Not kept: a foreign key of table here to a table that this database does not have:"
                                + " CONSTRAINT `here_ibfk_1` FOREIGN KEY (`gone`) REFERENCES `nowhere` (`id`)",
                        "Not protected: view above_broken, because it is invalid in the source",
                        "Not protected: view above_elsewhere, because it reads another database",
                        "Not protected: view broken, because it is invalid in the source",
                        "Not protected: view elsewhere, because it reads another database");
        assertThat(texts(read(copy(definition)))).isEqualTo(texts(definition));
    }

    @Test
    void warnsOfProgramsThatNameTheirDatabase() throws Exception {
        TestDatabase original = TestMariaDb.shared().createDatabase("named");
        original.execute("CREATE PROCEDURE empty_it() DELETE FROM " + original.name() + ".orders");

        assertThat(read(original).unprotected())
                .containsExactly("Names its database: procedure empty_it may act on " + original.name()
                        + " itself when it runs in a database restored beside it");
    }

    @Test
    void leavesTheSessionAsItWas() throws Exception {
        try (Connection connection = database("beyond.sql").connect();
                Statement statement = connection.createStatement()) {
            statement.execute("SET sql_mode = 'ANSI_QUOTES,NO_ZERO_DATE', sql_quote_show_create = 0");

            DefinitionReader.read(connection, Engine.MARIADB);

            assertThat(new Catalog(connection).texts("SELECT concat(@@sql_mode, ' ', @@sql_quote_show_create)"))
                    .containsExactly("ANSI_QUOTES,NO_ZERO_DATE OFF");
        }
    }

    @Test
    void givesTheRunningSessionBackAsItWas() throws Exception {
        DatabaseDefinition definition = read(database("rich.sql"));
        TestDatabase target = TestMariaDb.shared().createDatabase("target");
        String settings = "SELECT concat_ws(' ', @@sql_mode, @@time_zone, @@collation_connection)";
        try (Connection connection = target.connect();
                Statement statement = connection.createStatement()) {
            statement.setEscapeProcessing(false);
            statement.execute("SET NAMES utf8mb4 COLLATE utf8mb4_bin, sql_mode = '', time_zone = '+05:00'");

            for (DefinitionStatement each : definition.statements()) {
                statement.execute(each.sql());
            }

            assertThat(new Catalog(connection).texts(settings)).containsExactly(" +05:00 utf8mb4_bin");
        }
    }

    @Test
    void readsWhileObjectsComeAndGo() throws Exception {
        TestDatabase database = TestMariaDb.shared().createDatabase("busy");
        database.execute("CREATE TABLE steady (id int PRIMARY KEY)");
        AtomicBoolean ended = new AtomicBoolean();
        CompletableFuture<Void> application = CompletableFuture.runAsync(() -> {
            while (!ended.get()) {
                comeAndGo(database);
            }
        });
        try {
            for (int i = 0; i < 20; i++) {
                assertThat(read(database).statements())
                        .extracting(DefinitionStatement::object)
                        .contains("`steady`");
            }
        } finally {
            ended.set(true);
        }
        assertThat(application).succeedsWithin(Duration.ofSeconds(10));
    }

    private static void comeAndGo(TestDatabase database) {
        try {
            database.execute(
                    "CREATE TABLE passing (id int PRIMARY KEY, v text)",
                    "CREATE VIEW over_passing AS SELECT * FROM passing",
                    "CREATE SEQUENCE passing_numbers",
                    "CREATE TRIGGER on_passing BEFORE INSERT ON passing FOR EACH ROW SET @a = 1",
                    "CREATE PROCEDURE pass() SELECT 1",
                    "DROP PROCEDURE pass",
                    "DROP VIEW over_passing",
                    "DROP SEQUENCE passing_numbers",
                    "DROP TABLE passing");
        } catch (SQLException failure) {
            throw new IllegalStateException("The application must not fail because of the reader", failure);
        }
    }

    @Test
    void refusesAConnectionThatIsInNoDatabase() throws Exception {
        try (Connection connection = TestMariaDb.shared().database("").connect()) {
            assertThatThrownBy(() -> DefinitionReader.read(connection, Engine.MARIADB))
                    .hasMessage("The connection is in no database; its URL must name one");
        }
    }

    private static TestDatabase database(String script) throws SQLException, IOException {
        TestDatabase database = TestMariaDb.shared().createDatabase("rich");
        try (InputStream text = MariaDbDefinitionReaderIT.class.getResourceAsStream(script);
                Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            statement.setEscapeProcessing(false);
            statement.execute("SET foreign_key_checks = 0");
            String statements = new String(Objects.requireNonNull(text).readAllBytes(), StandardCharsets.UTF_8);
            for (String sql : statements.replace("{database}", database.name()).split("\n--\n")) {
                statement.execute(sql);
            }
        }
        return database;
    }

    private static DatabaseDefinition read(TestDatabase database) throws SQLException {
        try (Connection connection = database.connect()) {
            return DefinitionReader.read(connection, Engine.MARIADB);
        }
    }

    private static TestDatabase copy(DatabaseDefinition definition) throws SQLException {
        TestDatabase copy = TestMariaDb.shared().createDatabase("copy");
        Map<String, String> settings = definition.databaseSettings();
        copy.execute("ALTER DATABASE `%s` CHARACTER SET %s COLLATE %s"
                .formatted(copy.name(), settings.get("character_set"), settings.get("collation")));
        try (Connection connection = copy.connect();
                Statement statement = connection.createStatement()) {
            statement.setEscapeProcessing(false);
            for (String setting : DefinitionSession.settings(Engine.MARIADB)) {
                statement.execute(setting);
            }
            for (DefinitionStatement each : definition.statements()) {
                statement.execute(each.sql());
            }
            for (SequenceValue value : definition.sequences()) {
                String name = SqlScanner.quoted(value.name());
                statement.execute(
                        value.kind() == SequenceValue.Kind.SEQUENCE
                                ? "SELECT setval(" + name + ", " + value.lastValue() + ", 0)"
                                : "ALTER TABLE " + name + " AUTO_INCREMENT = " + value.lastValue());
            }
        }
        return copy;
    }

    private static String texts(DatabaseDefinition definition) {
        List<String> texts = definition.statements().stream()
                .map(each -> each.phase() + " " + each.kind() + " " + each.object() + ": " + each.sql())
                .toList();
        return String.join("\n", texts);
    }

    private static String dump(TestDatabase database) throws IOException, InterruptedException {
        List<String> command = List.of(
                "mariadb-dump",
                "--no-defaults",
                "--host=" + database.host(),
                "--port=" + database.port(),
                "--user=" + database.user(),
                "--no-data",
                "--routines",
                "--events",
                "--triggers",
                "--skip-comments",
                database.name());
        return WitnessProgram.output(command, Map.of("MYSQL_PWD", database.password()))
                .replace(database.name(), "database");
    }
}
