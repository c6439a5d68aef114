package dev.cdp.core.archive;

import dev.cdp.core.Engine;
import dev.cdp.core.SourceId;
import dev.cdp.core.StoredObject;
import dev.cdp.core.archive.AffectedRestores.Named;
import dev.cdp.core.archive.VerificationFinding.Kind;
import java.security.MessageDigest;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Reads one source's archive against its ledger: the chain of entries from the first one on, that every object an entry
 * names is there and has its size and its SHA-256, and that checkpoints are the sums of the entries. Reads the ledger
 * from its entries alone and takes nothing from checkpoints, but that a ledger that ends before one was longer.
 */
public final class ArchiveVerifier {
    private static final int CHUNK_BYTES = 4 << 20;
    private static final long SAMPLE_SEED = 20;

    private final ObjectStore store;
    private final SourceId source;
    private final Sampling sampling;
    private final Consumer<Progress> progress;
    private final List<Draft> drafts = new ArrayList<>();
    private final Set<String> listed = new HashSet<>();
    private final AffectedRestores restores = new AffectedRestores();
    private final Map<Long, Checkpoint> checkpoints = new HashMap<>();
    private final Map<LocalDate, Sample> samples = new TreeMap<>();
    private final Random random = new Random(SAMPLE_SEED);
    private @Nullable ArchiveState sum;
    private long entryCount;
    private long objectCount;
    private long readCount;
    private long byteCount;
    private String previousSha256 = "";
    private long lastSeq = -1;

    /**
     * How many objects are read whole; that they are there and have their size is checked for all.
     *
     * @param objectsPerDay drawn at random for each day (UTC) of commit time; {@link Long#MAX_VALUE} for all
     */
    public record Sampling(long objectsPerDay) {
        public static final Sampling EVERYTHING = new Sampling(Long.MAX_VALUE);

        public Sampling {
            if (objectsPerDay < 0) {
                throw new IllegalArgumentException("Not a number of objects: " + objectsPerDay);
            }
        }
    }

    /** How far a verification is. */
    public record Progress(long entryCount, long objectCount, long byteCount) {}

    /**
     * What was verified, and what was found wrong.
     *
     * @param readCount objects read whole, of {@code objectCount}
     * @param byteCount read whole
     */
    public record Report(
            SourceId source,
            long entryCount,
            long objectCount,
            long readCount,
            long byteCount,
            List<VerificationFinding> findings) {
        public Report {
            findings = List.copyOf(findings);
        }
    }

    /**
     * A finding before everything is known that it says.
     *
     * @param named the object, null when the finding is about {@code key}
     * @param sha256 what the object has, empty when it was not read
     */
    private record Draft(
            VerificationFinding finding, @Nullable Named named, String sha256) {}

    /** Objects of one day that were drawn, each with the same chance. */
    private static final class Sample {
        private final List<Named> drawn = new ArrayList<>();
        private long seen;
    }

    private ArchiveVerifier(ObjectStore store, SourceId source, Sampling sampling, Consumer<Progress> progress) {
        this.store = store;
        this.source = source;
        this.sampling = sampling;
        this.progress = progress;
        this.sum = new ArchiveState(source, Engine.POSTGRESQL); // the entries know the real engine
    }

    /**
     * @param progress told after each object; may do nothing
     * @throws StorageUnavailableException when the archive cannot be read, which says nothing about its content
     */
    public static Report verify(ObjectStore store, SourceId source, Sampling sampling, Consumer<Progress> progress) {
        ArchiveVerifier verifier = new ArchiveVerifier(store, source, sampling, progress);
        long newest = verifier.newestEntry();
        verifier.readCheckpoints(newest);
        for (long number = 1; number <= newest; number++) {
            verifier.verifyEntry(number);
        }
        verifier.samples.values().forEach(sample -> sample.drawn.forEach(verifier::verifyContent));
        return new Report(
                source,
                verifier.entryCount,
                verifier.objectCount,
                verifier.readCount,
                verifier.byteCount,
                verifier.findings(newest));
    }

    private long newestEntry() {
        return store.list(ArchiveLayout.source(source) + "ledger/").stream()
                .map(key -> key.substring(key.lastIndexOf('/') + 1))
                .filter(name -> name.matches("\\d{16}\\.json"))
                .mapToLong(name -> Long.parseLong(name.substring(0, 16)))
                .max()
                .orElse(0);
    }

