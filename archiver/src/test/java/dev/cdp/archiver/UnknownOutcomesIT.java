package dev.cdp.archiver;

import static dev.cdp.archiver.S3Archive.LIMIT;
import static dev.cdp.archiver.S3Archive.SHOP;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.cdp.archiver.ArchiverStatus.State;
import dev.cdp.core.Carrier;
import dev.cdp.core.Engine;
import dev.cdp.core.archive.ArchiveState;
import dev.cdp.core.archive.ArchiveVerifier;
import dev.cdp.core.archive.ArchiveVerifier.Sampling;
import dev.cdp.core.archive.Ledger;
import dev.cdp.core.archive.ObjectStore;
import dev.cdp.core.archive.StorageUnavailableException;
import dev.cdp.core.topic.ChangeTopicReader;
import dev.cdp.core.topic.KafkaOffset;
import dev.cdp.testkit.RandomHistory;
import dev.cdp.testkit.SyntheticArchive;
import dev.cdp.testkit.SyntheticSource;
import dev.cdp.testkit.SyntheticTable;
import dev.cdp.testkit.faults.FaultKind;
import dev.cdp.testkit.faults.FaultResult;
import dev.cdp.testkit.faults.FaultResult.Harm;
import dev.cdp.testkit.faults.FaultResults;
import dev.cdp.testkit.faults.S3FaultProxy.Fault;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The archiver with a bucket that carries requests out and does not say so, does half of them, or refuses. */
class UnknownOutcomesIT {
    private static final long SEED = 20261121;
    private static final int ROUNDS_PER_ARCHIVE = 50;

    @TempDir
    private Path folder;

    /** What a fault of a round hits. */
    private enum Target {
        LEDGER_ENTRY("/ledger/", 12, Fault.ANSWER_LOST, Fault.ERROR_AFTERWARDS, Fault.BODY_CUT, Fault.RESET),
        DATA_FILE("/day=", 6, Fault.ANSWER_LOST, Fault.ERROR_AFTERWARDS, Fault.BODY_CUT, Fault.RESET);

        private final String path;
        private final int share;
        private final Fault[] faults;

        Target(String path, int share, Fault... faults) {
            this.path = path;
            this.share = share;
            this.faults = faults;
        }

        static Target draw(Random random) {
            return random.nextInt(LEDGER_ENTRY.share + DATA_FILE.share) < LEDGER_ENTRY.share ? LEDGER_ENTRY : DATA_FILE;
        }
    }

    @Test
    void readsBackWhatBecameOfARequestWhoseAnswerWasLost() throws Exception {
        loseAnswers(SEED, 24);
    }

    @Tag("soak")
    @Test
    void readsBackWhatBecameOfHundredsOfRequests() throws Exception {
        int rounds = Integer.getInteger("soak.rounds", 500);
        for (int done = 0; done < rounds; done += ROUNDS_PER_ARCHIVE) {
            loseAnswers(System.nanoTime(), Math.min(ROUNDS_PER_ARCHIVE, rounds - done));
        }
    }

    private void loseAnswers(long seed, int rounds) throws Exception {
        System.out.println("UnknownOutcomesIT: seed " + seed + ", " + rounds + " rounds");
        Random random = new Random(seed);
        Map<String, Integer> hits = new TreeMap<>();
        try (S3Archive archive = new S3Archive(folder, seed)) {
            S3Archive.Running archiver = archive.startBehindProxy();
            for (int round = 0; round < rounds; round++) {
                Target target = Target.draw(random);
                Fault fault = target.faults[random.nextInt(target.faults.length)];
                int times = new int[] {1, 1, 2, 4, 16}[random.nextInt(5)]; // a client tries 4 times, a ledger 5 times
                archive.proxy.failNext(
                        fault,
                        times,
                        request -> request.isWrite() && request.path().contains(target.path));
                int before = archive.proxy.count(fault);
                RandomHistory.grow(archive.source, seed + round, 3);
                archive.write();
                archive.awaitArchived(archiver);
                if (archive.proxy.count(fault) > before) {
                    hits.merge(name(target) + ": " + name(fault), 1, Integer::sum);
                }
                if (round % 8 == 7) {
                    sweep(archive, round);
                }
            }
            archive.proxy.heal();
            archiver.stop();

            requireIntact(archive, "seed " + seed);
            assertThat(hits).as("rounds in which a fault happened").containsKey("ledger entry: answer lost");
        }
        hits.forEach((fault, count) ->
                FaultResults.record(FaultResult.survived(FaultKind.UNKNOWN_OUTCOME, fault, count, Harm.NONE)));
    }

