package dev.cdp.capture.postgres.definition;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.cdp.testkit.services.TestDatabase;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** PostgreSQL's own opinion on what a database's schema is. */
final class PgDump {
    private PgDump() {}

    /** The schema as {@code pg_dump} prints it, without our own; a test that asks is skipped where there is none. */
    static String schemaOf(TestDatabase database) throws IOException, InterruptedException {
        String path = System.getenv().getOrDefault("PATH", "");
        boolean installed = Arrays.stream(path.split(File.pathSeparator))
                .anyMatch(directory -> Files.isExecutable(Path.of(directory, "pg_dump")));
        assumeTrue(installed, "Not run: this machine has no pg_dump");
        Path output = Files.createTempFile("schema", ".sql");
        ProcessBuilder command = new ProcessBuilder(
                List.of("pg_dump", "--schema-only", "--exclude-schema=cdp", "-h", database.host(), database.name()));
        command.environment().put("PGPORT", Integer.toString(database.port()));
        command.environment().put("PGUSER", database.user());
        command.environment().put("PGPASSWORD", database.password());
        Process process = command.redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        boolean ended = process.waitFor(60, TimeUnit.SECONDS);
        String text = Files.readString(output, StandardCharsets.UTF_8);
        Files.delete(output);
        if (!ended || process.exitValue() != 0) {
            process.destroyForcibly();
            throw new IllegalStateException("pg_dump failed: " + text);
        }
        return entries(text);
    }

    /** What is printed, without our event trigger and publication and without the token that is new in each run. */
    private static String entries(String dump) {
        return Arrays.stream(dump.split("(?=\n--\n-- Name: )"))
                .filter(entry -> !entry.contains("-- Name: cdp_") && !entry.contains("EVENT TRIGGER cdp_"))
                .map(entry -> entry.replaceAll("(?m)^\\\\(un)?restrict .*$", ""))
                .collect(Collectors.joining());
    }
}
