package dev.cdp.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedMariaDbIT {
    private static final String PASSWORD = "it's \\ secret";

    @TempDir
    static Path directory;

    private static EmbeddedMariaDb mariaDb;

    @BeforeAll
    static void start() {
        mariaDb = EmbeddedMariaDb.start(
                MariaDbPackage.find(), directory, PASSWORD, List.of("--server-id=7", "--innodb-log-file-size=8M"));
    }

    @AfterAll
    static void stop() {
        mariaDb.close();
    }

    @Test
    void isReadyToBeCaptured() throws SQLException {
        assertThat(answer("SELECT version()")).startsWith("11.4.");
        assertThat(answer("SELECT @@log_bin")).isEqualTo("1");
        assertThat(answer("SELECT @@binlog_format")).isEqualTo("ROW");
        assertThat(answer("SELECT @@binlog_row_image")).isEqualTo("FULL");
        assertThat(answer("SELECT @@binlog_row_metadata")).isEqualTo("FULL");
        assertThat(answer("SELECT @@gtid_strict_mode")).isEqualTo("1");
        assertThat(answer("SELECT @@bind_address")).isEqualTo("127.0.0.1");
        assertThat(answer("SELECT @@character_set_server")).isEqualTo("utf8mb4");
    }

    @Test
    void takesTheOptionsAskedFor() throws SQLException {
        assertThat(answer("SELECT @@server_id")).isEqualTo("7");

        answer("CREATE OR REPLACE TABLE mysql.numbered (id int)");

        assertThat(answer("SELECT @@gtid_binlog_pos")).startsWith("0-7-");
    }

    @Test
    void refusesAWrongPasswordAndWhatWasNotGranted() throws SQLException {
        assertThatThrownBy(() -> connect(EmbeddedMariaDb.USER, "wrong"))
                .isInstanceOf(SQLException.class)
                .hasMessageContaining("Access denied");
        assertThatThrownBy(() -> connect("somebody", "")).isInstanceOf(SQLException.class);

        answer("CREATE USER reader@'127.0.0.1' IDENTIFIED BY 'reader'");

        try (Connection reader = DriverManager.getConnection(mariaDb.jdbcUrl(""), "reader", "reader");
                Statement statement = reader.createStatement()) {
            assertThatThrownBy(() -> statement.execute("CREATE DATABASE mine")).hasMessageContaining("Access denied");
        }
        assertThat(answer("SELECT group_concat(user ORDER BY user) FROM mysql.user"))
                .isEqualTo("mariadb.sys,reader,root");
    }

    @Test
    void keepsItsDataThroughACrashAndARestart() throws SQLException {
        answer("CREATE DATABASE kept");
        answer("CREATE TABLE kept.item AS SELECT 1 AS id");

        mariaDb.kill();
        assertThatThrownBy(() -> connect(EmbeddedMariaDb.USER, PASSWORD)).isInstanceOf(SQLException.class);
        mariaDb.restart();
        assertThat(answer("SELECT id FROM kept.item")).isEqualTo("1");

        int port = mariaDb.port();
        mariaDb.close();
        mariaDb = EmbeddedMariaDb.start(MariaDbPackage.find(), directory, PASSWORD, List.of("--server-id=7"));
        assertThat(answer("SELECT id FROM kept.item")).isEqualTo("1");
        assertThat(mariaDb.port()).isEqualTo(port);
    }

    @Test
    void stopsAServerThatAKilledProcessLeftRunning(@TempDir Path other) throws Exception {
        EmbeddedMariaDb.start(other, PASSWORD).close();
        Path base = MariaDbPackage.find().programs().baseDirectory();
        Process leftover = new ProcessBuilder(
                        base.resolve("bin/mariadbd").toString(),
                        "--no-defaults",
                        "--basedir=" + base,
                        "--datadir=" + other.resolve("data"),
                        "--user=" + System.getProperty("user.name"),
                        "--skip-networking",
                        "--skip-ssl",
                        "--socket=other.sock",
                        "--pid-file=mariadb.pid")
                .redirectErrorStream(true)
                .start();
        leftover.inputReader().lines().anyMatch(line -> line.contains("ready for connections"));

        EmbeddedMariaDb.start(other, PASSWORD).close();

        assertThat(leftover.isAlive()).isFalse();
    }

    @Test
    void refusesADirectoryThatIsInUse() {
        assertThatThrownBy(() -> EmbeddedMariaDb.start(directory, PASSWORD))
                .isInstanceOf(EmbeddedServiceException.class)
                .hasMessageContaining("in use")
                .hasMessageContaining(directory.toString());
    }

    @Test
    void saysWhatTheServerSaidWhenItDoesNotStart(@TempDir Path other) {
        assertThatThrownBy(() ->
                        EmbeddedMariaDb.start(MariaDbPackage.find(), other, PASSWORD, List.of("--no-such-option=1")))
                .isInstanceOf(EmbeddedServiceException.class)
                .hasMessageContaining("unknown variable 'no-such-option=1'");
    }

    private static String answer(String sql) throws SQLException {
        try (Connection connection = connect(EmbeddedMariaDb.USER, PASSWORD);
                Statement statement = connection.createStatement()) {
            if (!statement.execute(sql)) {
                return "";
            }
            ResultSet result = statement.getResultSet();
            result.next();
            return result.getString(1);
        }
    }

    private static Connection connect(String user, String password) throws SQLException {
        return DriverManager.getConnection(mariaDb.jdbcUrl(""), user, password);
    }
}
