package dev.cdp.app;

import dev.cdp.app.cli.CommandLineRun;
import dev.cdp.app.cli.Surroundings;
import dev.cdp.core.ChangeEvent;
import dev.cdp.core.Engine;
import dev.cdp.core.Lsn;
import dev.cdp.core.SourceId;
import dev.cdp.core.SourcePosition;
import dev.cdp.core.Watermark;
import dev.cdp.core.archive.ArchiveAccess;
import dev.cdp.core.archive.Ledger;
import dev.cdp.core.archive.LedgerEntry;
import dev.cdp.core.archive.ObjectStore;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Uses what short commands use, so that the launcher can keep the loaded classes in a shared archive. */
final class Warmup {
    private Warmup() {}

    public static void main(String[] args) throws IOException {
        Path folder = Files.createTempDirectory("cdp-warmup");
        try {
            Path file = Files.writeString(folder.resolve("cdp.yaml"), """
                    sources: { a: { engine: postgresql, host: localhost, database: a, user: a } }
                    archive: { url: "file:archive" }
                    """);
            writeLedger(folder.resolve("archive"));
            for (String command : List.of("version", "explain", "config show", "config check", "status")) {
                for (String form : List.of("", " --json")) {
                    run(command + form + " --config " + file);
                }
            }
        } finally {
            try (Stream<Path> files = Files.walk(folder)) {
                for (Path path : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(path);
                }
            }
        }
    }

    private static void writeLedger(Path archive) {
        SourceId source = new SourceId("a");
        SourcePosition position = new SourcePosition.Postgres(new Lsn(1));
        Instant then = Instant.EPOCH;
        try (ObjectStore store = ArchiveAccess.file(archive).open()) {
            Ledger.open(store, source, Engine.POSTGRESQL, Clock.systemUTC())
                    .commit(new LedgerEntry.Content(
                            1,
                            new LedgerEntry.TopicProgress("t", 1, 1),
                            new Watermark(source, 1, 1, position, then),
                            List.of(),
                            List.of(),
                            List.of(),
                            List.of(),
                            List.of(new ChangeEvent.BaseSnapshot("b", 0, position, then, true, List.of())),
                            List.of(),
                            List.of(),
                            List.of(),
                            List.of(),
                            List.of()));
        }
    }

    private static void run(String commandLine) {
        PrintStream nowhere = new PrintStream(OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8);
        CommandLineRun.run(
                List.of(commandLine.split(" ")),
                new Surroundings(Map.of(), Clock.systemUTC(), nowhere, nowhere, Surroundings.Screen.NONE));
    }
}
