package dev.cdp.app.faults;

import dev.cdp.app.Cdp;
import dev.cdp.core.crash.CrashPoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A command of the product in a process of its own, that starts fast and is armed with a crash point, or not. */
final class CdpProcess implements AutoCloseable {
    private static final List<String> FAST_START =
            List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto", "-Xmx384m", "-Duser.timezone=UTC");

    /** Names a file of more arguments for Java, such as a class path of jars and a shared archive of its classes. */
    private static final String ARGUMENTS = "crash.java-arguments";

    private final Process process;
    private final Path log;

    /** @param armed such as {@code capture.batch-sent:3}, null for none */
    CdpProcess(Path configuration, Path log, @Nullable String armed, List<String> command) throws IOException {
        List<String> all = new ArrayList<>();
        all.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        all.addAll(FAST_START);
        if (armed != null) {
            all.add("-D" + CrashPoint.PROPERTY + "=" + armed);
        }
        all.addAll(
                List.of("-cp", System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"))));
        Optional.ofNullable(System.getProperty(ARGUMENTS)).ifPresent(file -> all.add("@" + file));
        all.addAll(List.of(Cdp.class.getName(), "--config", configuration.toString()));
        all.addAll(command);
        this.log = log;
        this.process = new ProcessBuilder(all)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .start();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** Whether it ended within the time. */
    boolean awaitEnd(Duration patience) throws InterruptedException {
        return process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS);
    }

    int exitCode() {
        return process.exitValue();
    }

    /** As {@code kill -9}. */
    void kill() throws InterruptedException {
        process.destroyForcibly();
        if (!awaitEnd(Duration.ofSeconds(30))) {
            throw new IllegalStateException("Process " + process.pid() + " survived its kill");
        }
    }

    /** Sends a signal by name, such as STOP, CONT or TERM. */
    void signal(String name) throws IOException, InterruptedException {
        new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                .inheritIO()
                .start()
                .waitFor();
    }

    /** The end of what all processes of this log have written. */
    String lastWords() {
        try {
            List<String> lines = Files.readAllLines(log);
            return String.join("\n", lines.subList(Math.max(0, lines.size() - 40), lines.size()));
        } catch (IOException e) {
            return "no log: " + e;
        }
    }

    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
    }
}
