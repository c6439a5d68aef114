package dev.cdp.archiver.iceberg;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cdp.core.Engine;
import dev.cdp.core.SourceId;
import dev.cdp.core.TableId;
import dev.cdp.core.archive.ArchiveAccess;
import dev.cdp.core.archive.ArchiveState;
import dev.cdp.core.archive.ObjectStore;
import dev.cdp.testkit.RandomHistory;
import dev.cdp.testkit.SyntheticArchive;
import dev.cdp.testkit.faults.FaultKind;
import dev.cdp.testkit.faults.FaultResult;
import dev.cdp.testkit.faults.FaultResult.Harm;
import dev.cdp.testkit.faults.FaultResults;
import dev.cdp.testkit.faults.S3FaultProxy;
import dev.cdp.testkit.faults.S3FaultProxy.Fault;
import dev.cdp.testkit.services.TestS3;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.io.CloseableIterable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The view in a bucket that creates a version of a table and does not say so, or creates half of it. */
class ViewUnknownOutcomesIT {
    private static final Fault[] FAULTS = {Fault.ANSWER_LOST, Fault.ERROR_AFTERWARDS, Fault.BODY_CUT, Fault.RESET};
    private static final int NEW_VERSIONS = 2; // at least: of a table, and of the transactions
    private static final int ATTEMPTS = 5;

    @TempDir
    private Path folder;

    @Test
    void hasEachFileOnceWhenTheAnswerToANewVersionIsLost() throws IOException {
        loseAnswers(20261121, 4);
    }

    @Tag("soak")
    @Test
    void hasEachFileOnceWhenHundredsOfAnswersAreLost() throws IOException {
        loseAnswers(System.nanoTime(), Integer.getInteger("soak.rounds", 500));
    }

    private void loseAnswers(long seed, int rounds) throws IOException {
        System.out.println("ViewUnknownOutcomesIT: seed " + seed + ", " + rounds + " rounds");
        Random random = new Random(seed);
        Map<Fault, Integer> hits = new TreeMap<>();
        String url = "s3://" + TestS3.shared().createBucket("view") + "/cdp";
        try (S3FaultProxy proxy = S3FaultProxy.before(TestS3.shared().endpoint(), seed);
                ObjectStore faulty = open(url, TestS3.shared().settingsThrough(proxy.endpoint()));
                ObjectStore direct = open(url, TestS3.shared().settings())) {
            for (int round = 0; round < rounds; round++) {
                SourceId source = new SourceId("shop-" + round);
                ArchiveState state = new SyntheticArchive(direct, folder.resolve("staging"))
                        .archive(RandomHistory.of(source, seed + round, 8), Engine.POSTGRESQL, 4)
                        .state();
                view(IcebergViewTest.upTo(direct, 1), source).catchUp(); // or a failure makes it all anew
                Fault fault = FAULTS[random.nextInt(FAULTS.length)];
                int[] before = {random.nextInt(NEW_VERSIONS)};
                int happened = proxy.count(fault);
                proxy.failNext(
                        fault,
                        new int[] {1, 2, 16}[random.nextInt(3)],
                        request -> request.isWrite() && request.path().endsWith(".metadata.json") && before[0]-- <= 0);
                publish(faulty, source, random);
                proxy.heal();
                if (proxy.count(fault) > happened) {
                    hits.merge(fault, 1, Integer::sum);
                }
                requireEachFileOnce(direct, source, state, "seed " + seed + ", round " + round + ", " + fault);
            }
        }
        assertThat(hits.values().stream().mapToInt(Integer::intValue).sum())
                .as("rounds in which a fault happened")
                .isEqualTo(rounds);
        hits.forEach((fault, count) -> FaultResults.record(FaultResult.survived(
                FaultKind.UNKNOWN_OUTCOME,
                "version of the view: " + fault.name().toLowerCase(Locale.ROOT).replace('_', ' '),
                count,
                Harm.NONE)));
    }

    private static ObjectStore open(String url, ArchiveAccess.S3 settings) {
        return new ArchiveAccess(url, settings).open();
    }

    private static IcebergView view(ObjectStore store, SourceId source) {
        return new IcebergView(store, source, Clock.systemUTC());
    }

    /** As the archiver does: again after each failure, with what it knows, or as a process that starts. */
    private static void publish(ObjectStore store, SourceId source, Random random) {
        IcebergView view = view(store, source);
        for (int attempt = 1; ; attempt++) {
            try {
                view.catchUp();
                return;
            } catch (RuntimeException e) {
                if (attempt == ATTEMPTS) {
                    throw e;
                }
            }
            if (random.nextBoolean()) {
                view = view(store, source);
            }
        }
    }

    private static void requireEachFileOnce(ObjectStore store, SourceId source, ArchiveState state, String what)
            throws IOException {
        assertThat(view(store, source).verify()).as(what).isEqualTo(new IcebergView.Condition(0, List.of()));
        Map<TableId, String> names = ViewNames.of(state.schemas());
        Map<String, List<String>> expected = new TreeMap<>();
        state.history().forEach(file -> expected.computeIfAbsent(names.get(file.table()), name -> new ArrayList<>())
                .add(file.object().key()));
        for (Map.Entry<String, List<String>> table : expected.entrySet()) {
            ArchiveTableOperations operations =
                    new ArchiveTableOperations(store, "iceberg/" + source + "/" + table.getKey() + "/");
            assertThat(operations.exists()).as(what).isTrue();
            List<String> files = new ArrayList<>();
            try (CloseableIterable<FileScanTask> tasks =
                    new BaseTable(operations, "table").newScan().planFiles()) {
                tasks.forEach(task -> files.add(operations.key(task.file().location())));
            }
            assertThat(files).as(what).containsExactlyInAnyOrderElementsOf(table.getValue());
        }
    }
}
