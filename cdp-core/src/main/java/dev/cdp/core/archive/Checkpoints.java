package dev.cdp.core.archive;

import dev.cdp.core.SourceId;
import dev.cdp.core.crash.CrashPoint;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The newest few sums of one source's ledger. They are derived: one that is damaged, or is not of the ledger that
 * stands beside it, is passed over, and the entries are read instead.
 */
final class Checkpoints {
    private static final Logger log = LoggerFactory.getLogger(Checkpoints.class);
    private static final Pattern NAME = Pattern.compile(".*/(\\d{16})\\.json");
    private static final int KEPT = 3;

    private final ObjectStore store;
    private final SourceId source;

    Checkpoints(ObjectStore store, SourceId source) {
        this.store = store;
        this.source = source;
    }

    /** Their keys, oldest first. */
    List<String> keys() {
        return store.list(ArchiveLayout.checkpoints(source)).stream()
                .filter(key -> NAME.matcher(key).matches())
                .toList();
    }

    /** The number of the entry that a checkpoint of this key sums up to. */
    static long number(String key) {
        Matcher name = NAME.matcher(key);
        if (!name.matches()) {
            throw new IllegalArgumentException("Not the key of a checkpoint: '" + key + "'");
        }
        return Long.parseLong(name.group(1));
    }

    void write(ArchiveState state) {
        Checkpoint checkpoint = new Checkpoint(
                state.entryNumber(),
                state.headSha256(),
                state.engine(),
                state.writtenAt(),
                state.total(),
                state.deletions());
        try {
            store.putDerived(ArchiveLayout.checkpoint(source, state.entryNumber()), SealedJson.write(checkpoint));
            CrashPoint.ARCHIVER_CHECKPOINT_WRITTEN.reached();
            List<String> all = keys();
            all.subList(0, Math.max(0, all.size() - KEPT)).forEach(store::delete);
            CrashPoint.ARCHIVER_CHECKPOINTS_PRUNED.reached();
        } catch (StorageUnavailableException e) {
            log.warn("No checkpoint at ledger entry {}: {}", state.entryNumber(), e.getMessage());
        }
    }

    /**
     * @return the newest one that sums up entries of this ledger; empty when there is none
     * @throws ArchiveDamagedException when the ledger ends before one that is sound: its newest entries were deleted
     */
    Optional<Checkpoint> newest() {
        List<String> all = keys();
        for (int i = all.size() - 1; i >= 0; i--) {
            Optional<Checkpoint> checkpoint = sound(all.get(i));
            if (checkpoint.isPresent()) {
                return checkpoint;
            }
        }
        return Optional.empty();
    }

    private Optional<Checkpoint> sound(String key) {
        Optional<byte[]> bytes = store.get(key);
        if (bytes.isEmpty()) {
            return Optional.empty(); // deleted meanwhile by the writer, who keeps the newest few
        }
        try {
            Checkpoint checkpoint = read(key, bytes.get());
            requireSameLedger(key, checkpoint);
            return Optional.of(checkpoint);
        } catch (IllegalArgumentException e) {
            log.warn("Checkpoint {} is passed over: {}", key, e.getMessage());
            return Optional.empty();
        }
    }

    /** @throws IllegalArgumentException when it is not the checkpoint that was written under this key */
    static Checkpoint read(String key, byte[] bytes) {
        Checkpoint checkpoint = SealedJson.read(bytes, Checkpoint.class);
        if (checkpoint.entryNumber() != number(key)) {
            throw new IllegalArgumentException("it is the one of ledger entry " + checkpoint.entryNumber());
        }
        return checkpoint;
    }

    private void requireSameLedger(String key, Checkpoint checkpoint) {
        String entryKey = ArchiveLayout.ledgerEntry(source, checkpoint.entryNumber());
        Optional<byte[]> entry = store.get(entryKey);
        if (entry.isEmpty()) {
            throw new ArchiveDamagedException("Ledger entry " + entryKey + " in " + store.location()
                    + " is missing: checkpoint " + key + " sums it up, so the ledger was longer than it is");
        }
        if (!Sha256.of(entry.get()).equals(checkpoint.headSha256())) {
            throw new IllegalArgumentException("the ledger entry it sums up to is another one");
        }
    }
}
