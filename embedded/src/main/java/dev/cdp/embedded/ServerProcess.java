package dev.cdp.embedded;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A program that runs beside this process and writes what it says to a log file, appending. */
final class ServerProcess {
    private static final Logger log = LoggerFactory.getLogger(ServerProcess.class);
    private static final long POLL_MILLIS = 20;
    private static final int TAIL_CHARS = 2_000;
    private static final Path NOTHING = Path.of("/dev/null");
    private static final Path SETSID = Path.of("/usr/bin/setsid");

    private final String name;
    private final Process process;
    private final Path logFile;
    private final long logStart;

    private ServerProcess(String name, Process process, Path logFile, long logStart) {
        this.name = name;
        this.process = process;
        this.logFile = logFile;
        this.logStart = logStart;
    }

    /** Starts a server that the terminal's Ctrl-C does not reach: this process decides when its servers stop. */
    static ServerProcess start(List<String> command, Path directory, Path logFile) {
        List<String> detached = new ArrayList<>(command);
        if (Files.isExecutable(SETSID)) {
            detached.add(0, SETSID.toString());
        }
        return start(detached, directory, logFile, NOTHING);
    }

    private static ServerProcess start(List<String> command, Path directory, Path logFile, Path input) {
        try {
            long logStart = Files.exists(logFile) ? Files.size(logFile) : 0;
            ProcessBuilder builder = new ProcessBuilder(command)
                    .directory(directory.toFile())
                    .redirectInput(input.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(logFile.toFile()));
            // Variables of the caller's own servers would otherwise steer ours.
            builder.environment().keySet().removeIf(key -> key.startsWith("PG") || key.startsWith("MYSQL"));
            builder.environment().put("LC_ALL", "C");
            log.debug("Start {}", command);
            return new ServerProcess(String.join(" ", command), builder.start(), logFile, logStart);
        } catch (IOException failure) {
            throw EmbeddedServiceException.failed("Cannot start " + command, logFile, failure);
        }
    }

    /** Runs a program to its end. @throws EmbeddedServiceException unless it ends well within {@code limit} */
    static void run(List<String> command, Path directory, Path logFile, Duration limit) {
        run(command, directory, logFile, limit, NOTHING);
    }

    /** Runs a program that reads {@code input} to its end. */
    static void run(List<String> command, Path directory, Path logFile, Duration limit, Path input) {
        ServerProcess process = start(command, directory, logFile, input);
        if (!process.awaitExit(limit)) {
            process.killForcibly();
            throw process.failed("did not end within " + limit.toSeconds() + " s");
        }
        if (process.process.exitValue() != 0) {
            throw process.failed("ended with exit code " + process.process.exitValue());
        }
    }

    /** Waits for {@code ready}. If the server ends before or is late, it is killed and the call fails. */
    void awaitReady(BooleanSupplier ready, Duration limit) {
        long deadline = System.nanoTime() + limit.toNanos();
        while (!ready.getAsBoolean()) {
            if (awaitExit(Duration.ofMillis(POLL_MILLIS))) {
                throw failed("ended with exit code " + process.exitValue() + " before it was ready");
            }
            if (System.nanoTime() - deadline > 0) {
                killForcibly();
                throw failed("was not ready after " + limit.toSeconds() + " s");
            }
        }
    }

    /** Returns whether the process has ended within {@code limit}. */
    boolean awaitExit(Duration limit) {
        try {
            return process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            killForcibly();
            throw failed("was given up because this thread was interrupted");
        }
    }

    boolean isAlive() {
        return process.isAlive();
    }

    long pid() {
        return process.pid();
    }

    /** Asks the process to end (SIGTERM). */
    void terminate() {
        process.destroy();
    }

    void killForcibly() {
        process.destroyForcibly();
    }

    /** Returns what the process has said since it was started. */
    String output() {
        try {
            byte[] all = Files.readAllBytes(logFile);
            int from = (int) Math.min(logStart, all.length);
            return new String(all, from, all.length - from, StandardCharsets.UTF_8);
        } catch (IOException failure) {
            return "(unreadable: " + failure + ")";
        }
    }

    private EmbeddedServiceException failed(String how) {
        String output = output().strip();
        String tail = output.substring(Math.max(0, output.length() - TAIL_CHARS));
        return EmbeddedServiceException.failed("'" + name + "' " + how + "; it said: " + tail, logFile, null);
    }
}
