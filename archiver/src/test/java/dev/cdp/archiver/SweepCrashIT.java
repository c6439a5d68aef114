package dev.cdp.archiver;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cdp.core.Engine;
import dev.cdp.core.SourceId;
import dev.cdp.core.archive.ArchiveAccess;
import dev.cdp.core.archive.ArchiveLayout;
import dev.cdp.core.archive.ArchiveState;
import dev.cdp.core.archive.ArchiveVerifier;
import dev.cdp.core.archive.ArchiveVerifier.Sampling;
import dev.cdp.core.archive.Ledger;
import dev.cdp.core.archive.LedgerEntry.Deletion;
import dev.cdp.core.archive.ObjectStore;
import dev.cdp.core.crash.CrashPoint;
import dev.cdp.testkit.RandomHistory;
import dev.cdp.testkit.SyntheticArchive;
import dev.cdp.testkit.SyntheticSource;
import dev.cdp.testkit.faults.FaultKind;
import dev.cdp.testkit.faults.FaultResult;
import dev.cdp.testkit.faults.FaultResult.Harm;
import dev.cdp.testkit.faults.FaultResults;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Sweeps that are stopped dead between the two steps in which an object goes, by a clock that is turned by days. */
class SweepCrashIT {
    private static final SourceId SHOP = new SourceId("shop");
    private static final int ORPHANS = 4;

    @TempDir
    private Path folder;

    private ObjectStore store;
    private ArchiveState before;
    private Instant now = Instant.parse("2026-11-21T00:00:00Z");

    @BeforeEach
    void archiveSomething() {
        store = ArchiveAccess.file(folder.resolve("archive")).open();
        SyntheticSource source = RandomHistory.of(SHOP, 7, 20);
        new SyntheticArchive(store, folder.resolve("staging")).archive(source, Engine.POSTGRESQL, 5);
        before = state();
    }

    @AfterEach
    void close() {
        store.close();
    }

    @Test
    void deletesWhatWasLeftBehindAndNothingElseWhereverASweepStops() throws Exception {
        stopSweeps(System.nanoTime());
    }

    @Tag("soak")
    @Test
    void deletesNothingElseInManyRounds() throws Exception {
        int rounds = Integer.getInteger("soak.rounds", 25);
        for (int round = 0; round < rounds; round++) {
            stopSweeps(System.nanoTime());
        }
    }

    private void stopSweeps(long seed) throws Exception {
        System.out.println("SweepCrashIT: seed " + seed);
        Random random = new Random(seed);
        List<String> orphans = new ArrayList<>();
        for (int i = 0; i < ORPHANS; i++) {
            orphans.add(leaveBehind(random));
        }
        stopAt(CrashPoint.ARCHIVER_ORPHANS_LISTED, 1);
        assertThat(state().deletions()).extracting(Deletion::key).containsExactlyInAnyOrderElementsOf(orphans);
        assertThat(present(orphans)).as("listed and not old enough").isEqualTo(ORPHANS);

        now = now.plus(OrphanSweep.SAFE_AGE);
        int deleted = 1 + random.nextInt(ORPHANS - 1);
        stopAt(CrashPoint.ARCHIVER_ORPHAN_DELETED, deleted);
        assertThat(present(orphans)).isEqualTo(ORPHANS - deleted);
        stopAt(CrashPoint.ARCHIVER_ORPHANS_LISTED, 1);
        assertThat(state().deletions()).as("those that are gone leave the list").hasSize(ORPHANS - deleted);
        stopAt(CrashPoint.ARCHIVER_SWEPT, 1);
        assertThat(present(orphans)).isZero();

        new OrphanSweep(store, SHOP, Engine.POSTGRESQL, Clock.fixed(now, ZoneOffset.UTC)).sweep();
        assertThat(state().deletions()).isEmpty();
        assertThat(state().keys()).isEqualTo(before.keys());
        assertThat(ArchiveVerifier.verify(store, SHOP, Sampling.EVERYTHING, progress -> {})
                        .findings())
                .isEmpty();
        now = now.plus(Duration.ofDays(1));
    }

    private void stopAt(CrashPoint point, int passage) throws Exception {
        assertThat(SweepProcess.run(folder.resolve("archive"), SHOP, now, point, passage))
                .as("%s:%s", point.id(), passage)
                .isEqualTo(CrashPoint.EXIT_CODE);
        FaultResults.record(FaultResult.survived(FaultKind.CRASH_POINT, point.id(), 1, Harm.NONE));
    }

    private String leaveBehind(Random random) {
        long seq = random.nextLong(before.topic().orElseThrow().lastSeq()) + 1;
        String key = ArchiveLayout.transactions(SHOP, LocalDate.of(2026, 11, 20), seq);
        store.putIfAbsent(key, "left behind".getBytes(StandardCharsets.UTF_8));
        return key;
    }

    private long present(List<String> keys) {
        return keys.stream().filter(key -> store.size(key).isPresent()).count();
    }

    private ArchiveState state() {
        return Ledger.openExisting(store, SHOP).map(Ledger::state).orElseThrow();
    }
}