    private void readCheckpoints(long newest) {
        for (String key : new Checkpoints(store, source).keys()) {
            Optional<byte[]> bytes = store.get(key);
            if (bytes.isEmpty()) {
                continue; // the writer keeps the newest few
            }
            if (Checkpoints.number(key) > newest) {
                find(VerificationFinding.rolledBack(
                        key, null, "The ledger ends with entry " + newest + "; a checkpoint sums up later ones"));
                continue;
            }
            try {
                checkpoints.put(Checkpoints.number(key), Checkpoints.read(key, bytes.get()));
            } catch (IllegalArgumentException e) {
                find(VerificationFinding.derived(key, "The checkpoint cannot be used: " + e.getMessage()));
            }
        }
    }

    private void verifyEntry(long number) {
        String key = ArchiveLayout.ledgerEntry(source, number);
        Optional<byte[]> bytes = store.get(key);
        if (bytes.isEmpty()) {
            lose(Kind.MISSING, key, "Ledger entry " + number + " is missing");
            return;
        }
        LedgerEntry entry;
        try {
            entry = Ledger.parse(source, number, bytes.get());
        } catch (ArchiveDamagedException e) {
            lose(Kind.DIFFERENT, key, "Ledger entry " + number + " is damaged");
            return;
        }
        if (entry.number() != number || !entry.source().equals(source)) {
            lose(
                    Kind.SWAPPED,
                    key,
                    "In the place of ledger entry " + number + " stands entry " + entry.number() + " of source '"
                            + entry.source() + "'");
            return;
        }
        boolean isChained = entry.previousSha256().equals(previousSha256)
                || (previousSha256.isEmpty() && number > 1); // the entry before is a finding already
        if (!isChained) {
            lose(Kind.UNCHAINED, key, "Ledger entry " + number + " does not follow the one before it");
        }
        previousSha256 = Sha256.of(bytes.get());
        entryCount++;
        if (entry.deletions() != null) {
            entry.deletions().forEach(deletion -> listed.add(deletion.key()));
        }
        verifySequence(key, entry.content());
        restores.take(entry).forEach(this::verifyObject);
        addUp(entry, key);
        verifyCheckpoint(number);
    }

    /** An entry that is of no use: what it recorded is not known, so it concerns every table. */
    private void lose(Kind kind, String key, String what) {
        find(new VerificationFinding(kind, key, List.of(), restores.latest(), null, what));
        previousSha256 = "";
        lastSeq = -1;
        sum = null;
    }

    /** Transactions of one epoch continue where those of the entry before ended. */
    private void verifySequence(String key, LedgerEntry.Content content) {
        long first = content.transactions().stream()
                .mapToLong(LedgerEntry.TransactionsFile::firstSeq)
                .min()
                .orElse(-1);
        if (first >= 0 && lastSeq >= 0 && content.gaps().isEmpty() && first != lastSeq + 1) {
            String what = "Changes " + (lastSeq + 1) + " to " + (first - 1) + " are in no ledger entry";
            find(new VerificationFinding(Kind.INCOMPLETE, key, List.of(), restores.latest(), null, what));
        }
        lastSeq = content.topic().lastSeq();
    }

    private void addUp(LedgerEntry entry, String key) {
        if (sum == null) {
            return;
        }
        try {
            sum.apply(entry, previousSha256);
        } catch (ArchiveDamagedException e) {
            find(new VerificationFinding(
                    Kind.UNCHAINED, key, List.of(), restores.latest(), null, String.valueOf(e.getMessage())));
            sum = null;
        }
    }

    private void verifyCheckpoint(long number) {
        Checkpoint checkpoint = checkpoints.remove(number);
        if (checkpoint == null) {
            return;
        }
        String key = ArchiveLayout.checkpoint(source, number);
        if (!checkpoint.headSha256().equals(previousSha256)) {
            find(VerificationFinding.derived(key, "The checkpoint is of another history than the ledger"));
        } else if (sum != null && !isSum(checkpoint, sum)) {
            find(VerificationFinding.derived(key, "The checkpoint is not what the ledger's entries add up to"));
        }
    }

    private static boolean isSum(Checkpoint checkpoint, ArchiveState sum) {
        return checkpoint.total().equals(sum.total())
                && checkpoint.engine() == sum.engine()
                && (checkpoint.deletions() == null ? List.of() : checkpoint.deletions()).equals(sum.deletions());
    }

