package dev.cdp.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.cdp.app.config.ConfigurationFile;
import dev.cdp.app.daemon.Daemon;
import dev.cdp.embedded.EmbeddedPostgres;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A daemon with its embedded broker, and the commands beside it. */
class RunCommandIT {
    private static final Duration LIMIT = Duration.ofSeconds(90);

    @TempDir
    Path folder;

    private final CommandLineFixture cdp = CommandLineFixture.now();
    private String config;

    @Test
    void aSourceIsTakenUpProtectedAndLetGoWithoutARestart() throws Exception {
        Path file = Files.writeString(
                folder.resolve("cdp.yaml"),
                "sources: {}\ndata-directory: data\narchive: { url: \"file:archive\", commit-interval: 500ms }\n");
        config = "--config=" + file;
        try (EmbeddedPostgres postgres = EmbeddedPostgres.start(folder.resolve("pg"), "secret")) {
            execute(postgres, "CREATE TABLE t (id int PRIMARY KEY, v text)", "INSERT INTO t VALUES (1, 'a')");
            AtomicReference<Throwable> failure = new AtomicReference<>();
            Daemon daemon = new Daemon(ConfigurationFile.read(file, Map.of()), Map.of(), "test", Clock.systemUTC());
            Thread running = runInBackground(daemon, failure);

            Awaitility.await().atMost(LIMIT).until(() -> cdp.run("status", config) == 0);
            assertThat(cdp.run("run", config)).isEqualTo(9);
            assertThat(cdp.err()).contains("error CDP-1003");

            String url = "postgresql://postgres:secret@127.0.0.1:" + postgres.port() + "/postgres";
            assertThat(cdp.run("source", "add", "orders", "--wait", "--url", url, config))
                    .isZero();
            Awaitility.await()
                    .atMost(LIMIT)
                    .until(() -> status().at("/sources/0/state").asText().equals("streaming"));
            long seq = status().at("/sources/0/archived_seq").asLong();
            execute(postgres, "INSERT INTO t VALUES (2, 'b'), (3, 'c')");
            Awaitility.await()
                    .atMost(LIMIT)
                    .until(() -> status().at("/sources/0/archived_seq").asLong() >= seq + 2);
            assertThat(status().at("/daemon/running").asBoolean()).isTrue();

            assertThat(cdp.run("source", "remove", "orders", config)).isZero();
            assertThat(count(postgres, "SELECT count(*) FROM pg_replication_slots"))
                    .isEqualTo("0");
            assertThat(count(postgres, "SELECT count(*) FROM pg_publication")).isEqualTo("0");

            daemon.stop();
            running.join(LIMIT.toMillis());
            assertThat(failure.get()).isNull();
            assertThat(running.isAlive()).isFalse();
        }
    }

    private static Thread runInBackground(Daemon daemon, AtomicReference<Throwable> failure) {
        Thread thread = new Thread(
                () -> {
                    try {
                        daemon.run();
                    } catch (InterruptedException | RuntimeException e) {
                        failure.set(e);
                    }
                },
                "daemon");
        thread.start();
        return thread;
    }

    private JsonNode status() {
        assertThat(cdp.run("status", "--json", config)).isZero();
        return cdp.outJson();
    }

    private static void execute(EmbeddedPostgres postgres, String... statements) throws SQLException {
        try (Connection connection = connect(postgres);
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    private static String count(EmbeddedPostgres postgres, String sql) throws SQLException {
        try (Connection connection = connect(postgres);
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getString(1);
        }
    }

    private static Connection connect(EmbeddedPostgres postgres) throws SQLException {
        return DriverManager.getConnection(postgres.jdbcUrl("postgres"), EmbeddedPostgres.USER, "secret");
    }
}
