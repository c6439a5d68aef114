package dev.cdp.testkit.services;

import dev.cdp.embedded.EmbeddedMariaDb;
import dev.cdp.embedded.MariaDbPackage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * MariaDB for tests. Settings trade durability for speed: the server survives being killed, not the machine. All
 * databases of a server share one binary log.
 */
public final class TestMariaDb implements AutoCloseable {
    public static final String PASSWORD = "test-password";

    private static final AtomicInteger databases = new AtomicInteger();
    private static final String OLDEST = "10.11";
    private static final Shared<TestMariaDb> shared = new Shared<>("mariadb", TestMariaDb::start);
    private static final Shared<TestMariaDb> oldest = new Shared<>("mariadb-" + OLDEST, TestMariaDb::startOldest);
    private static final List<String> OPTIONS = List.of(
            "--innodb-flush-log-at-trx-commit=2",
            "--innodb-buffer-pool-size=64M",
            "--innodb-log-file-size=16M",
            "--max-connections=200");

    private final EmbeddedMariaDb server;
    private final Path directory;

    private TestMariaDb(EmbeddedMariaDb server, Path directory) {
        this.server = server;
        this.directory = directory;
    }

    /** Returns the server that all tests of this JVM share. */
    public static TestMariaDb shared() {
        return shared.service();
    }

    /**
     * Returns the server of the oldest version that is supported, 10.11, which all tests of this JVM share. Maven Central
     * has no package of it; Debian 12 and its like have.
     *
     * @throws IllegalStateException unless it is installed
     */
    public static TestMariaDb oldest() {
        return oldest.service();
    }

    private static TestMariaDb startOldest(Path directory) {
        MariaDbPackage installed = MariaDbPackage.installed()
                .orElseThrow(() -> new IllegalStateException("MariaDB " + OLDEST
                        + " is not installed; -Pversions needs it: apt-get install mariadb-server-core on Debian 12"));
        TestMariaDb server = start(installed, directory, List.of());
        try {
            String version = String.valueOf(server.database("").queryValue("SELECT VERSION()"));
            if (!version.startsWith(OLDEST + ".")) {
                throw new IllegalStateException("Version " + version + " is installed, not " + OLDEST);
            }
            return server;
        } catch (SQLException | RuntimeException failure) {
            server.close();
            throw new IllegalStateException("Cannot use the MariaDB that is installed", failure);
        }
    }

    /** Starts a server that one test has for itself, to stop and to kill; the test closes it. */
    public static TestMariaDb start(Path directory) {
        return start(directory, List.of());
    }

    /** Starts a server with options that win over the usual ones of tests. */
    public static TestMariaDb start(Path directory, List<String> options) {
        return start(MariaDbPackage.find(), directory, options);
    }

    private static TestMariaDb start(MariaDbPackage binaries, Path directory, List<String> options) {
        List<String> all = new ArrayList<>(OPTIONS);
        all.addAll(options);
        return new TestMariaDb(EmbeddedMariaDb.start(binaries, directory, PASSWORD, all), directory);
    }

    /** Returns a new, empty database whose name starts with {@code prefix}. */
    public TestDatabase createDatabase(String prefix) throws SQLException {
        String name = prefix + "_" + databases.incrementAndGet();
        database("").execute("CREATE DATABASE `" + name + "`");
        return database(name);
    }

    /** Returns the database of that name on this server, which need not exist yet; empty for no database at all. */
    public TestDatabase database(String name) {
        return new TestDatabase(name, server.jdbcUrl(name), "127.0.0.1", server.port(), EmbeddedMariaDb.USER, PASSWORD);
    }

    /** Returns the server itself, for tests that own it and stop, kill or restart it. */
    public EmbeddedMariaDb server() {
        return server;
    }

    /** Everything that the server has written to its log of errors. */
    public String log() {
        try {
            return Files.readString(directory.resolve("mariadb.log"), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        server.close();
    }
}
