package dev.cdp.capture;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A database's own program that judges ours; a test that asks for one is skipped where it is not installed. */
public final class WitnessProgram {
    private static final long TIMEOUT_SECONDS = 60;

    private WitnessProgram() {}

    /** Returns what the program prints. */
    public static String output(List<String> command, Map<String, String> environment)
            throws IOException, InterruptedException {
        String program = command.get(0);
        String path = System.getenv().getOrDefault("PATH", "");
        boolean installed = Arrays.stream(path.split(File.pathSeparator))
                .anyMatch(directory -> Files.isExecutable(Path.of(directory, program)));
        assumeTrue(installed, "Not run: this machine has no " + program);
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