    /** By a clock so far ahead that the next sweep deletes what this one lists. */
    private static void sweep(S3Archive archive, int round) {
        Clock ahead = Clock.offset(Clock.systemUTC(), Duration.ofDays(2L + 2L * round));
        try {
            new OrphanSweep(archive.direct, SHOP, Engine.POSTGRESQL, ahead).sweep();
        } catch (StorageUnavailableException e) {
            throw new AssertionError("the direct way does not fail", e);
        }
    }

    /** A checkpoint is derived: what becomes of it must change nothing but how long opening takes. */
    @Test
    void opensTheSameLedgerWhateverBecameOfItsCheckpoint() throws Exception {
        loseCheckpoints(System.nanoTime(), 1);
    }

    @Tag("soak")
    @Test
    void opensTheSameLedgerWhateverBecameOfHundredsOfCheckpoints() throws Exception {
        loseCheckpoints(System.nanoTime(), Integer.getInteger("soak.rounds", 100));
    }

    private void loseCheckpoints(long seed, int rounds) throws Exception {
        System.out.println("UnknownOutcomesIT: seed " + seed + ", " + rounds + " checkpoints");
        Random random = new Random(seed);
        Fault[] faults = {Fault.ANSWER_LOST, Fault.ERROR_AFTERWARDS, Fault.BODY_CUT, Fault.RESET};
        for (int round = 0; round < rounds; round++) {
            Fault fault = faults[random.nextInt(faults.length)];
            int times = random.nextBoolean() ? 1 : 16;
            try (S3Archive archive = new S3Archive(folder, seed + round)) {
                archive.proxy.failNext(
                        fault,
                        times,
                        request -> request.isWrite() && request.path().contains("/checkpoints/"));
                ObjectStore rest = new MemoryObjectStore();
                ArchiveState written = new SyntheticArchive(
                                withCheckpointsIn(archive.openBehindProxy(), rest), folder.resolve("synthetic"))
                        .archive(manyTransactions(), Engine.POSTGRESQL, 1)
                        .state();

                ObjectStore store = withCheckpointsIn(archive.direct, rest);
                assertThat(archive.proxy.count(fault)).isPositive();
                ArchiveState opened =
                        Ledger.openExisting(store, SHOP).map(Ledger::state).orElseThrow();
                assertThat(opened.headSha256()).isEqualTo(written.headSha256());
                assertThat(opened.keys()).isEqualTo(written.keys());
                assertThat(ArchiveVerifier.verify(store, SHOP, Sampling.EVERYTHING, progress -> {})
                                .findings())
                        .isEmpty();
            }
            FaultResults.record(
                    FaultResult.survived(FaultKind.UNKNOWN_OUTCOME, "checkpoint: " + name(fault), 1, Harm.NONE));
        }
    }

