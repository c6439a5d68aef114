package dev.cdp.app;

import dev.cdp.app.cli.CommandLineRun;
import dev.cdp.app.cli.Surroundings;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;

/** Uses what short commands use, so that the launcher can keep the loaded classes in a shared archive. */
final class Warmup {
    private Warmup() {}

    public static void main(String[] args) throws IOException {
        Path file = Files.createTempFile("cdp-warmup", ".yaml");
        try {
            Files.writeString(file, """
                    sources: { a: { engine: postgresql, host: localhost, database: a, user: a } }
                    archive: { url: "file:absent" }
                    """);
            for (String command : List.of("version", "explain", "config show", "config check", "status")) {
                for (String form : List.of("", " --json")) {
                    run(command + form + " --config " + file);
                }
            }
        } finally {
            Files.delete(file);
        }
    }

    private static void run(String commandLine) {
        PrintStream nowhere = new PrintStream(OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8);
        CommandLineRun.run(
                List.of(commandLine.split(" ")),
                new Surroundings(Map.of(), Clock.systemUTC(), nowhere, nowhere, Surroundings.Screen.NONE));
    }
}
