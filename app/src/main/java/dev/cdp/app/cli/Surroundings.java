package dev.cdp.app.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.Map;

/** What a command sees of the machine it runs on. */
public record Surroundings(
        Map<String, String> environment, Clock clock, PrintStream out, PrintStream err, Screen screen) {

    /** Whether a person watches. */
    public enum Screen {
        TERMINAL,
        NONE
    }

    public Surroundings {
        environment = Map.copyOf(environment);
    }

    public static Surroundings ofThisProcess() {
        return new Surroundings(
                System.getenv(),
                Clock.systemUTC(),
                utf8(FileDescriptor.out),
                utf8(FileDescriptor.err),
                System.console() == null ? Screen.NONE : Screen.TERMINAL);
    }

    private static PrintStream utf8(FileDescriptor descriptor) {
        return new PrintStream(new FileOutputStream(descriptor), true, StandardCharsets.UTF_8);
    }
}
