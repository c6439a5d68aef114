package dev.cdp.embedded;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A PostgreSQL server from a package, ready to be captured ({@code wal_level=logical}), that listens on 127.0.0.1 and
 * on a socket in its own directory. Its only role is the superuser {@link #USER}, with the password given.
 *
 * <p>The directory holds {@code data} (PostgreSQL's own), {@code postgresql.log} and {@code port}. A port once chosen
 * is kept as long as it is free. Safe for use by several threads.
 */
public final class EmbeddedPostgres implements AutoCloseable {
    public static final String USER = "postgres";

    private static final Logger log = LoggerFactory.getLogger(EmbeddedPostgres.class);
    private static final Duration LIMIT = Duration.ofSeconds(90);
    private static final int LONGEST_SOCKET_PATH = 107;
    private static final Map<String, String> SETTINGS = Map.of(
            "listen_addresses", "127.0.0.1",
            "wal_level", "logical",
            "max_wal_senders", "20",
            "max_replication_slots", "20");

    private final Object lifeCycle = new Object();
    private final Path directory;
    private final Path programs;
    private final ServerUser user;
    private final DirectoryLock lock;
    private final StopAtExit stopAtExit;
    private final int port;
    private @Nullable ServerProcess server;

    private EmbeddedPostgres(Path directory, Path programs, ServerUser user, DirectoryLock lock, int port) {
        this.directory = directory;
        this.programs = programs;
        this.user = user;
        this.lock = lock;
        this.port = port;
        this.stopAtExit = StopAtExit.register("embedded-postgres-stop", this::stop);
    }

    /** Starts the bundled version with PostgreSQL's own settings, apart from what capture needs. */
    public static EmbeddedPostgres start(Path directory, String password) {
        return start(PostgresPackage.bundled(), directory, password, Map.of());
    }

    /**
     * Starts a server on {@code directory}, which is made ready when it holds no database yet. A server that a killed
     * process left running there is stopped first.
     *
     * @param password of {@link #USER}; takes effect only when the directory is made ready
     * @param settings as in {@code postgresql.conf}, such as {@code fsync} to {@code off}; they win over ours
     * @throws EmbeddedServiceException if another process uses the directory, or the server does not come up
     */
    public static EmbeddedPostgres start(
            PostgresPackage binaries, Path directory, String password, Map<String, String> settings) {
        Path home = directory.toAbsolutePath();
        DirectoryLock lock = DirectoryLock.acquire(home);
        try {
            Path programs = binaries.unpacked().resolve("bin");
            ServerUser user = ServerUser.ableToRun(programs.resolve("postgres"), logFile(home));
            prepare(home, programs, user, password);
            int port = FreePort.remembered(home.resolve("port"));
            writeSettings(home, port, settings);
            user.take(home);
            return new EmbeddedPostgres(home, programs, user, lock, port).started();
        } catch (IOException failure) {
            lock.close();
            throw EmbeddedServiceException.failed("Cannot prepare PostgreSQL in '" + home + "'", home, failure);
        } catch (RuntimeException failure) {
            lock.close();
            throw failure;
        }
    }

    private static void prepare(Path home, Path programs, ServerUser user, String password) throws IOException {
        Path data = home.resolve("data");
        if (Files.exists(data)) {
            return;
        }
        Files.setPosixFilePermissions(home, PosixFilePermissions.fromString("rwx------"));
        Path unfinished = home.resolve("data.unfinished");
        PackageCache.deleteTree(unfinished);
        Files.createDirectory(unfinished);
        Path passwordFile = Files.writeString(home.resolve("password"), password);
        try {
            user.take(home);
            List<String> initdb = user.command(
                    programs.resolve("initdb"),
                    "--pgdata=" + unfinished,
                    "--username=" + USER,
                    "--pwfile=" + passwordFile,
                    "--auth=scram-sha-256",
                    "--encoding=UTF8",
                    "--no-locale",
                    "--no-sync");
            ServerProcess.run(initdb, home, logFile(home), LIMIT);
        } finally {
            Files.delete(passwordFile);
        }
        Path main = unfinished.resolve("postgresql.conf");
        Files.writeString(main, Files.readString(main) + "\ninclude 'cdp.conf'\n");
        Files.move(unfinished, data, StandardCopyOption.ATOMIC_MOVE);
    }

    /** Not on the command line, so that ALTER SYSTEM and a reload still have the last word. */
    private static void writeSettings(Path home, int port, Map<String, String> settings) throws IOException {
        Map<String, String> all = new TreeMap<>(SETTINGS);
        all.putAll(settings);
        all.put("port", Integer.toString(port));
        boolean socketFits = (home + "/.s.PGSQL." + port).length() <= LONGEST_SOCKET_PATH;
        all.put("unix_socket_directories", socketFits ? home.toString() : "");
        List<String> lines = new ArrayList<>();
        all.forEach((name, value) -> lines.add(name + " = '" + value.replace("'", "''") + "'"));
        Files.write(home.resolve("data").resolve("cdp.conf"), lines);
    }

    private EmbeddedPostgres started() {
        try {
            restart();
            return this;
        } catch (RuntimeException failure) {
            close();
            throw failure;
        }
    }

    /** Starts the server again after {@link #stop} or {@link #kill}, on the same port. Does nothing if it runs. */
    public void restart() {
        synchronized (lifeCycle) {
            if (server != null && server.isAlive()) {
                return;
            }
            stopLeftover();
            ServerProcess started = ServerProcess.start(
                    user.command(programs.resolve("postgres"), "-D", data().toString()), directory, logFile(directory));
            started.awaitReady(() -> isReady(started), LIMIT);
            server = started;
            log.info("PostgreSQL runs on 127.0.0.1:{} with its data in {}", port, data());
        }
    }

    private void stopLeftover() {
        if (Files.exists(data().resolve("postmaster.pid")) && serverAnswersControl()) {
            log.warn("Stop a PostgreSQL that a process left running in {}", data());
            control("stop", "--mode=fast");
        }
    }

    private boolean serverAnswersControl() {
        try {
            control("status");
            return true;
        } catch (EmbeddedServiceException notRunning) {
            return false;
        }
    }

    /** The last line of {@code postmaster.pid} tells; {@code pg_ctl start --wait} looks there too. */
    private boolean isReady(ServerProcess started) {
        try {
            List<String> lines = Files.readAllLines(data().resolve("postmaster.pid"));
            return lines.size() >= 8
                    && lines.get(0).strip().equals(Long.toString(started.pid()))
                    && lines.get(7).strip().equals("ready");
        } catch (IOException notWrittenYet) {
            return false;
        }
    }

    public int port() {
        return port;
    }

    /** Returns an address without user and password, for {@link #USER} and the password given at start. */
    public String jdbcUrl(String database) {
        return "jdbc:postgresql://127.0.0.1:" + port + "/" + database;
    }

    /** Ends all sessions and shuts down in order. Does nothing if the server does not run. */
    public void stop() {
        end("fast");
    }

    /** Ends at once as in a crash of the server; the next start recovers from the log. */
    public void kill() {
        end("immediate");
    }

    private void end(String mode) {
        synchronized (lifeCycle) {
            ServerProcess running = server;
            server = null;
            if (running == null || !running.isAlive()) {
                return;
            }
            try {
                control("stop", "--mode=" + mode);
            } finally {
                if (!running.awaitExit(LIMIT)) {
                    running.killForcibly();
                }
            }
        }
    }

    private void control(String action, String... options) {
        List<String> command =
                new ArrayList<>(user.command(programs.resolve("pg_ctl"), action, "--pgdata=" + data(), "--silent"));
        command.addAll(List.of(options));
        ServerProcess.run(command, directory, logFile(directory), LIMIT);
    }

    private Path data() {
        return directory.resolve("data");
    }

    private static Path logFile(Path home) {
        return home.resolve("postgresql.log");
    }

    /** Stops the server and gives the directory free; the data stay. */
    @Override
    public void close() {
        stopAtExit.cancel();
        try {
            stop();
        } finally {
            lock.close();
        }
    }
}
