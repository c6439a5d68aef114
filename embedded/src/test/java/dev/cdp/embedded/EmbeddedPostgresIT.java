package dev.cdp.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedPostgresIT {
    private static final String PASSWORD = "it's secret";
    private static final Duration LIMIT = Duration.ofSeconds(30);

    @TempDir
    static Path directory;

    private static EmbeddedPostgres postgres;

    @BeforeAll
    static void start() {
        postgres = EmbeddedPostgres.start(
                PostgresPackage.bundled(), directory, PASSWORD, Map.of("fsync", "off", "cluster_name", "it's"));
    }

    @AfterAll
    static void stop() {
        postgres.close();
    }

    @Test
    void isReadyToBeCaptured() throws SQLException {
        assertThat(answer("SHOW server_version")).startsWith("18.");
        assertThat(answer("SHOW wal_level")).isEqualTo("logical");
        assertThat(answer("SHOW max_replication_slots")).isEqualTo("20");
        assertThat(answer("SHOW max_wal_senders")).isEqualTo("20");
        assertThat(answer("SHOW listen_addresses")).isEqualTo("127.0.0.1");
        assertThat(answer("SHOW server_encoding")).isEqualTo("UTF8");
        assertThat(answer("SELECT slot_name FROM pg_create_logical_replication_slot('try', 'pgoutput', true)"))
                .isEqualTo("try");
    }

    @Test
    void stopsAServerThatAKilledProcessLeftRunning(@TempDir Path other) throws Exception {
        EmbeddedPostgres.start(other, PASSWORD).close();
        Path program = PostgresPackage.bundled().unpacked().resolve("bin/postgres");
        Path logFile = other.resolve("postgresql.log");
        ServerProcess leftover = ServerProcess.start(
                ServerUser.ableToRun(program, logFile)
                        .command(program, "-D", other.resolve("data").toString()),
                other,
                logFile);
        leftover.awaitReady(() -> leftover.output().contains("ready to accept connections"), LIMIT);

        EmbeddedPostgres again = EmbeddedPostgres.start(other, PASSWORD);

        assertThat(leftover.awaitExit(LIMIT)).isTrue();
        assertThatCode(() -> DriverManager.getConnection(again.jdbcUrl("postgres"), EmbeddedPostgres.USER, PASSWORD)
                        .close())
                .doesNotThrowAnyException();
        again.close();
    }

    @Test
    void takesTheSettingsAskedFor() throws SQLException {
        assertThat(answer("SHOW fsync")).isEqualTo("off");
        assertThat(answer("SHOW cluster_name")).isEqualTo("it's");
    }

    @Test
    void refusesAWrongPassword() {
        assertThatThrownBy(() -> connect("wrong"))
                .isInstanceOf(SQLException.class)
                .hasMessageContaining("password authentication failed");
    }

    @Test
    void keepsItsDataThroughACrashAndARestart() throws SQLException {
        answer("CREATE TABLE kept AS SELECT 1 AS id; SELECT 1");

        postgres.kill();
        assertThatThrownBy(() -> connect(PASSWORD)).isInstanceOf(SQLException.class);
        postgres.restart();
        assertThat(answer("SELECT id FROM kept")).isEqualTo("1");

        int port = postgres.port();
        postgres.close();
        postgres = EmbeddedPostgres.start(directory, PASSWORD);
        assertThat(answer("SELECT id FROM kept")).isEqualTo("1");
        assertThat(postgres.port()).isEqualTo(port);
    }

    @Test
    void refusesADirectoryThatIsInUse() {
        assertThatThrownBy(() -> EmbeddedPostgres.start(directory, PASSWORD))
                .isInstanceOf(EmbeddedServiceException.class)
                .hasMessageContaining("in use")
                .hasMessageContaining(directory.toString());
    }

    @Test
    void saysWhatTheServerSaidWhenItDoesNotStart(@TempDir Path other) {
        assertThatThrownBy(() -> EmbeddedPostgres.start(
                        PostgresPackage.bundled(), other, PASSWORD, Map.of("max_connections", "none")))
                .isInstanceOf(EmbeddedServiceException.class)
                .hasMessageContaining("invalid value for parameter \"max_connections\"");
    }

    private static String answer(String sql) throws SQLException {
        try (Connection connection = connect(PASSWORD);
                Statement statement = connection.createStatement()) {
            boolean rows = statement.execute(sql);
            while (!rows) {
                rows = statement.getMoreResults();
            }
            ResultSet first = statement.getResultSet();
            first.next();
            return first.getString(1);
        }
    }

    private static Connection connect(String password) throws SQLException {
        return DriverManager.getConnection(postgres.jdbcUrl("postgres"), EmbeddedPostgres.USER, password);
    }
}
