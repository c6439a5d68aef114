package dev.cdp.app.endtoend;

import dev.cdp.app.Cdp;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** {@code cdp run} in a process of its own, to be killed. */
final class DaemonProcess implements AutoCloseable {
    /** For one that does not live long: what it would gain by being compiled well is less than that costs. */
    static final String[] QUICK = {"-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"};

    private final Process process;

    DaemonProcess(Path configuration, Path log, String... javaOptions) throws IOException {
        this(Cdp.class, List.of("--config", configuration.toString(), "run"), log, javaOptions);
    }

    /** @param main what runs instead of {@code cdp} */
    DaemonProcess(Class<?> main, List<String> arguments, Path log, String... javaOptions) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of(javaOptions));
        command.addAll(List.of(
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                main.getName()));
        command.addAll(arguments);
        process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .start();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    long pid() {
        return process.pid();
    }

    /** As {@code kill -9}: no shutdown hook runs. */
    void kill() throws InterruptedException {
        process.destroyForcibly();
        if (!process.waitFor(20, TimeUnit.SECONDS)) {
            throw new IllegalStateException("The daemon survived its kill");
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
