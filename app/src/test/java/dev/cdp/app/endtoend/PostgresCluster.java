package dev.cdp.app.endtoend;

import static org.awaitility.Awaitility.await;

import dev.cdp.testkit.services.TestDatabase;
import dev.cdp.testkit.services.TestPostgres;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/** A PostgreSQL server whose data files are copied: to be put back later, or to run as a standby that is promoted. */
final class PostgresCluster implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Path folder;
    private final TestPostgres server;

    /** What a standby is made with. */
    enum Slots {
        /** As a backup leaves them out. */
        LEFT_OUT,
        /** As they stand in the primary's files. */
        COPIED
    }

    private PostgresCluster(Path folder, TestPostgres server) {
        this.folder = folder;
        this.server = server;
    }

    static PostgresCluster start(Path folder) {
        return new PostgresCluster(folder, TestPostgres.start18(folder));
    }

    TestDatabase database(String name) {
        return server.database(name);
    }

    TestDatabase createDatabase(String prefix) throws SQLException {
        return server.createDatabase(prefix);
    }

    void stop() {
        server.server().stop();
    }

    void restart() {
        server.server().restart();
    }

    /** A copy of the data files as they are now, taken with the server down for a moment. */
    Path copyData(Path to) throws IOException {
        stop();
        copy(folder.resolve("data"), to, Slots.COPIED);
        restart();
        return to;
    }

    /** Puts an older copy in the place of the data files, as somebody does who restores a file system. */
    void putBack(Path copy) throws IOException {
        stop();
        Path data = folder.resolve("data");
        Files.move(data, folder.resolve("data-before-" + System.nanoTime()));
        copy(copy, data, Slots.COPIED);
        restart();
    }

    /** A standby that follows this server, made by a backup and a copy of files. */
    PostgresCluster standby(Path to, Slots slots, Map<String, String> settings) throws IOException, SQLException {
        Files.createDirectories(to);
        TestDatabase postgres = server.database("postgres");
        try (Connection connection = postgres.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("SELECT pg_backup_start('standby', true)");
            copy(folder.resolve("data"), to.resolve("data"), slots);
            try (ResultSet row = statement.executeQuery("SELECT labelfile FROM pg_backup_stop(false)")) {
                row.next();
                Files.writeString(to.resolve("data").resolve("backup_label"), row.getString(1));
            }
        }
        Files.createFile(to.resolve("data").resolve("standby.signal"));
        Map<String, String> all = new HashMap<>(settings);
        all.put(
                "primary_conninfo",
                "host=127.0.0.1 port=%d user=%s password=%s dbname=postgres"
                        .formatted(postgres.port(), postgres.user(), postgres.password()));
        return new PostgresCluster(to, TestPostgres.start18(to, all));
    }

    /** Returns when this standby has everything that is committed on the primary by now. */
    void catchUpWith(PostgresCluster primary) throws SQLException {
        String written = primary.database("postgres").queryValue("SELECT pg_current_wal_lsn()");
        await("replication").atMost(PATIENCE).until(() -> "t"
                .equals(database("postgres").queryValue("SELECT pg_last_wal_replay_lsn() >= '" + written + "'")));
    }

    void promote() throws SQLException {
        database("postgres").execute("SELECT pg_promote()");
    }

    private static void copy(Path from, Path to, Slots slots) throws IOException {
        Path slotFiles = from.resolve("pg_replslot");
        Files.walkFileTree(from, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) throws IOException {
                if (slots == Slots.LEFT_OUT && slotFiles.equals(folder.getParent())) {
                    return FileVisitResult.SKIP_SUBTREE;
                }
                Files.copy(folder, to.resolve(from.relativize(folder)), StandardCopyOption.COPY_ATTRIBUTES);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                if (!file.getFileName().toString().equals("postmaster.pid")) {
                    try {
                        Files.copy(file, to.resolve(from.relativize(file)), StandardCopyOption.COPY_ATTRIBUTES);
                    } catch (NoSuchFileException goneMeanwhile) {
                        return FileVisitResult.CONTINUE;
                    }
                }
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException failure) {
                return FileVisitResult.CONTINUE; // what vanished while it was copied is in the log
            }
        });
    }

    @Override
    public void close() {
        server.close();
    }
}
