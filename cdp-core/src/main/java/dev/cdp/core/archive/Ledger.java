package dev.cdp.core.archive;

import dev.cdp.core.Engine;
import dev.cdp.core.Json;
import dev.cdp.core.SourceId;
import dev.cdp.core.archive.ObjectStore.PutOutcome;
import dev.cdp.core.crash.CrashPoint;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The ledger of one source: numbered entries, each created once with if-none-match and chained to the one before by
 * its SHA-256. Every {@value #CHECKPOINT_EVERY} entries a checkpoint sums everything up, so that opening does not grow
 * with history; checkpoints are derived and can be lost.
 *
 * <p>Not safe for use by several threads.
 */
public final class Ledger {
    private static final Logger log = LoggerFactory.getLogger(Ledger.class);
    private static final int CHECKPOINT_EVERY = 64;
    private static final int CHECKPOINTS_KEPT = 3;
    private static final int ATTEMPTS = 5;

    private final ObjectStore store;
    private final String writer;
    private final Clock clock;
    private final ArchiveState state;

    /** What all entries up to one add up to. */
    record Checkpoint(
            long entryNumber, String headSha256, Engine engine, Instant writtenAt, LedgerEntry.Content total) {}

    private Ledger(ObjectStore store, Clock clock, ArchiveState state) {
        this.store = store;
        this.writer = UUID.randomUUID().toString();
        this.clock = clock;
        this.state = state;
    }

    /** Opens a source's ledger at its newest entry, empty or not. */
    public static Ledger open(ObjectStore store, SourceId source, Engine engine, Clock clock) {
        Ledger ledger = new Ledger(store, clock, new ArchiveState(source, engine));
        ledger.loadCheckpoint();
        ledger.refresh();
        return ledger;
    }

    /** Opens a source's ledger for reading. @return empty when the source has no entry */
    public static Optional<Ledger> openExisting(ObjectStore store, SourceId source) {
        Ledger ledger = open(store, source, Engine.POSTGRESQL, Clock.systemUTC()); // the entries know the real engine
        return ledger.state.entryNumber() == 0 ? Optional.empty() : Optional.of(ledger);
    }

    /** Sources that have a ledger in this archive. */
    public static List<SourceId> sources(ObjectStore store) {
        return store.list("sources/").stream()
                .filter(key -> key.contains("/ledger/"))
                .map(key -> new SourceId(key.split("/")[1]))
                .distinct()
                .toList();
    }

    /** SHA-256 of one entry's bytes; empty when there is no such entry. */
    public static Optional<String> entrySha256(ObjectStore store, SourceId source, long number) {
        return store.get(ArchiveLayout.ledgerEntry(source, number)).map(Sha256::of);
    }

    /** One entry as it stands, without a look at the ones before it; empty when there is none of that number. */
    public static Optional<LedgerEntry> entry(ObjectStore store, SourceId source, long number) {
        return store.get(ArchiveLayout.ledgerEntry(source, number)).map(Ledger::parse);
    }

    /** What all entries read or written so far add up to. */
    public ArchiveState state() {
        return state;
    }

    /** Takes over the entries that others have written meanwhile. @return how many */
    public int refresh() {
        int taken = 0;
        for (Optional<byte[]> next = next(); next.isPresent(); next = next()) {
            apply(next.get());
            taken++;
        }
        return taken;
    }

    /**
     * Takes over the entry that an earlier {@link #commit} created although its outcome stayed unknown.
     *
     * @throws LedgerFencedException when another writer has added entries since this ledger was opened
     */
    public void recover() {
        for (Optional<byte[]> next = next(); next.isPresent(); next = next()) {
            LedgerEntry entry = parse(next.get());
            if (!entry.writer().equals(writer)) {
                throw new LedgerFencedException(entry.source(), entry.number(), store.location());
            }
            apply(next.get());
        }
    }

    private Optional<byte[]> next() {
        return store.get(ArchiveLayout.ledgerEntry(state.source(), state.entryNumber() + 1));
    }

    /**
     * Makes {@code content} part of the archive, at once and whole.
     *
     * @throws LedgerFencedException when another writer has added entries since this ledger was opened
     * @throws StorageUnavailableException when it stays unknown whether the entry was created: {@link #recover}
     */
    public LedgerEntry commit(LedgerEntry.Content content) {
        LedgerEntry entry = new LedgerEntry(
                LedgerEntry.FORMAT,
                state.entryNumber() + 1,
                state.headSha256(),
                state.source(),
                state.engine(),
                LedgerEntry.Role.ARCHIVER,
                writer,
                UUID.randomUUID().toString(),
                clock.instant(),
                content);
        byte[] bytes = Json.write(entry).getBytes(StandardCharsets.UTF_8);
        create(entry, bytes);
        CrashPoint.ARCHIVER_ENTRY_CREATED.reached();
        state.apply(entry, Sha256.of(bytes));
        if (entry.number() % CHECKPOINT_EVERY == 0) {
            writeCheckpoint();
        }
        return entry;
    }

    private void create(LedgerEntry entry, byte[] bytes) {
        String key = ArchiveLayout.ledgerEntry(entry.source(), entry.number());
        for (int attempt = 1; ; attempt++) {
            try {
                if (store.putIfAbsent(key, bytes) == PutOutcome.CREATED || isOurs(key, entry)) {
                    return;
                }
                throw new LedgerFencedException(entry.source(), entry.number(), store.location());
            } catch (StorageUnavailableException e) { // unknown: the next attempt finds our own entry if it was created
                if (attempt == ATTEMPTS) {
                    throw e;
                }
                log.warn("Ledger entry {}: {}; trying again", entry.number(), e.getMessage());
            }
        }
    }

    private boolean isOurs(String key, LedgerEntry entry) {
        Optional<LedgerEntry> standing = store.get(key).map(Ledger::parse);
        if (standing.isPresent() && standing.get().writer().equals(writer)) {
            if (!standing.get().commitId().equals(entry.commitId())) { // its content may differ: recover first
                throw new StorageUnavailableException(
                        "create " + key,
                        store.location(),
                        new IllegalStateException("an earlier attempt of this process arrived late"));
            }
            return true;
        }
        return false;
    }

    private void apply(byte[] bytes) {
        state.apply(parse(bytes), Sha256.of(bytes));
    }

    static LedgerEntry parse(byte[] bytes) {
        try {
            return Json.read(new String(bytes, StandardCharsets.UTF_8), LedgerEntry.class);
        } catch (IllegalArgumentException e) {
            throw new ArchiveDamagedException("A ledger entry cannot be read: " + e.getMessage());
        }
    }

    private void writeCheckpoint() {
        Checkpoint checkpoint = new Checkpoint(
                state.entryNumber(), state.headSha256(), state.engine(), state.writtenAt(), state.total());
        try {
            store.putDerived(
                    ArchiveLayout.checkpoint(state.source(), state.entryNumber()),
                    Json.write(checkpoint).getBytes(StandardCharsets.UTF_8));
            CrashPoint.ARCHIVER_CHECKPOINT_WRITTEN.reached();
            List<String> all = store.list(ArchiveLayout.checkpoints(state.source()));
            all.subList(0, Math.max(0, all.size() - CHECKPOINTS_KEPT)).forEach(store::delete);
            CrashPoint.ARCHIVER_CHECKPOINTS_PRUNED.reached();
        } catch (StorageUnavailableException e) {
            log.warn("No checkpoint at ledger entry {}: {}", state.entryNumber(), e.getMessage());
        }
    }

    /** Starts at the newest checkpoint that can be read; without one, at the first entry. */
    private void loadCheckpoint() {
        List<String> all = store.list(ArchiveLayout.checkpoints(state.source()));
        for (int i = all.size() - 1; i >= 0; i--) {
            Optional<byte[]> bytes = store.get(all.get(i));
            if (bytes.isPresent()) {
                try {
                    state.applyCheckpoint(Json.read(new String(bytes.get(), StandardCharsets.UTF_8), Checkpoint.class));
                    return;
                } catch (IllegalArgumentException e) {
                    log.warn("Checkpoint {} cannot be read and is passed over: {}", all.get(i), e.getMessage());
                }
            }
        }
    }
}
