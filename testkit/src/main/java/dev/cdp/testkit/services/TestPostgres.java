package dev.cdp.testkit.services;

import dev.cdp.embedded.EmbeddedPostgres;
import dev.cdp.embedded.PostgresPackage;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * PostgreSQL for tests: the oldest and the newest version that is supported, both in one JVM where needed. Settings
 * trade durability for speed: the server survives being killed, not the machine.
 */
public final class TestPostgres implements AutoCloseable {
    public static final String PASSWORD = "test-password";

    private static final AtomicInteger databases = new AtomicInteger();
    private static final Shared<TestPostgres> shared15 = new Shared<>("postgresql-15", TestPostgres::start15);
    private static final Shared<TestPostgres> shared18 = new Shared<>("postgresql-18", TestPostgres::start18);
    private static final Map<String, String> SETTINGS = Map.of(
            "fsync", "off",
            "full_page_writes", "off",
            "shared_buffers", "64MB",
            "max_replication_slots", "60",
            "max_wal_senders", "60",
            "max_connections", "200",
            "max_prepared_transactions", "10");

    private final EmbeddedPostgres server;

    private TestPostgres(EmbeddedPostgres server) {
        this.server = server;
    }

    /** Returns the server of version 15 that all tests of this JVM share. */
    public static TestPostgres version15() {
        return shared15.service();
    }

    /** Returns the server of version 18 that all tests of this JVM share. */
    public static TestPostgres version18() {
        return shared18.service();
    }

    /** Starts a server of version 15 that one test has for itself, to stop and to kill; the test closes it. */
    public static TestPostgres start15(Path directory) {
        return start15(directory, Map.of());
    }

    /** Starts a server of version 15 with settings that win over the usual ones of tests. */
    public static TestPostgres start15(Path directory, Map<String, String> settings) {
        URL archive = TestPostgres.class.getResource("postgresql-15/postgres-linux-x86_64.txz");
        return start(PostgresPackage.of(Objects.requireNonNull(archive)), directory, settings);
    }

    /** Starts a server of version 18 that one test has for itself, to stop and to kill; the test closes it. */
    public static TestPostgres start18(Path directory) {
        return start18(directory, Map.of());
    }

    /** Starts a server of version 18 with settings that win over the usual ones of tests. */
    public static TestPostgres start18(Path directory, Map<String, String> settings) {
        return start(PostgresPackage.bundled(), directory, settings);
    }

    /**
     * Starts a server of a version that only {@code -Pversions} brings: 14, 16 or 17.
     *
     * @throws IllegalStateException without that profile
     */
    public static TestPostgres start(int version, Path directory) {
        URL archive = TestPostgres.class.getResource("postgresql-" + version + "/postgres-linux-x86_64.txz");
        if (archive == null) {
            throw new IllegalStateException("PostgreSQL " + version + " is only there with -Pversions");
        }
        return start(PostgresPackage.of(archive), directory, Map.of());
    }

    private static TestPostgres start(PostgresPackage binaries, Path directory, Map<String, String> settings) {
        Map<String, String> all = new HashMap<>(SETTINGS);
        all.putAll(settings);
        boolean isNew = Files.notExists(directory.resolve("data")); // a copy, or a standby, has the role as it is
        TestPostgres started = new TestPostgres(EmbeddedPostgres.start(binaries, directory, PASSWORD, all));
        if (isNew) {
            started.makePasswordCheap();
        }
        return started;
    }

    private void makePasswordCheap() {
        try {
            database("postgres")
                    .execute("ALTER ROLE " + EmbeddedPostgres.USER + " PASSWORD '" + CheapPassword.verifierOf(PASSWORD)
                            + "'");
        } catch (SQLException e) {
            close();
            throw new IllegalStateException("Cannot set the password", e);
        }
    }

    /** Returns a new, empty database whose name starts with {@code prefix}. */
    public TestDatabase createDatabase(String prefix) throws SQLException {
        String name = prefix + "_" + databases.incrementAndGet();
        database("postgres").execute("CREATE DATABASE \"" + name + "\"");
        return database(name);
    }

    /** Returns the database of that name on this server, which need not exist yet. */
    public TestDatabase database(String name) {
        return new TestDatabase(
                name, server.jdbcUrl(name), "127.0.0.1", server.port(), EmbeddedPostgres.USER, PASSWORD);
    }

    /** Returns the server itself, for tests that own it and stop, kill or restart it. */
    public EmbeddedPostgres server() {
        return server;
    }

    @Override
    public void close() {
        server.close();
    }
}
