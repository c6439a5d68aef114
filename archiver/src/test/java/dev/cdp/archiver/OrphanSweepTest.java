package dev.cdp.archiver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cdp.core.Engine;
import dev.cdp.core.SourceId;
import dev.cdp.core.StoredObject;
import dev.cdp.core.archive.ArchiveAccess;
import dev.cdp.core.archive.ArchiveLayout;
import dev.cdp.core.archive.ArchiveState;
import dev.cdp.core.archive.ArchiveVerifier;
import dev.cdp.core.archive.ArchiveVerifier.Sampling;
import dev.cdp.core.archive.InputsListedException;
import dev.cdp.core.archive.Ledger;
import dev.cdp.core.archive.LedgerEntry;
import dev.cdp.core.archive.LedgerEntry.Deletion;
import dev.cdp.core.archive.ObjectStore;
import dev.cdp.testkit.RandomHistory;
import dev.cdp.testkit.SyntheticArchive;
import dev.cdp.testkit.SyntheticSource;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OrphanSweepTest {
    private static final SourceId SHOP = new SourceId("shop");
    private static final LocalDate DAY = LocalDate.of(2026, 11, 21);

    @TempDir
    private Path folder;

    private ObjectStore store;
    private ArchiveState before;
    private Instant now = Instant.parse("2026-11-21T00:00:00Z");

    @BeforeEach
    void archiveSomething() {
        store = ArchiveAccess.file(folder.resolve("archive")).open();
        SyntheticSource source = new SyntheticSource(SHOP);
        RandomHistory.grow(source, 7, 10);
        source.takeBase(store, folder.resolve("base-staging"));
        RandomHistory.grow(source, 8, 10);
        new SyntheticArchive(store, folder.resolve("staging")).archive(source, Engine.POSTGRESQL, 5);
        before = state();
    }

    @Test
    void deletesWhatAFailedCommitLeftADayAfterItWasListed() {
        String orphan = orphan(before.topic().orElseThrow().lastSeq());

        assertThat(sweep()).isEqualTo(new OrphanSweep.Outcome(1, 0));
        assertThat(state().deletions()).extracting(Deletion::key).containsExactly(orphan);
        now = now.plus(OrphanSweep.SAFE_AGE).minusSeconds(1);
        assertThat(sweep()).isEqualTo(new OrphanSweep.Outcome(0, 0));
        assertThat(store.size(orphan)).isPresent();
        now = now.plusSeconds(1);
        assertThat(sweep()).isEqualTo(new OrphanSweep.Outcome(0, 1));

        assertThat(store.size(orphan)).isEmpty();
        assertThat(state().keys()).isEqualTo(before.keys()).allSatisfy(key -> assertThat(store.size(key))
                .isPresent());
        assertThat(ArchiveVerifier.verify(store, SHOP, Sampling.EVERYTHING, progress -> {})
                        .findings())
                .isEmpty();
    }

    @Test
    void keepsWhatACommitInFlightMayStillName() {
        String inFlight = orphan(before.topic().orElseThrow().lastSeq() + 1);
        String base = basePart(before.topic().orElseThrow().lastSeq());

        sweep();
        now = now.plus(Duration.ofDays(365));
        sweep();

        assertThat(store.size(inFlight)).isPresent();
        assertThat(store.size(base)).isPresent();
        assertThat(state().entryNumber()).isEqualTo(before.entryNumber());
    }

    @Test
    void deletesTheBaseThatFailedBeforeAnotherOne() {
        String failed = basePart(0);
        String kept = basePart(before.bases().get(0).seq());

        sweep();
        now = now.plus(OrphanSweep.SAFE_AGE);
        sweep();

        assertThat(store.size(failed)).isEmpty();
        assertThat(store.size(kept)).isPresent();
        assertThat(state().bases()).isEqualTo(before.bases());
    }

    @Test
    void takesDeletedObjectsOffTheListAndListsThoseThatCameBack() {
        String orphan = orphan(1);
        sweep();
        now = now.plus(OrphanSweep.SAFE_AGE);
        sweep();
        store.putIfAbsent(orphan, bytes("an upload that arrived late"));

        now = now.plusSeconds(1);
        assertThat(sweep()).as("it is listed no longer than the sweep before").isEqualTo(new OrphanSweep.Outcome(0, 1));
        sweep();

        assertThat(store.size(orphan)).isEmpty();
        assertThat(state().deletions()).isEmpty();
    }

    @Test
    void leavesObjectsOfOtherMakersAlone() {
        String foreign = "sources/shop/history/readme.txt";
        store.putIfAbsent(foreign, bytes("mine"));

        sweep();
        now = now.plus(OrphanSweep.SAFE_AGE);
        sweep();

        assertThat(store.size(foreign)).isPresent();
    }

    @Test
    void aListedObjectIsNoPartOfTheArchiveAnyMore() {
        String named = before.history().get(0).object().key();
        Ledger ledger = open();

        ledger.list(state -> List.of(new Deletion(named, now)));

        assertThat(state().keys()).doesNotContain(named).hasSize(before.keys().size() - 1);
        store.delete(named);
        assertThat(ArchiveVerifier.verify(store, SHOP, Sampling.EVERYTHING, progress -> {})
                        .findings())
                .isEmpty();
    }

    @Test
    void aCommitGoesBehindASweepersEntryUnlessItsObjectsAreListedOrGone() {
        Ledger archiver = open();
        Ledger late = open();
        Ledger robbed = open();
        String present = orphan(before.topic().orElseThrow().lastSeq() + 1);
        String listed = orphan(1);
        sweep();

        assertThatThrownBy(() -> late.commit(naming(listed)))
                .isInstanceOf(InputsListedException.class)
                .hasMessageContaining(listed);
        assertThatThrownBy(() -> open().commit(naming(listed))).isInstanceOf(InputsListedException.class);
        assertThatThrownBy(() -> robbed.commit(naming("sources/shop/history/gone")))
                .isInstanceOf(InputsListedException.class)
                .hasMessageContaining("sources/shop/history/gone");
        LedgerEntry entry = archiver.commit(naming(present));

        assertThat(entry.number()).isEqualTo(before.entryNumber() + 2);
        assertThat(state().headSha256()).isEqualTo(archiver.state().headSha256());
        assertThat(archiver.state().writtenAt()).isEqualTo(entry.writtenAt());
    }

    private LedgerEntry.Content naming(String key) {
        LedgerEntry.TransactionsFile some = before.transactions().get(0);
        LedgerEntry.TransactionsFile file = new LedgerEntry.TransactionsFile(
                new StoredObject(key, 1, 1, "0".repeat(64)), some.epoch(), DAY, 1, 1, Instant.EPOCH, Instant.EPOCH);
        return new LedgerEntry.Content(
                before.epoch(),
                before.topic().orElseThrow(),
                null,
                List.of(),
                List.of(),
                List.of(),
                List.of(file),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of());
    }

    private String orphan(long seq) {
        String key = ArchiveLayout.transactions(SHOP, DAY, seq);
        store.putIfAbsent(key, bytes("left behind"));
        return key;
    }

    private String basePart(long begunAt) {
        String key = ArchiveLayout.base(
                SHOP, ArchiveLayout.baseId(begunAt), before.schemas().get(0), 0);
        store.putIfAbsent(key, bytes("left behind"));
        return key;
    }

    private OrphanSweep.Outcome sweep() {
        return new OrphanSweep(store, SHOP, Engine.POSTGRESQL, clock()).sweep();
    }

    private Clock clock() {
        InstantSource instants = () -> now;
        return instants.withZone(ZoneOffset.UTC);
    }

    private Ledger open() {
        return Ledger.open(store, SHOP, Engine.POSTGRESQL, clock());
    }

    private ArchiveState state() {
        return open().state();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