    /** A store of two: what is not a checkpoint needs no network. */
    private static ObjectStore withCheckpointsIn(ObjectStore checkpoints, ObjectStore rest) {
        return (ObjectStore) Proxy.newProxyInstance(
                ObjectStore.class.getClassLoader(), new Class<?>[] {ObjectStore.class}, (proxy, method, arguments) -> {
                    boolean isRest = arguments != null && !((String) arguments[0]).contains("/checkpoints/");
                    try {
                        return method.invoke(isRest ? rest : checkpoints, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    /** Small ones, and enough for a checkpoint. */
    private static SyntheticSource manyTransactions() {
        SyntheticSource source = new SyntheticSource(SHOP);
        SyntheticTable table = source.createTable("t", SyntheticTable.column(1, "id", Carrier.INT64));
        for (long id = 0; id < 66; id++) {
            source.insert(table, id).commit();
        }
        return source;
    }

    @Test
    void archivesEverythingThroughAStoreThatFailsOneRequestInFive() throws Exception {
        System.out.println("UnknownOutcomesIT: seed " + SEED);
        List<Fault> faults = List.of(
                Fault.ERROR,
                Fault.SLOW_DOWN,
                Fault.SLOW,
                Fault.RESET,
                Fault.ANSWER_LOST,
                Fault.ERROR_AFTERWARDS,
                Fault.BODY_CUT,
                Fault.ANSWER_CUT,
                Fault.NEWEST_UNLISTED);
        try (S3Archive archive = new S3Archive(folder, SEED)) {
            archive.proxy.fail(20, faults.toArray(Fault[]::new));
            S3Archive.Running archiver = archive.startBehindProxy();
            for (int round = 0; round < 8 || round < 60 && seen(archive, faults) <= 5; round++) {
                RandomHistory.grow(archive.source, SEED + round, 5);
                archive.write();
                archive.awaitArchived(archiver);
                if (round == 3) {
                    archiver.stop();
                    archiver = archive.startBehindProxy();
                }
            }
            archive.proxy.heal();
            archiver.stop();

            requireIntact(archive, "seed " + SEED);
            assertThat(seen(archive, faults)).isGreaterThan(5);
            faults.forEach(fault -> FaultResults.record(FaultResult.survived(
                    FaultKind.STORAGE, "request: " + name(fault), archive.proxy.count(fault), Harm.NONE)));
        }
    }

    private static long seen(S3Archive archive, List<Fault> faults) {
        return faults.stream().filter(fault -> archive.proxy.count(fault) > 0).count();
    }

    @Test
    void stopsWhenStorageRefusesAndGoesOnWhereItStoodWhenItDoesNot() throws Exception {
        try (S3Archive archive = new S3Archive(folder, SEED)) {
            RandomHistory.grow(archive.source, 1, 10);
            archive.write();
            S3Archive.Running archiver = archive.startBehindProxy();
            archive.awaitArchived(archiver);
            long archivedTo = archive.state().topic().orElseThrow().nextOffset();

            archive.proxy.fail(100, Fault.FORBIDDEN);
            RandomHistory.grow(archive.source, 2, 10);
            archive.write();
            await().atMost(LIMIT).until(() -> !archiver.thread().isAlive());

            assertThat(archiver.service().status().state()).isEqualTo(State.FAILED);
            assertThat(archiver.service().status().problem()).startsWith("CDP-4003 Storage refuses to ");
            try (ChangeTopicReader reader = ChangeTopicReader.open(archive.kafka, SHOP, KafkaOffset.START)) {
                assertThat(reader.beginning().value())
                        .as("the topic keeps what is not archived")
                        .isLessThanOrEqualTo(archivedTo);
            }
            assertThat(archive.state().topic().orElseThrow().nextOffset()).isEqualTo(archivedTo);
            archive.proxy.heal();
            S3Archive.Running next = archive.startBehindProxy();
            archive.awaitArchived(next);
            next.stop();

            requireIntact(archive, "after a refusal");
            FaultResults.record(FaultResult.noticed(FaultKind.STORAGE, "access refused", 1, 1));
        }
    }

    private static void requireIntact(S3Archive archive, String what) throws Exception {
        SoftAssertions softly = new SoftAssertions();
        softly.assertThat(archive.harm()).as(what).isEqualTo(Harm.NONE);
        archive.requireSound(softly);
        softly.assertAll();
    }

    private static String name(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
}
