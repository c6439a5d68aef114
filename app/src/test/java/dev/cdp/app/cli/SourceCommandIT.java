package dev.cdp.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cdp.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A source's life on the command line, without a daemon. */
class SourceCommandIT {
    @TempDir
    static Path server;

    private static EmbeddedPostgres postgres;

    @TempDir
    Path folder;

    private final CommandLineFixture cdp = new CommandLineFixture();
    private Path file;
    private String config;

    @BeforeAll
    static void start() {
        postgres = EmbeddedPostgres.start(server, "secret");
    }

    @AfterAll
    static void stop() {
        postgres.close();
    }

    @BeforeEach
    void configure() throws IOException {
        file = Files.writeString(folder.resolve("cdp.yaml"), "sources: {}\narchive: { url: \"file:archive\" }\n");
        config = "--config=" + file;
    }

    @Test
    void isAddedCheckedMarkedAndRemovedWithoutATrace() throws SQLException {
        String before = count("SELECT count(*) FROM pg_namespace");

        assertThat(cdp.run("source", "add", "orders", "--url", url("postgres"), config))
                .isZero();
        assertThat(cdp.err())
                .contains("CREATE SCHEMA")
                .contains("is written out in the file")
                .doesNotContain("secret");
        assertThat(cdp.out())
                .contains("ok       wal-level: wal_level is logical")
                .contains("next: cdp status");

        assertThat(cdp.run("source", "list", config)).isZero();
        assertThat(cdp.out()).containsPattern("orders +postgresql +127.0.0.1:\\d+/postgres +-");

        assertThat(cdp.run("check", "orders", "--json", config)).isZero();
        assertThat(cdp.outJson().at("/sources/0/checks/0/verdict").asText()).isEqualTo("ok");

        assertThat(cdp.run("mark", "before deploy 42", config)).isZero();
        assertThat(cdp.out()).contains("cdp plan --to \"mark:before deploy 42\"");
        assertThat(count("SELECT name FROM cdp.marker")).isEqualTo("before deploy 42");

        assertThat(cdp.run("source", "remove", "orders", config)).isZero();
        assertThat(count("SELECT count(*) FROM pg_namespace")).isEqualTo(before);
        assertThat(count("SELECT count(*) FROM pg_publication")).isEqualTo("0");
        assertThat(count("SELECT count(*) FROM pg_event_trigger")).isEqualTo("0");
        assertThat(file).content().doesNotContain("orders");
    }

    @Test
    void onlyPrintsWhenAskedTo() throws SQLException {
        assertThat(cdp.run("source", "add", "orders", "--print", "--url", url("postgres"), config))
                .isZero();
        assertThat(cdp.err()).contains("CREATE PUBLICATION");
        assertThat(file).content().doesNotContain("orders");
        assertThat(count("SELECT count(*) FROM pg_publication")).isEqualTo("0");
    }

    @Test
    void namesWhatKeepsItFromTheDatabase() throws IOException {
        int nobody;
        try (ServerSocket socket = new ServerSocket(0)) {
            nobody = socket.getLocalPort();
        }
        assertThat(cdp.run("source", "add", "a", "--url", url("postgres").replace("secret", "wrong"), config))
                .isEqualTo(8);
        assertThat(cdp.err()).contains("error CDP-2002").doesNotContain("wrong").doesNotContain("\tat ");

        assertThat(cdp.run("source", "add", "b", "--url", "postgresql://postgres:x@127.0.0.1:" + nobody + "/d", config))
                .isEqualTo(7);
        assertThat(cdp.err()).contains("error CDP-2001").contains(Integer.toString(nobody));

        assertThat(file).content().doesNotContain("postgresql");

        Files.writeString(
                file,
                "sources: { b: { url: 'postgresql://p@127.0.0.1:" + nobody + "/d' } }\narchive: { url: 'file:a' }\n");
        assertThat(cdp.run("check", config)).isEqualTo(7);
        assertThat(cdp.out()).contains("FAILED   connection");
    }

    private static String url(String database) {
        return "postgresql://postgres:secret@127.0.0.1:" + postgres.port() + "/" + database;
    }

    private static String count(String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection(postgres.jdbcUrl("postgres"), "postgres", "secret");
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getString(1);
        }
    }
}
