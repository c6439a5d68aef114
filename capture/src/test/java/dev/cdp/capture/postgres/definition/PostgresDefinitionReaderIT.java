package dev.cdp.capture.postgres.definition;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cdp.core.Engine;
import dev.cdp.core.definition.DatabaseDefinition;
import dev.cdp.core.definition.DefinitionSession;
import dev.cdp.core.definition.DefinitionStatement;
import dev.cdp.core.definition.DefinitionStatement.Phase;
import dev.cdp.core.definition.SequenceValue;
import dev.cdp.testkit.objects.PgDump;
import dev.cdp.testkit.objects.RichPostgres;
import dev.cdp.testkit.services.TestDatabase;
import dev.cdp.testkit.services.TestPostgres;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class PostgresDefinitionReaderIT {
    @Test
    void makesTheSameDatabaseAgainInVersion15() throws Exception {
        TestDatabase original = database(15);

        DatabaseDefinition definition = read(original);
        TestDatabase copy = copy(TestPostgres.version15(), definition);

        assertEqual(read(copy), definition);
    }

    @Test
    void makesTheSameDatabaseAgainInVersion18() throws Exception {
        TestDatabase original = database(18);

        DatabaseDefinition definition = read(original);
        TestDatabase copy = copy(TestPostgres.version18(), definition);

        assertEqual(read(copy), definition);
    }

    @Test
    @Tag("witness")
    void makesWhatPgDumpCannotTellFromTheOriginal() throws Exception {
        TestDatabase original = database(15);

        TestDatabase copy = copy(TestPostgres.version15(), read(original));

        assertThat(PgDump.schemaOf(copy)).isEqualTo(PgDump.schemaOf(original));
    }

    @Test
    void leavesOutWhatItCannotMakeWithAllThatNeedsIt() throws Exception {
        TestDatabase original = database(18);
        RichPostgres.run(original, PostgresDefinitionReaderIT.class, "beyond-pg-dump.sql");

        DatabaseDefinition definition = read(original);

        assertThat(definition.unprotected())
                .containsExactly(
                        "Not kept: foreign server elsewhere",
                        "Not kept: foreign-data wrapper nowhere",
                        "Not protected: foreign table public.remote; its rows live in another server",
                        "Not protected: rows of unlogged table public.scratch; PostgreSQL does not log them,"
                                + " a restore makes the table empty",
                        "Not protected: view public.over_over_remote, because it needs view public.over_remote,"
                                + " which is not kept",
                        "Not protected: view public.over_remote, because it needs foreign table public.remote,"
                                + " which is not kept");
        DatabaseDefinition again = read(copy(TestPostgres.version18(), definition));
        assertThat(again.statements()).isEqualTo(definition.statements());
    }

    @Test
    void readsNothingOfOurOwn() throws Exception {
        TestDatabase original = database(15);

        DatabaseDefinition definition = read(original);

        assertThat(definition.statements())
                .noneMatch(each -> each.sql().contains("cdp.")
                        || each.sql().contains("cdp_ddl")
                        || each.sql().contains("cdp_all"));
    }

    @Test
    void readsInsideTheTransactionOfTheCaller() throws Exception {
        TestDatabase database = TestPostgres.version15().createDatabase("inside");
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute("SET search_path = public");
            statement.execute("CREATE TABLE uncommitted (id int)");

            DatabaseDefinition definition = PostgresDefinitionReader.read(connection);

            assertThat(definition.in(Phase.BEFORE_DATA))
                    .extracting(DefinitionStatement::object)
                    .contains("public.uncommitted");
            statement.execute("SELECT * FROM uncommitted");
        }
    }

    @Test
    void readsWhileObjectsComeAndGo() throws Exception {
        TestDatabase database = TestPostgres.version18().createDatabase("busy");
        database.execute("CREATE TABLE steady (id int PRIMARY KEY)");
        AtomicBoolean ended = new AtomicBoolean();
        CompletableFuture<Void> application = CompletableFuture.runAsync(() -> {
            while (!ended.get()) {
                comeAndGo(database);
            }
        });
        try {
            for (int i = 0; i < 5; i++) {
                assertThat(read(database).statements())
                        .extracting(DefinitionStatement::object)
                        .contains("public.steady", "steady_pkey ON public.steady");
            }
        } finally {
            ended.set(true);
        }
        assertThat(application).succeedsWithin(Duration.ofSeconds(10));
    }

    private static void comeAndGo(TestDatabase database) {
        try {
            database.execute(
                    "CREATE TABLE passing (id serial PRIMARY KEY, v text DEFAULT 'x' CHECK (v <> ''))",
                    "CREATE INDEX ON passing (v)",
                    "CREATE VIEW over_passing AS SELECT * FROM passing",
                    "CREATE FUNCTION passing() RETURNS int LANGUAGE sql AS 'SELECT 1'",
                    "DROP FUNCTION passing()",
                    "DROP TABLE passing CASCADE");
        } catch (SQLException failure) {
            throw new IllegalStateException("The application must not fail because of the reader", failure);
        }
    }

    @Test
    void runsGrantsOnlyForRolesThatExist() throws Exception {
        TestDatabase original = TestPostgres.version15().createDatabase("grants");
        original.execute(
                "CREATE ROLE cdp_test_gone",
                "CREATE TABLE shared (id int)",
                "GRANT SELECT ON shared TO cdp_test_gone, PUBLIC");
        DatabaseDefinition definition = read(original);
        original.execute("DROP OWNED BY cdp_test_gone", "DROP ROLE cdp_test_gone");

        TestDatabase copy = copy(TestPostgres.version15(), definition);

        assertThat(copy.queryValue("SELECT relacl::text FROM pg_class WHERE relname = 'shared'"))
                .isEqualTo("{postgres=arwdDxt/postgres,=r/postgres}");
    }

    private static TestDatabase database(int version) throws SQLException {
        TestPostgres server = version == 15 ? TestPostgres.version15() : TestPostgres.version18();
        TestDatabase database = server.createDatabase("rich");
        RichPostgres.create(database, version);
        RichPostgres.run(database, PostgresDefinitionReaderIT.class, "ours.sql");
        return database;
    }

    private static DatabaseDefinition read(TestDatabase database) throws SQLException {
        try (Connection connection = database.connect()) {
            return PostgresDefinitionReader.read(connection);
        }
    }

    private static TestDatabase copy(TestPostgres server, DatabaseDefinition definition) throws SQLException {
        TestDatabase copy = server.createDatabase("copy");
        try (Connection connection = copy.connect();
                Statement statement = connection.createStatement()) {
            statement.setEscapeProcessing(false);
            for (String setting : DefinitionSession.settings(Engine.POSTGRESQL)) {
                statement.execute(setting);
            }
            for (DefinitionStatement each : definition.statements()) {
                statement.execute(each.sql());
            }
            for (SequenceValue value : definition.sequences()) {
                setSequence(connection, value);
            }
        }
        return copy;
    }

    private static void setSequence(Connection connection, SequenceValue value) throws SQLException {
        String sql = "SELECT setval(format('%I.%I', ?::text, ?::text)::regclass, ?, ?)";
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, value.schema());
            statement.setString(2, value.name());
            statement.setLong(3, value.lastValue());
            statement.setBoolean(4, value.called());
            statement.execute();
        }
    }

    private static void assertEqual(DatabaseDefinition actual, DatabaseDefinition expected) {
        assertThat(actual.statements()).hasSizeGreaterThan(250);
        assertThat(texts(actual)).isEqualTo(texts(expected));
        assertThat(actual).isEqualTo(expected);
    }

    /** The statements one below the other, since a difference is easier to see in text than in records. */
    private static String texts(DatabaseDefinition definition) {
        List<String> texts = definition.statements().stream()
                .map(each -> each.phase() + ": " + each.sql())
                .toList();
        return String.join("\n", texts);
    }
}
