package dev.cdp.archiver;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cdp.core.Engine;
import dev.cdp.core.SourceId;
import dev.cdp.core.StoredObject;
import dev.cdp.core.archive.ArchiveLayout;
import dev.cdp.core.archive.ArchiveState;
import dev.cdp.core.archive.InputsListedException;
import dev.cdp.core.archive.Ledger;
import dev.cdp.core.archive.LedgerEntry;
import dev.cdp.core.archive.LedgerEntry.TopicProgress;
import dev.cdp.core.archive.LedgerEntry.TransactionsFile;
import dev.cdp.core.archive.LedgerFencedException;
import dev.cdp.core.archive.ObjectStore;
import dev.cdp.core.archive.StorageUnavailableException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Archivers and sweepers of one source at once, stepped through one storage call at a time in random order: some are paused
 * for long, some are killed, answers are lost, writes arrive late, and clocks are wrong by more than the safe age.
 */
class DeletionRaceTest {
    private static final SourceId SHOP = new SourceId("shop");
    private static final LocalDate DAY = LocalDate.of(2026, 11, 21);
    private static final int COMMITS_PER_ARCHIVER = 12;
    private static final int SWEEPS = 15;
    private static final String SHA_256 = "0".repeat(64);

    /** Takes every object for left behind that no entry names yet, those of commits in flight too. */
    private static final OrphanSweep.Choice GREEDY = (key, archive) -> true;

    @TempDir
    private Path folder;

    private Path file;
    private long deletedCount;
    private long refusedCount;

    @BeforeEach
    void makeFile() throws IOException {
        file = Files.writeString(folder.resolve("file"), "x");
    }

    @Test
    void noObjectThatTheLedgerNamesIsEverDeleted() throws InterruptedException {
        race(1, 60);
    }

    @Tag("soak")
    @Test
    void noObjectThatTheLedgerNamesIsEverDeletedInThousandsOfRaces() throws InterruptedException {
        race(1_000, 5_000);
    }

    private void race(long firstSeed, int races) throws InterruptedException {
        for (long seed = firstSeed; seed < firstSeed + races; seed++) {
            try {
                new Race(seed).run();
            } catch (AssertionError e) {
                throw new AssertionError("Seed " + seed + ": " + e.getMessage(), e);
            }
        }
        assertThat(deletedCount).as("deletions in all races").isGreaterThan(races);
        assertThat(refusedCount).as("commits whose files were listed").isGreaterThan(races / 10);
    }

    private final class Race {
        private final Random random;
        private final ObjectStore objects = new MemoryObjectStore();
        private final Set<String> present = new HashSet<>();
        private final Interleaving steps;
        private final ObjectStore store;
        private Instant now = Instant.parse("2026-11-21T00:00:00Z");

        private Race(long seed) {
            random = new Random(seed);
            steps = new Interleaving(random, this::check);
            store = new SteppedStore(objects, steps, random);
        }

        void run() throws InterruptedException {
            for (int archiver = 0; archiver < 2; archiver++) {
                steps.add("archiver-" + archiver, this::archive);
            }
            for (int sweeper = 0; sweeper < 2; sweeper++) {
                Clock clock = clock(Duration.ofHours(random.nextInt(60) - 30));
                steps.add("sweeper-" + sweeper, () -> sweep(clock));
            }
            steps.run();
            checkChain();
            checkNothingIsLeftBehind();
        }

        private Clock clock(Duration wrongBy) {
            InstantSource instants = () -> now.plus(wrongBy);
            return instants.withZone(ZoneOffset.UTC);
        }

        private void archive() {
            int commits = 0;
            while (commits < COMMITS_PER_ARCHIVER) {
                try {
                    Ledger ledger = Ledger.open(store, SHOP, Engine.POSTGRESQL, clock(Duration.ZERO));
                    while (commits < COMMITS_PER_ARCHIVER) {
                        ledger.recover();
                        commit(ledger);
                        commits++;
                    }
                } catch (LedgerFencedException | StorageUnavailableException | Interleaving.Killed e) {
                    commits++; // a new process takes over
                } catch (InputsListedException e) {
                    refusedCount++;
                }
            }
        }

        private void commit(Ledger ledger) {
            long first = ledger.state().topic().map(TopicProgress::lastSeq).orElse(0L) + 1;
            long last = first + random.nextInt(3);
            List<TransactionsFile> files = new ArrayList<>();
            for (long seq = first; seq <= last; seq++) {
                String key = key(seq);
                store.put(key, file);
                files.add(new TransactionsFile(
                        new StoredObject(key, 1, 1, SHA_256), 1, DAY, seq, seq, Instant.EPOCH, Instant.EPOCH));
            }
            ledger.commit(new LedgerEntry.Content(
                    1,
                    new TopicProgress("topic", last, last),
                    null,
                    List.of(),
                    List.of(),
                    List.of(),
                    files,
                    List.of(),
                    List.of(),
                    List.of(),
                    List.of(),
                    List.of(),
                    List.of()));
        }

        /** As the archiver names it, with all of its randomness from the seed. */
        private String key(long seq) {
            UUID unique = new UUID(random.nextLong(), random.nextLong());
            return "%stransactions/day=%s/%019d-%s.parquet".formatted(ArchiveLayout.source(SHOP), DAY, seq, unique);
        }

        private void sweep(Clock clock) {
            for (int sweep = 0; sweep < SWEEPS; sweep++) {
                try {
                    new OrphanSweep(store, SHOP, Engine.POSTGRESQL, clock, GREEDY).sweep();
                } catch (StorageUnavailableException | Interleaving.Killed e) {
                    // the next one goes on
                }
            }
        }

        private void check() {
            now = now.plus(Duration.ofMinutes(random.nextInt(100)));
            Set<String> before = Set.copyOf(present);
            present.clear();
            present.addAll(objects.list("sources/"));
            if (present.equals(before)) {
                return;
            }
            deletedCount +=
                    before.stream().filter(key -> !present.contains(key)).count();
            assertThat(present).containsAll(state().keys());
        }

        private void checkChain() {
            long due = 1;
            for (TransactionsFile next : state().transactions()) {
                assertThat(next.firstSeq()).as("lost or repeated").isEqualTo(due);
                due = next.lastSeq() + 1;
            }
        }

        private void checkNothingIsLeftBehind() {
            for (int sweep = 0; sweep < 2; sweep++) {
                new OrphanSweep(objects, SHOP, Engine.POSTGRESQL, clock(Duration.ZERO), GREEDY).sweep();
                now = now.plus(OrphanSweep.SAFE_AGE).plus(Duration.ofHours(60)); // past whatever the wrong clocks wrote
            }
            new OrphanSweep(objects, SHOP, Engine.POSTGRESQL, clock(Duration.ZERO), GREEDY).sweep();
            assertThat(objects.list("sources/shop/transactions/")).hasSameElementsAs(state().keys());
        }

        private ArchiveState state() {
            return Ledger.open(objects, SHOP, Engine.POSTGRESQL, Clock.systemUTC())
                    .state();
        }
    }
}
