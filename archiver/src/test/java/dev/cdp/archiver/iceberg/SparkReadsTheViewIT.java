package dev.cdp.archiver.iceberg;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cdp.core.ChangeEvent;
import dev.cdp.core.ChangeRecord;
import dev.cdp.core.Engine;
import dev.cdp.core.SourceId;
import dev.cdp.core.TableId;
import dev.cdp.core.archive.ArchiveAccess;
import dev.cdp.core.archive.ArchiveState;
import dev.cdp.core.archive.ObjectStore;
import dev.cdp.testkit.RandomHistory;
import dev.cdp.testkit.SyntheticArchive;
import dev.cdp.testkit.SyntheticSource;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Spark in a process of its own reads the tables where they stand, with nothing of ours on its class path. */
@Tag("spark")
class SparkReadsTheViewIT {
    private static final SourceId SHOP = new SourceId("shop");
    private static final List<String> OPENED = List.of(
            "java.lang",
            "java.lang.invoke",
            "java.lang.reflect",
            "java.io",
            "java.net",
            "java.nio",
            "java.util",
            "java.util.concurrent",
            "java.util.concurrent.atomic",
            "sun.nio.ch",
            "sun.nio.cs",
            "sun.security.action",
            "sun.util.calendar");

    @TempDir
    private Path folder;

    @Test
    void countsTheSameRowsAsTheLedger() throws Exception {
        ObjectStore store = ArchiveAccess.file(folder.resolve("archive")).open();
        SyntheticSource source = RandomHistory.of(SHOP, 12, 60);
        ArchiveState state = new SyntheticArchive(store, folder.resolve("staging"))
                .archive(source, Engine.POSTGRESQL, 5)
                .state();
        new IcebergView(store, SHOP, Clock.systemUTC()).catchUp();

        List<String> counted = countWithSpark();

        assertThat(counted).containsExactlyInAnyOrderElementsOf(expected(source, state));
    }

    private static List<String> expected(SyntheticSource source, ArchiveState state) {
        Map<TableId, Set<Long>> changes = new TreeMap<>();
        Set<Long> transactions = new TreeSet<>();
        for (ChangeRecord record : source.records()) { // what a restart has torn is sent again under the same numbers
            if (record.event() instanceof ChangeEvent.RowChange change) {
                changes.computeIfAbsent(change.table(), id -> new TreeSet<>()).add(record.seq());
            } else if (record.event() instanceof ChangeEvent.Truncate truncate) {
                changes.computeIfAbsent(truncate.table(), id -> new TreeSet<>()).add(record.seq());
            } else if (record.event() instanceof ChangeEvent.TransactionEnd) {
                transactions.add(record.seq());
            }
        }
        List<String> lines = new ArrayList<>();
        Map<TableId, String> names = ViewNames.of(state.schemas());
        changes.forEach((id, seqs) -> lines.add(line(names.get(id), seqs)));
        lines.add(line(ViewNames.TRANSACTIONS, transactions));
        return lines;
    }

    private static String line(String table, Set<Long> seqs) {
        long sum = seqs.stream().mapToLong(Long::longValue).sum();
        return "counted " + table + " " + seqs.size() + " " + sum + " " + seqs.size();
    }

    private List<String> countWithSpark() throws Exception {
        Path jars = Path.of("spark/target/jars").toAbsolutePath();
        Path output = folder.resolve("spark.log");
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx1g"));
        OPENED.forEach(each -> command.add("--add-opens=java.base/" + each + "=ALL-UNNAMED"));
        command.addAll(List.of(
                "-cp",
                jars + "/*",
                Path.of("src/test/spark/SparkCounts.java").toAbsolutePath().toString(),
                folder.resolve("archive/iceberg").toUri().toString(),
                SHOP.name()));
        ProcessBuilder spark =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
        spark.environment().put("SPARK_LOCAL_IP", "127.0.0.1");
        Process process = spark.directory(folder.toFile()).start();
        try {
            assertThat(process.waitFor(5, TimeUnit.MINUTES)).as("Spark ended").isTrue();
        } finally {
            process.destroyForcibly();
        }
        List<String> lines = Files.readAllLines(output);
        assertThat(process.exitValue()).as(String.join("\n", lines)).isZero();
        return lines.stream().filter(line -> line.startsWith("counted ")).toList();
    }
}
