package dev.cdp.embedded;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A MariaDB server from a package, ready to be captured (row format, full images and metadata, GTIDs), that listens on
 * 127.0.0.1. Privileges count; the only account is {@link #USER}, with the password given.
 *
 * <p>The directory holds {@code data} (MariaDB's own, with the binary log), {@code mariadb.log} and {@code port}. A
 * port once chosen is kept as long as it is free. Safe for use by several threads.
 */
public final class EmbeddedMariaDb implements AutoCloseable {
    public static final String USER = "root";

    private static final Logger log = LoggerFactory.getLogger(EmbeddedMariaDb.class);
    private static final Duration LIMIT = Duration.ofSeconds(90);
    private static final String PID_FILE = "mariadb.pid";
    private static final List<String> OPTIONS = List.of(
            "--bind-address=127.0.0.1",
            "--skip-name-resolve",
            // Without it, version 11.4 makes a key and a certificate at every start: 4 to 14 s instead of 0.3 s.
            "--skip-ssl",
            "--server-id=1",
            "--log-bin=binlog",
            "--binlog-format=ROW",
            "--binlog-row-image=FULL",
            "--binlog-row-metadata=FULL",
            "--gtid-strict-mode=1",
            "--character-set-server=utf8mb4",
            "--max-allowed-packet=64M");

    private final Object lifeCycle = new Object();
    private final Path directory;
    private final MariaDbPackage.Programs programs;
    private final List<String> options;
    private final DirectoryLock lock;
    private final StopAtExit stopAtExit;
    private final int port;
    private @Nullable ServerProcess server;

    private EmbeddedMariaDb(
            Path directory, MariaDbPackage.Programs programs, List<String> options, DirectoryLock lock, int port) {
        this.directory = directory;
        this.programs = programs;
        this.options = List.copyOf(options);
        this.lock = lock;
        this.port = port;
        this.stopAtExit = StopAtExit.register("embedded-mariadb-stop", this::stop);
    }

    /** Starts the package that {@link MariaDbPackage#find} finds, with MariaDB's own settings beside ours. */
    public static EmbeddedMariaDb start(Path directory, String password) {
        return start(MariaDbPackage.find(), directory, password, List.of());
    }

    /**
     * Starts a server on {@code directory}, which is made ready when it holds no databases yet. A server that a killed
     * process left running there is stopped first.
     *
     * @param password of {@link #USER}; takes effect only when the directory is made ready
     * @param options as on the command line, such as {@code --innodb-buffer-pool-size=64M}; they win over ours
     * @throws EmbeddedServiceException if another process uses the directory, or the server does not come up
     */
    public static EmbeddedMariaDb start(
            MariaDbPackage binaries, Path directory, String password, List<String> options) {
        Path home = directory.toAbsolutePath();
        DirectoryLock lock = DirectoryLock.acquire(home);
        try {
            MariaDbPackage.Programs programs = binaries.programs();
            prepare(home, programs, password);
            int port = FreePort.remembered(home.resolve("port"));
            return new EmbeddedMariaDb(home, programs, options, lock, port).started();
        } catch (IOException failure) {
            lock.close();
            throw EmbeddedServiceException.failed("Cannot prepare MariaDB in '" + home + "'", home, failure);
        } catch (RuntimeException failure) {
            lock.close();
            throw failure;
        }
    }

    private static void prepare(Path home, MariaDbPackage.Programs programs, String password) throws IOException {
        Files.createDirectories(home.resolve("tmp"));
        Path data = home.resolve("data");
        if (Files.exists(data)) {
            return;
        }
        Path unfinished = home.resolve("data.unfinished");
        PackageCache.deleteTree(unfinished);
        if (programs.isOurs()) { // 2 s of scripts that always do the same
            Path empty = PackageCache.filled(
                    programs.baseDirectory().getFileName() + "-empty", directory -> install(home, programs, directory));
            PackageCache.copyTree(empty, unfinished);
        } else {
            install(home, programs, unfinished);
        }
        createUser(home, programs, unfinished, password);
        Files.move(unfinished, data, StandardCopyOption.ATOMIC_MOVE);
    }

    private static void install(Path home, MariaDbPackage.Programs programs, Path data) {
        List<String> install = command(
                programs.installer(),
                programs,
                home,
                data,
                "--auth-root-authentication-method=normal",
                "--skip-test-db",
                "--skip-name-resolve");
        ServerProcess.run(install, home, logFile(home), LIMIT);
    }

    private static void createUser(Path home, MariaDbPackage.Programs programs, Path data, String password)
            throws IOException {
        String account = USER + "@'127.0.0.1'";
        String quoted = "'" + password.replace("\\", "\\\\").replace("'", "''") + "'";
        Path statements = Files.createTempFile(home, "account", ".sql"); // readable by its owner only
        try {
            Files.write(
                    statements,
                    List.of(
                            "DELETE FROM mysql.global_priv WHERE user <> 'mariadb.sys';",
                            "FLUSH PRIVILEGES;",
                            "CREATE USER " + account + " IDENTIFIED BY " + quoted + ";",
                            "GRANT ALL PRIVILEGES ON *.* TO " + account + " WITH GRANT OPTION;"));
            List<String> bootstrap = command(programs.server(), programs, home, data, "--bootstrap");
            ServerProcess.run(bootstrap, home, logFile(home), LIMIT, statements);
        } finally {
            Files.delete(statements);
        }
    }

    private static List<String> command(
            Path program, MariaDbPackage.Programs programs, Path home, Path data, String... furtherOptions) {
        List<String> command = new ArrayList<>(List.of(
                program.toString(),
                "--no-defaults",
                "--basedir=" + programs.baseDirectory(),
                "--datadir=" + data,
                // a server that starts deletes what looks like temporary tables there, other servers' as well
                "--tmpdir=" + home.resolve("tmp")));
        if (ServerUser.isRoot()) {
            command.add("--user=root");
        }
        command.addAll(List.of(furtherOptions));
        return command;
    }

    private EmbeddedMariaDb started() {
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
            List<String> command = command(programs.server(), programs, directory, data());
            command.addAll(OPTIONS);
            command.add("--port=" + port);
            command.add("--socket=mariadb.sock"); // relative to the data, since a socket's path may not be long
            command.add("--pid-file=" + PID_FILE);
            command.addAll(options);
            ServerProcess started = ServerProcess.start(command, directory, logFile(directory));
            started.awaitReady(() -> started.output().contains("ready for connections"), LIMIT);
            server = started;
            log.info("MariaDB runs on 127.0.0.1:{} with its data in {}", port, data());
        }
    }

    private void stopLeftover() {
        Optional<ProcessHandle> leftover = leftover();
        if (leftover.isEmpty()) {
            return;
        }
        log.warn("Stop a MariaDB that a process left running in {}", data());
        leftover.get().destroy();
        try {
            leftover.get().onExit().get(LIMIT.toSeconds(), TimeUnit.SECONDS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw EmbeddedServiceException.failed("Interrupted while MariaDB stops", data(), interrupted);
        } catch (ExecutionException | TimeoutException failure) {
            throw EmbeddedServiceException.failed(
                    "The MariaDB left running as process " + leftover.get().pid() + " does not stop", data(), failure);
        }
    }

    /** A process of the number in the pid file may be anything by now, so its arguments must name our data. */
    private Optional<ProcessHandle> leftover() {
        try {
            Path pidFile = data().resolve(PID_FILE);
            if (!Files.exists(pidFile)) {
                return Optional.empty();
            }
            return ProcessHandle.of(Long.parseLong(Files.readString(pidFile).strip()))
                    .filter(process -> process.info()
                            .arguments()
                            .map(arguments -> List.of(arguments).contains("--datadir=" + data()))
                            .orElse(false));
        } catch (IOException failure) {
            throw EmbeddedServiceException.failed("Cannot read MariaDB's pid file", data(), failure);
        }
    }

    public int port() {
        return port;
    }

    /** Returns an address without user and password, for {@link #USER} and the password given at start. */
    public String jdbcUrl(String database) {
        return "jdbc:mariadb://127.0.0.1:" + port + "/" + database;
    }

    /** Ends all sessions and shuts down in order. Does nothing if the server does not run. */
    public void stop() {
        synchronized (lifeCycle) {
            if (server != null) {
                server.terminate();
            }
            awaitExit();
        }
    }

    /** Kills the server as {@code kill -9} does; the next start recovers from the log. */
    public void kill() {
        synchronized (lifeCycle) {
            if (server != null) {
                server.killForcibly();
            }
            awaitExit();
        }
    }

    private void awaitExit() {
        ServerProcess ending = server;
        server = null;
        if (ending != null && !ending.awaitExit(LIMIT)) {
            ending.killForcibly();
            throw EmbeddedServiceException.failed(
                    "MariaDB did not stop within " + LIMIT.toSeconds() + " s and was killed", logFile(directory), null);
        }
    }

    private Path data() {
        return directory.resolve("data");
    }

    private static Path logFile(Path home) {
        return home.resolve("mariadb.log");
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
