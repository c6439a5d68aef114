package dev.cdp.capture.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.cdp.capture.CheckFinding;
import dev.cdp.capture.CheckFinding.Verdict;
import dev.cdp.capture.source.DatabaseAddress;
import dev.cdp.capture.source.TableScope;
import dev.cdp.core.SourceId;
import dev.cdp.testkit.services.TestDatabase;
import dev.cdp.testkit.services.TestPostgres;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;

/** A database of its own that is broken and mended. Does what is printed, as a superuser, line by line. */
final class CheckTrial implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int ROUNDS = 3;

    private final TestPostgres server;
    private TestDatabase database;
    private PostgresSource source;

    CheckTrial(TestPostgres server) throws SQLException {
        this.server = server;
        useNewDatabase();
    }

    TestDatabase database() {
        return database;
    }

    PostgresSource source() {
        return source;
    }

    void execute(String... statements) throws SQLException {
        database.execute(statements);
    }

    void useNewDatabase() throws SQLException {
        database = server.createDatabase("check");
        source = superusers();
        execute("CREATE TABLE t (id int PRIMARY KEY)", "INSERT INTO t VALUES (1)");
        source.install();
    }

    /** As cdp cannot capture it. */
    void useAsciiDatabase() throws SQLException {
        String name = database.name() + "_ascii";
        execute("CREATE DATABASE " + name + " ENCODING 'SQL_ASCII' TEMPLATE template0");
        database = server.database(name);
        source = superusers();
        source.install();
    }

    /** As somebody would in the configuration and then add the source again. */
    void leaveOut(String tables) {
        source = source(database.user(), database.password(), new TableScope(List.of(), List.of(tables)));
        source.install();
    }

    private PostgresSource superusers() {
        return source(database.user(), database.password(), TableScope.ALL);
    }

    private PostgresSource source(String user, String password, TableScope scope) {
        return new PostgresSource(
                new SourceId(database.name().replace('_', '-')),
                new DatabaseAddress(database.host(), database.port(), database.name(), user, password),
                "cdp_" + database.name(),
                scope);
    }

    /** From now on the source is looked at by a user who has what is needed, and then these done to him. */
    void asReader(String... statements) throws SQLException {
        String user = "reader_" + database.name();
        execute("CREATE ROLE " + user + " LOGIN REPLICATION PASSWORD 'secret'", "GRANT SELECT ON t TO " + user);
        execute(
                "GRANT USAGE ON SCHEMA cdp TO " + user,
                "GRANT SELECT, UPDATE, DELETE ON ALL TABLES IN SCHEMA cdp TO " + user);
        source = source(user, "secret", TableScope.ALL);
        for (String statement : statements) {
            execute(statement.formatted(user));
        }
    }

    void set(String setting, String value) throws SQLException {
        execute("ALTER SYSTEM SET " + setting + " = '" + value + "'", "SELECT pg_reload_conf()");
    }

    void setAndRestart(String setting, String value) throws SQLException {
        execute("ALTER SYSTEM SET " + setting + " = '" + value + "'");
        restart();
    }

    private void restart() {
        server.server().stop();
        server.server().restart();
    }

    void setVersion(int version) throws SQLException {
        execute("CREATE OR REPLACE FUNCTION cdp.version() RETURNS int LANGUAGE sql AS 'SELECT " + version + "'");
    }

    void loseSlot() throws SQLException {
        source.anchor().close();
        set("max_slot_wal_keep_size", "1MB");
        await().atMost(PATIENCE).until(() -> {
            execute(
                    "SELECT pg_logical_emit_message(false, 'load', repeat('x', 100000))",
                    "SELECT pg_switch_wal()",
                    "CHECKPOINT");
            return isWrong(PostgresCheck.SLOT);
        });
        execute("ALTER SYSTEM RESET max_slot_wal_keep_size", "SELECT pg_reload_conf()");
    }

    boolean isWrong(PostgresCheck check) {
        return wrong().stream().anyMatch(finding -> finding.of() == check);
    }

    List<CheckFinding> wrong() {
        return source.check().stream()
                .filter(finding -> finding.verdict() != Verdict.OK)
                .toList();
    }

    /** Where a mend brings the next thing to light, that one is mended too. */
    void mendAll() throws SQLException {
        for (int round = 0; round < ROUNDS; round++) {
            for (CheckFinding finding : wrong()) {
                for (String step : finding.mend().lines().toList()) {
                    mend(step);
                }
            }
        }
    }

    private void mend(String step) throws SQLException {
        if (step.endsWith(";")) {
            execute(step);
        } else if (step.equals("then restart the server")) {
            restart();
        } else if (step.contains("cdp source add ") && !step.contains("source remove")) {
            assertThat(step).contains("cdp source add " + database.name().replace('_', '-'));
            prepareAsPrinted();
        } else if (step.startsWith("Start the daemon")) {
            superusers().anchor().close();
        }
    }

    /** What {@code cdp source add --print} prints, on one connection. */
    private void prepareAsPrinted() throws SQLException {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            statement.setEscapeProcessing(false);
            for (String sql : superusers().installStatements()) {
                statement.execute(sql + ";");
            }
        }
    }

    @Override
    public void close() {
        superusers().uninstall(); // with the slot, which would keep the server from starting with another wal_level
    }
}
