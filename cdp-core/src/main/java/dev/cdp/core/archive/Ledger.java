package dev.cdp.core.archive;

import dev.cdp.core.Engine;
import dev.cdp.core.SourceId;
import dev.cdp.core.ThisProcess;
import dev.cdp.core.archive.ObjectStore.PutOutcome;
import dev.cdp.core.crash.CrashPoint;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The ledger of one source: numbered entries, each created once with if-none-match and chained to the one before by
 * its SHA-256. Every {@value #CHECKPOINT_EVERY} entries a checkpoint sums everything up, so that opening does not grow
 * with history; checkpoints are derived and can be lost.
 *
 * <p>One archiver and any number of sweepers write it. Whoever finds its number taken reads what stands there: its own
 * commit id means that an earlier attempt came through, another archiver means that it is fenced, and a sweeper's entry
 * means that its own goes behind, if the objects it names are there and not listed. Since each entry follows all before
 * it, an object is listed before a commit that would name it, which then fails, or after one that does, which the
 * sweeper then knows: no object that an entry names can be deleted by mistake, however long a writer was paused.
 *
 * <p>Not safe for use by several threads.
 */
public final class Ledger {
    private static final Logger log = LoggerFactory.getLogger(Ledger.class);
    private static final int CHECKPOINT_EVERY = 64;
    private static final int ATTEMPTS = 5;

    private static final Pattern ENTRY = Pattern.compile("/\\d{16}\\.json$");

    private final ObjectStore store;
    private final String id;
    private final Clock clock;
    private final ArchiveState state;
    private final Checkpoints checkpoints;

    private Ledger(ObjectStore store, Clock clock, ArchiveState state) {
        this.store = store;
        this.id = UUID.randomUUID().toString();
        this.clock = clock;
        this.state = state;
        this.checkpoints = new Checkpoints(store, state.source());
    }

    /**
     * Opens a source's ledger at its newest entry, empty or not.
     *
     * @throws ArchiveDamagedException when an entry is damaged, or missing before others
     */
    public static Ledger open(ObjectStore store, SourceId source, Engine engine, Clock clock) {
        Ledger ledger = new Ledger(store, clock, new ArchiveState(source, engine));
        ledger.checkpoints.newest().ifPresent(ledger.state::applyCheckpoint);
        do {
            ledger.refresh();
        } while (ledger.goesOn());
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
        return store.get(ArchiveLayout.ledgerEntry(source, number)).map(bytes -> parse(source, number, bytes));
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
     * Whether an entry follows that was written meanwhile. An entry is missing, and the end is not the end, when only
     * later ones stand there; at least the next thousand numbers are looked for. What has another name than an entry is
     * none: some stores list an upload that is under way.
     */
    private boolean goesOn() {
        long number = state.entryNumber() + 1;
        String due = ArchiveLayout.ledgerEntry(state.source(), number);
        Optional<String> later = Stream.of(number, number + ArchiveLayout.ENTRIES_PER_FOLDER)
                .map(each -> ArchiveLayout.ledgerFolder(state.source(), each))
                .flatMap(folder -> store.list(folder).stream())
                .filter(key -> ENTRY.matcher(key).find() && key.compareTo(due) >= 0)
                .findFirst();
        if (later.isEmpty()) {
            return false;
        }
        if (next().isPresent()) {
            return true;
        }
        throw new ArchiveDamagedException("Ledger entry " + due + " in " + store.location()
                + " is missing, and later ones are there: " + later.get());
    }

    /**
     * Takes over the entry that an earlier {@link #commit} created although its outcome stayed unknown.
     *
     * @throws LedgerFencedException when another archiver has added entries since this ledger was opened
     */
    public void recover() {
        for (Optional<byte[]> next = next(); next.isPresent(); next = next()) {
            LedgerEntry entry = parse(next.get());
            if (entry.role() == LedgerEntry.Role.ARCHIVER && !isOurs(entry)) {
                throw new LedgerFencedException(entry, store.location());
            }
            apply(next.get());
        }
    }

    /**
     * Makes sure that the newest entry known still stands: a store that was emptied or put back to an old copy must not
     * be gone on with as if nothing had happened.
     *
     * @throws ArchiveDamagedException when it does not
     */
    public void requireHead() {
        if (state.entryNumber() > 0
                && !entrySha256(store, state.source(), state.entryNumber()).equals(Optional.of(state.headSha256()))) {
            throw ArchiveDamagedException.replaced(state.source(), state.entryNumber(), store.location());
        }
    }

    private Optional<byte[]> next() {
        return store.get(ArchiveLayout.ledgerEntry(state.source(), state.entryNumber() + 1));
    }

    /**
     * Makes {@code content} part of the archive, at once and whole, behind what sweepers have listed meanwhile.
     *
     * @throws LedgerFencedException when another archiver has added entries since this ledger was opened
     * @throws ArchiveDamagedException when the newest entry known is gone
     * @throws InputsListedException when an object that it names is listed for deletion, or gone
     * @throws StorageUnavailableException when it stays unknown whether the entry was created: {@link #recover}
     */
    public LedgerEntry commit(LedgerEntry.Content content) {
        requireHead();
        Set<String> inputs = content.keys();
        requireUnlisted(inputs, state.deletions());
        String commitId = UUID.randomUUID().toString();
        while (true) {
            LedgerEntry entry = next(LedgerEntry.Role.ARCHIVER, commitId, content, null);
            Optional<byte[]> other = create(entry);
            if (other.isEmpty()) {
                return entry;
            }
            LedgerEntry standing = parse(other.get());
            if (standing.role() == LedgerEntry.Role.ARCHIVER) {
                throw new LedgerFencedException(standing, store.location());
            }
            apply(other.get());
            requireUnlisted(inputs, state.deletions());
            requirePresent(inputs);
        }
    }

    /**
     * Lists objects for deletion: from the entry on that this creates, they are no part of the archive, and no commit that
     * names one succeeds.
     *
     * @param choice the whole list behind a state; asked again when another entry came between
     * @return empty when the list stays as it is
     * @throws StorageUnavailableException when it stays unknown whether the entry was created: open the ledger again
     */
    public Optional<LedgerEntry> list(Function<ArchiveState, List<LedgerEntry.Deletion>> choice) {
        requireHead();
        while (true) {
            List<LedgerEntry.Deletion> chosen = List.copyOf(choice.apply(state));
            Optional<LedgerEntry.TopicProgress> topic = state.topic();
            if (topic.isEmpty() || chosen.equals(state.deletions())) {
                return Optional.empty();
            }
            LedgerEntry entry = next(
                    LedgerEntry.Role.SWEEPER,
                    UUID.randomUUID().toString(),
                    LedgerEntry.Content.nothing(state.epoch(), topic.get()),
                    chosen);
            Optional<byte[]> other = create(entry);
            if (other.isEmpty()) {
                return Optional.of(entry);
            }
            apply(other.get());
        }
    }

    private boolean isOurs(LedgerEntry entry) {
        return entry.writer().endsWith("/" + id);
    }

    /** The entry that would stand next. */
    private LedgerEntry next(
            LedgerEntry.Role role,
            String commitId,
            LedgerEntry.Content content,
            @Nullable List<LedgerEntry.Deletion> deletions) {
        return new LedgerEntry(
                LedgerEntry.FORMAT,
                state.entryNumber() + 1,
                state.headSha256(),
                state.source(),
                state.engine(),
                role,
                ThisProcess.name() + "/" + id,
                commitId,
                clock.instant(),
                content,
                deletions);
    }

    /** @return what stands there when another commit took the number; empty when the entry was created and taken over */
    private Optional<byte[]> create(LedgerEntry entry) {
        byte[] bytes = SealedJson.write(entry);
        String key = ArchiveLayout.ledgerEntry(entry.source(), entry.number());
        Optional<byte[]> standing = create(key, bytes);
        if (standing.isPresent()) {
            LedgerEntry other = parse(standing.get());
            if (!isOurs(other)) {
                return standing;
            }
            if (!other.commitId().equals(entry.commitId())) { // its content may differ: recover first
                throw unknown(key, "an earlier attempt of this process arrived late");
            }
            bytes = standing.get(); // the time in it is that of the attempt that came through
        }
        if (entry.role() == LedgerEntry.Role.ARCHIVER) {
            CrashPoint.ARCHIVER_ENTRY_CREATED.reached();
        }
        apply(bytes);
        if (entry.number() % CHECKPOINT_EVERY == 0) {
            checkpoints.write(state);
        }
        return Optional.empty();
    }

    /** @return what stands under the key already, perhaps from an earlier attempt of ours */
    private Optional<byte[]> create(String key, byte[] bytes) {
        for (int attempt = 1; ; attempt++) {
            try {
                if (store.putIfAbsent(key, bytes) == PutOutcome.CREATED) {
                    return Optional.empty();
                }
                return Optional.of(store.get(key).orElseThrow(() -> unknown(key, "it is there and cannot be read")));
            } catch (StorageUnavailableException e) { // unknown: the next attempt finds our own entry if it was created
                if (attempt == ATTEMPTS) {
                    throw e;
                }
                log.warn("{}; trying again", e.getMessage());
            }
        }
    }

    private StorageUnavailableException unknown(String key, String why) {
        return new StorageUnavailableException("create " + key, store.location(), new IllegalStateException(why));
    }

    private void requireUnlisted(Set<String> inputs, List<LedgerEntry.Deletion> listed) {
        for (LedgerEntry.Deletion deletion : listed) {
            if (inputs.contains(deletion.key())) {
                throw new InputsListedException(deletion.key(), store.location());
            }
        }
    }

    /** An object that was listed, deleted and taken off the list again is on no list. */
    private void requirePresent(Set<String> inputs) {
        for (String key : inputs) {
            if (store.size(key).isEmpty()) {
                throw new InputsListedException(key, store.location());
            }
        }
    }

    private void apply(byte[] bytes) {
        state.apply(parse(bytes), Sha256.of(bytes));
    }

    /** The bytes of the entry that follows. */
    private LedgerEntry parse(byte[] bytes) {
        return parse(state.source(), state.entryNumber() + 1, bytes);
    }

    static LedgerEntry parse(SourceId source, long number, byte[] bytes) {
        try {
            return SealedJson.read(bytes, LedgerEntry.class);
        } catch (IllegalArgumentException e) {
            throw new ArchiveDamagedException(
                    "Ledger entry " + ArchiveLayout.ledgerEntry(source, number) + " cannot be read: " + e.getMessage());
        }
    }
}
