package dev.cdp.testkit.objects;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.opentest4j.TestAbortedException;

/**
 * A database's own program that judges what we do. A test that asks for one that is not installed is not run, and the
 * build names it at its end; with {@code -Dwitness.required} it fails.
 */
public final class WitnessProgram {
    /** The system property without whose value {@code true} a program may be missing. */
    public static final String REQUIRED = "witness.required";

    private static final long TIMEOUT_SECONDS = 120;

    private WitnessProgram() {}

    /** Ends the test here unless all these programs are installed. */
    public static void require(String... programs) {
        List<String> missing =
                Arrays.stream(programs).filter(program -> !isInstalled(program)).toList();
        if (!missing.isEmpty()) {
            missing(String.join(", ", missing));
        }
    }

    /** Ends the test here, since something that judges is not on this machine. */
    public static void missing(String what) {
        String why = "this machine has no " + what;
        if (Boolean.getBoolean(REQUIRED)) {
            throw new IllegalStateException("A witness is required, and " + why);
        }
        throw new TestAbortedException("Not run: " + NotRun.say(why));
    }

    private static boolean isInstalled(String program) {
        return Arrays.stream(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
                .anyMatch(directory -> Files.isExecutable(Path.of(directory, program)));
    }

    /** Returns what the program prints. */
    public static String output(List<String> command, Map<String, String> environment)
            throws IOException, InterruptedException {
        String program = command.get(0);
        require(program);
        Path output = Files.createTempFile(program, ".out");
        Path errors = Files.createTempFile(program, ".err");
        try {
            ProcessBuilder builder =
                    new ProcessBuilder(command).redirectOutput(output.toFile()).redirectError(errors.toFile());
            builder.environment().putAll(environment);
            Process process = builder.start();
            if (!process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS) || process.exitValue() != 0) {
                process.destroyForcibly();
                throw new IllegalStateException(program + " failed: " + Files.readString(errors));
            }
            return Files.readString(output, StandardCharsets.UTF_8);
        } finally {
            Files.delete(output);
            Files.delete(errors);
        }
    }
}