    private void verifyObject(Named named) {
        objectCount++;
        StoredObject object = named.object();
        Optional<Long> size = store.size(object.key());
        if (size.isEmpty()) {
            find(Kind.MISSING, named, "The object is missing", "");
        } else if (sampling.equals(Sampling.EVERYTHING)) {
            verifyContent(named);
        } else if (size.get() != object.byteCount()) {
            find(Kind.DIFFERENT, named, sizes(size.get(), object), "");
        } else {
            draw(named);
        }
        progress.accept(new Progress(entryCount, objectCount, byteCount));
    }

    private static String sizes(long found, StoredObject object) {
        return "The object has " + found + " bytes instead of " + object.byteCount();
    }

    private void draw(Named named) {
        Sample sample = samples.computeIfAbsent(named.day(), day -> new Sample());
        sample.seen++;
        if (sample.drawn.size() < sampling.objectsPerDay()) {
            sample.drawn.add(named);
            return;
        }
        long place = random.nextLong(sample.seen);
        if (place < sampling.objectsPerDay()) {
            sample.drawn.set((int) place, named);
        }
    }

    /** Reads to the end, wherever that is, so that the content can be recognised as another object's. */
    private void verifyContent(Named named) {
        StoredObject object = named.object();
        MessageDigest digest = Sha256.digest();
        long offset = 0;
        for (byte[] chunk = chunk(object, offset); chunk.length > 0; chunk = chunk(object, offset)) {
            digest.update(chunk);
            offset += chunk.length;
        }
        readCount++;
        byteCount += offset;
        String sha256 = HexFormat.of().formatHex(digest.digest());
        if (offset != object.byteCount()) {
            find(Kind.DIFFERENT, named, sizes(offset, object), sha256);
        } else if (!sha256.equals(object.sha256())) {
            String what = "The object has SHA-256 " + sha256 + " instead of " + object.sha256();
            find(Kind.DIFFERENT, named, what, sha256);
        }
        progress.accept(new Progress(entryCount, objectCount, byteCount));
    }

    private byte[] chunk(StoredObject object, long offset) {
        return store.getRange(object.key(), offset, CHUNK_BYTES);
    }

    private void find(VerificationFinding finding) {
        drafts.add(new Draft(finding, null, ""));
    }

    private void find(Kind kind, Named named, String what, String sha256) {
        drafts.add(new Draft(
                new VerificationFinding(kind, named.object().key(), List.of(), null, null, what), named, sha256));
    }

    /** What only the whole ledger tells is added: up to when an object is needed, and whose content it holds. */
    private List<VerificationFinding> findings(long newest) {
        Map<String, String> owners = owners(newest);
        return drafts.stream()
                .filter(draft -> !listed.contains(draft.finding().key())) // no part of the archive any more
                .map(draft -> complete(draft, owners))
                .toList();
    }

    private VerificationFinding complete(Draft draft, Map<String, String> owners) {
        Named named = draft.named();
        if (named == null) {
            return draft.finding();
        }
        String owner = owners.get(draft.sha256());
        AffectedRestores.Range range = restores.of(named);
        Instant from = range.from();
        return new VerificationFinding(
                owner == null ? draft.finding().kind() : Kind.SWAPPED,
                draft.finding().key(),
                restores.tables(named),
                from,
                range.to(),
                owner == null ? draft.finding().what() : "The object holds the content of " + owner);
    }

    /** The keys under which the ledger names the contents that were found in wrong places. */
    private Map<String, String> owners(long newest) {
        Map<String, String> owners = drafts.stream()
                .map(Draft::sha256)
                .filter(sha256 -> !sha256.isEmpty())
                .distinct()
                .collect(Collectors.toMap(sha256 -> sha256, sha256 -> ""));
        for (long number = 1; number <= newest && !owners.isEmpty(); number++) {
            try {
                Ledger.entry(store, source, number)
                        .map(entry -> new AffectedRestores().take(entry))
                        .ifPresent(all -> all.forEach(named -> owners.replace(
                                named.object().sha256(), named.object().key())));
            } catch (ArchiveDamagedException e) {
                continue; // a finding of its own
            }
        }
        owners.values().removeIf(String::isEmpty);
        return owners;
    }
}
