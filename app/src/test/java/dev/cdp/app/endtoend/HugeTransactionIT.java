package dev.cdp.app.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.cdp.app.config.Configuration;
import dev.cdp.app.config.ConfigurationFile;
import dev.cdp.app.wiring.Archives;
import dev.cdp.app.wiring.Sources;
import dev.cdp.core.SourceId;
import dev.cdp.core.archive.ArchiveState;
import dev.cdp.core.archive.Ledger;
import dev.cdp.core.archive.ObjectStore;
import dev.cdp.testkit.services.TestDatabase;
import dev.cdp.testkit.services.TestPostgres;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One transaction that is many times larger than the daemon's heap. Prints the heap before, during and after it. */
@Tag("soak")
class HugeTransactionIT {
    private static final long ROWS = Long.getLong("soak.rows", 2_000_000);
    private static final Duration PATIENCE =
            Duration.ofMinutes(Long.getLong("soak.minutes", 5 + 10 * ROWS / 1_000_000));
    private static final SourceId BIG = new SourceId("big");
    private static final Pattern USED =
            Pattern.compile("(?:new generation|tenured generation) +total \\d+K, used (\\d+)K");

    @TempDir
    private Path folder;

    @Test
    void passesThroughADaemonOf512MebibytesOfHeap() throws Exception {
        TestDatabase database = TestPostgres.version15().createDatabase("big");
        database.execute("CREATE TABLE item (id bigint PRIMARY KEY, name text NOT NULL, amount numeric(12,2))");
        Path file = folder.resolve("cdp.yaml");
        Files.writeString(file, """
                version: 1
                data-directory: %s
                sources:
                  big: { engine: postgresql, host: %s, port: %d, database: %s, user: %s, password: "%s", slot: cdp_big }
                archive: { url: "file:%s", commit-interval: 2s }
                """.formatted(
                        folder.resolve("data"),
                        database.host(),
                        database.port(),
                        database.name(),
                        database.user(),
                        database.password(),
                        folder.resolve("archive")));
        Configuration configuration = ConfigurationFile.read(file, Map.of()).configuration();
        Sources.open(configuration.sources().get(BIG)).install();

        try (DaemonProcess daemon =
                        new DaemonProcess(file, folder.resolve("daemon.log"), "-Xmx512m", "-XX:+UseSerialGC");
                ObjectStore archive = Archives.open(configuration.archive())) {
            await().atMost(Duration.ofSeconds(120)).until(() -> state(archive)
                    .filter(state -> !state.bases().isEmpty())
                    .isPresent());
            long before = heapKibibytes(daemon, "GC.run");

            database.execute(
                    "INSERT INTO item SELECT i, 'item number ' || i, i / 7.0 FROM generate_series(1, " + ROWS + ") i");
            long[] peak = new long[1];
            await().atMost(PATIENCE).pollInterval(Duration.ofMillis(500)).until(() -> {
                peak[0] = Math.max(peak[0], heapKibibytes(daemon, "GC.heap_info"));
                return archivedRows(archive) >= ROWS;
            });

            System.out.printf(
                    "HugeTransactionIT %,d rows: heap %d MiB before (after GC), at most %d MiB during, %d MiB after (after GC)%n",
                    ROWS, before >> 10, peak[0] >> 10, heapKibibytes(daemon, "GC.run") >> 10);
            assertThat(archivedRows(archive)).isEqualTo(ROWS);
            assertThat(daemon.isAlive()).isTrue();
        }
    }

    private static Optional<ArchiveState> state(ObjectStore archive) {
        return Ledger.openExisting(archive, BIG).map(Ledger::state);
    }

    private static long archivedRows(ObjectStore archive) {
        return state(archive).stream()
                .flatMap(state -> state.history().stream())
                .mapToLong(each -> each.object().rowCount())
                .sum();
    }

    /** What the daemon's heap holds, after the command was run in it. */
    private static long heapKibibytes(DaemonProcess daemon, String command) throws IOException, InterruptedException {
        if (command.equals("GC.run")) {
            jcmd(daemon, command);
        }
        long used = 0;
        Matcher matcher = USED.matcher(jcmd(daemon, "GC.heap_info"));
        while (matcher.find()) {
            used += Long.parseLong(matcher.group(1));
        }
        return used;
    }

    private static String jcmd(DaemonProcess daemon, String command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                        Long.toString(daemon.pid()),
                        command)
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        return output;
    }
}
