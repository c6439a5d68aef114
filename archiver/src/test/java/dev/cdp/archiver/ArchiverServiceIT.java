package dev.cdp.archiver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.cdp.archiver.ArchiverStatus.State;
import dev.cdp.core.Carrier;
import dev.cdp.core.ChangeEvent;
import dev.cdp.core.ChangeRecord;
import dev.cdp.core.DataSize;
import dev.cdp.core.Engine;
import dev.cdp.core.SourceId;
import dev.cdp.core.archive.ArchiveAccess;
import dev.cdp.core.archive.ArchiveState;
import dev.cdp.core.archive.Ledger;
import dev.cdp.core.archive.ObjectStore;
import dev.cdp.core.topic.ChangeTopicReader;
import dev.cdp.core.topic.ChangeTopicWriter;
import dev.cdp.core.topic.ChangeTopics;
import dev.cdp.core.topic.KafkaAccess;
import dev.cdp.core.topic.KafkaOffset;
import dev.cdp.testkit.RandomHistory;
import dev.cdp.testkit.SyntheticSource;
import dev.cdp.testkit.SyntheticTable;
import dev.cdp.testkit.services.TestKafka;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ArchiverServiceIT {
    private static final SourceId SHOP = new SourceId("shop");
    private static final Duration LIMIT = Duration.ofSeconds(40);

    @TempDir
    private Path folder;

    private final List<Running> started = new ArrayList<>();
    private final KafkaAccess kafka = new KafkaAccess(
            TestKafka.shared().bootstrapServers(), TestKafka.shared().freshName("archiver"), Map.of());
    private Path root;
    private ObjectStore store;
    private int written;

    /** An archiver on a thread of its own. */
    private record Running(ArchiverService service, Thread thread) {
        void stop() throws InterruptedException {
            service.stop();
            thread.join(LIMIT.toMillis());
            assertThat(thread.isAlive()).as("still runs after stop()").isFalse();
        }

        /** As a crash would: whatever it is doing is not brought to an end. */
        void interrupt() throws InterruptedException {
            thread.interrupt();
            thread.join(LIMIT.toMillis());
        }
    }

    @BeforeEach
    void createTopics() {
        root = folder.resolve("archive");
        store = ArchiveAccess.file(root).open();
        try (ChangeTopics topics = ChangeTopics.open(kafka)) {
            topics.create(SHOP);
        }
    }

    @AfterEach
    void stopWhatRuns() throws InterruptedException {
        for (Running each : started) {
            each.interrupt();
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void losesNothingAndRepeatsNothingThroughStopsCrashesAndFaultsOfStorage(long seed) throws Exception {
        Random random = new Random(seed);
        SyntheticSource source = new SyntheticSource(SHOP);
        try (ChangeTopicWriter writer = ChangeTopicWriter.open(kafka, SHOP)) {
            for (int round = 0; round < 6; round++) {
                RandomHistory.grow(source, seed * 100 + round, 40);
                write(writer, source);
                boolean leavesAnEntry = round % 2 == 0; // so that the next one goes on behind it
                ObjectStore faulty = new FaultyStore(store, seed + round, leavesAnEntry ? 1 : 8);
                Running archiver = start(faulty, Duration.ofMillis(50), Clock.systemUTC());
                if (leavesAnEntry) {
                    await().atMost(LIMIT).until(() -> archiver.service.status().lastCommit() != null);
                }
                Thread.sleep(random.nextInt(500)); // the moment of the stop is the point of the test
                if (random.nextBoolean()) {
                    archiver.stop();
                } else {
                    archiver.interrupt();
                }
            }
        }
        Running last = start(store, Duration.ofMillis(50), Clock.systemUTC());
        awaitArchived(last, source.lastSeq());
        last.stop();

        assertThat(ArchivedChanges.read(store, root, SHOP)).isEqualTo(ArchivedChanges.expected(source.records()));
        ArchiveState state = state();
        assertThat(state.marks()).hasSize((int) countMarks(source));
        assertThat(state.watermark().orElseThrow().position()).isEqualTo(source.position());
        assertThat(last.service.status().state()).isEqualTo(State.STOPPED);
    }

    @Test
    void keepsBasesGapsDefinitionsAndSequencesInOrder() throws Exception {
        SyntheticSource source = new SyntheticSource(SHOP);
        RandomHistory.grow(source, 7, 10);
        source.takeBase(store, folder.resolve("base-staging"))
                .define("{\"a\":1}")
                .sequence("s", 5);
        long baseSeq = source.lastSeq();
        RandomHistory.grow(source, 8, 10);
        long lastOfFirstEpoch = source.lastSeq();
        source.gap("slot lost").takeBase(store, folder.resolve("base-staging")).sequence("s", 6);
        RandomHistory.grow(source, 9, 10);
        writeAll(source);

        Running archiver = start(store, Duration.ofMillis(50), Clock.systemUTC());
        awaitArchived(archiver, source.lastSeq());
        archiver.stop();

        ArchiveState state = state();
        assertThat(state.bases())
                .extracting(ChangeEvent.BaseSnapshot::seq)
                .containsExactly(baseSeq, lastOfFirstEpoch + 1);
        assertThat(state.gaps()).singleElement().satisfies(gap -> {
            assertThat(gap.epoch()).isEqualTo(2);
            assertThat(gap.seq()).isEqualTo(lastOfFirstEpoch + 1);
            assertThat(gap.reason()).isEqualTo("slot lost");
        });
        assertThat(state.epoch()).isEqualTo(2);
        assertThat(state.earliestSeq()).contains(lastOfFirstEpoch + 1);
        assertThat(state.sequences())
                .extracting(each -> each.values().get(0).lastValue())
                .containsExactly(5L, 6L);
        String definition = state.definitions().get(0).object().key();
        assertThat(store.get(definition)).contains("{\"a\":1}".getBytes(StandardCharsets.UTF_8));
        assertThat(ArchivedChanges.read(store, root, SHOP)).isEqualTo(ArchivedChanges.expected(source.records()));
    }

    @Test
    void letsExactlyOneOfTwoArchiversGoOn() throws Exception {
        SyntheticSource source = new SyntheticSource(SHOP);
        Running first = start(store, Duration.ofMillis(100), Clock.systemUTC());
        Running second = start(store, Duration.ofMillis(100), Clock.systemUTC());
        await().atMost(LIMIT)
                .until(() -> first.service.status().state() == State.RUNNING
                        && second.service.status().state() == State.RUNNING);

        try (ChangeTopicWriter writer = ChangeTopicWriter.open(kafka, SHOP)) {
            for (int round = 0; round < 8; round++) {
                RandomHistory.grow(source, round, 10);
                write(writer, source);
            }
        }
        await().atMost(LIMIT).until(() -> !first.thread.isAlive() || !second.thread.isAlive());
        Running loser = first.thread.isAlive() ? second : first;
        Running winner = loser == first ? second : first;
        awaitArchived(winner, source.lastSeq());

        assertThat(loser.service.status().state()).isEqualTo(State.FAILED);
        assertThat(loser.service.status().problem()).contains("CDP-4005 Another process archives source 'shop'");
        winner.stop();
        assertThat(ArchivedChanges.read(store, root, SHOP)).isEqualTo(ArchivedChanges.expected(source.records()));
    }

    @Test
    void showsWhatIsArchivedAsIcebergTables() throws Exception {
        SyntheticSource source = RandomHistory.of(SHOP, 4, 5);
        writeAll(source);
        Running before = start(store, Duration.ofMillis(50), Clock.systemUTC());
        awaitArchived(before, source.lastSeq());
        before.stop();

        Running archiver = start(store, Duration.ofMillis(50), Clock.systemUTC());
        String table = "iceberg/shop/transactions/metadata/version-hint.text";
        await().atMost(LIMIT).until(() -> store.get(table).isPresent());
        archiver.stop();

        assertThat(archiver.service.status().viewProblem()).isNull();
    }

    @Test
    void letsKafkaDeleteWhatIsArchivedAndNothingElse() throws Exception {
        SyntheticSource source = RandomHistory.of(SHOP, 4, 30);
        writeAll(source);
        Running archiver = start(store, Duration.ofMillis(50), Clock.systemUTC());
        awaitArchived(archiver, source.lastSeq());
        archiver.stop();
        long archivedTo = state().topic().orElseThrow().nextOffset();
        RandomHistory.grow(source, 5, 30);
        writeAll(source);

        Running interrupted = start(store, Duration.ofHours(1), Clock.systemUTC());
        await().atMost(LIMIT).until(() -> interrupted.service.status().state() == State.RUNNING);
        interrupted.interrupt();

        try (ChangeTopicReader reader = ChangeTopicReader.open(kafka, SHOP, KafkaOffset.START)) {
            assertThat(reader.beginning().value()).isEqualTo(archivedTo);
        }
        assertThat(state().topic().orElseThrow().nextOffset()).isEqualTo(archivedTo);
    }

    @Test
    void waitsForTheRecordedGapWhenTheTopicWasDeletedAndCreatedAgain() throws Exception {
        SyntheticSource source = RandomHistory.of(SHOP, 4, 10);
        writeAll(source);
        Running before = start(store, Duration.ofMillis(50), Clock.systemUTC());
        awaitArchived(before, source.lastSeq());
        before.stop();
        try (ChangeTopics topics = ChangeTopics.open(kafka)) {
            topics.delete(SHOP);
            topics.create(SHOP);
        }

        Running after = start(store, Duration.ofMillis(50), Clock.systemUTC());
        await().atMost(LIMIT)
                .untilAsserted(() ->
                        assertThat(after.service.status().problem()).contains("it was deleted and created again"));
        source.gap("topic lost").takeBase(store, folder.resolve("base-staging"));
        RandomHistory.grow(source, 6, 10);
        writeAll(source);
        awaitArchived(after, source.lastSeq());
        after.stop();

        assertThat(state().gaps()).hasSize(1);
        assertThat(ArchivedChanges.read(store, root, SHOP)).isEqualTo(ArchivedChanges.expected(source.records()));
    }

    @Test
    void commitsHeartbeatsThreeTimesLessOftenThanRows() throws Exception {
        AtomicReference<Instant> now = new AtomicReference<>(Instant.parse("2026-11-21T00:00:00Z"));
        InstantSource instants = now::get;
        Clock clock = instants.withZone(ZoneOffset.UTC);
        SyntheticSource source = new SyntheticSource(SHOP);
        writeAll(source.heartbeat());
        Running archiver = start(store, Duration.ofSeconds(10), clock);
        await().atMost(LIMIT).until(() -> archiver.service.status().state() == State.RUNNING);

        now.set(now.get().plusSeconds(29));
        Thread.sleep(600); // three polls: nothing may happen, so there is nothing to wait for
        assertThat(archiver.service.status().entryNumber()).isZero();
        now.set(now.get().plusSeconds(1));
        awaitArchived(archiver, source.lastSeq());
        SyntheticTable table = source.createTable("t", SyntheticTable.column(1, "id", Carrier.INT64));
        writeAll(source.insert(table, 1L).commit());
        now.set(now.get().plusSeconds(10));
        awaitArchived(archiver, source.lastSeq());

        assertThat(archiver.service.status().entryNumber()).isEqualTo(2);
        now.set(now.get().plusSeconds(1000));
        Thread.sleep(600);
        assertThat(archiver.service.status().entryNumber())
                .as("an idle source commits nothing")
                .isEqualTo(2);
    }

    private Running start(ObjectStore archive, Duration interval, Clock clock) {
        ArchiverSettings settings = new ArchiverSettings(
                SHOP,
                Engine.POSTGRESQL,
                kafka,
                folder.resolve("staging-" + started.size()),
                interval,
                DataSize.ofMebibytes(1),
                LIMIT);
        ArchiverService service = new ArchiverService(settings, archive, clock);
        Thread thread = new Thread(service, "archiver-shop-" + started.size());
        thread.setUncaughtExceptionHandler((failed, failure) -> {}); // the status says it
        thread.start();
        Running running = new Running(service, thread);
        started.add(running);
        return running;
    }

    private void writeAll(SyntheticSource source) {
        try (ChangeTopicWriter writer = ChangeTopicWriter.open(kafka, SHOP)) {
            write(writer, source);
        }
    }

    /** What the source has recorded since the last call, in Kafka transactions of a few records. */
    private void write(ChangeTopicWriter writer, SyntheticSource source) {
        List<ChangeRecord> records = source.records();
        while (written < records.size()) {
            int end = Math.min(records.size(), written + 50);
            writer.begin();
            records.subList(written, end).forEach(writer::append);
            writer.commit(Map.of());
            written = end;
        }
    }

    private static void awaitArchived(Running archiver, long seq) {
        await().atMost(LIMIT).until(() -> {
            ArchiverStatus status = archiver.service.status();
            assertThat(status.state()).as("problem: " + status.problem()).isNotEqualTo(State.FAILED);
            return status.watermark() != null && status.watermark().seq() == seq;
        });
    }

    private ArchiveState state() {
        return Ledger.openExisting(store, SHOP).map(Ledger::state).orElseThrow();
    }

    private static long countMarks(SyntheticSource source) {
        return source.records().stream()
                .filter(record -> record.event() instanceof ChangeEvent.Marker marker && marker.name() != null)
                .count();
    }
}
