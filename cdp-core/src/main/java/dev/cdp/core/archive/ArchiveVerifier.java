package dev.cdp.core.archive;

import dev.cdp.core.ChangeEvent.BaseTable;
import dev.cdp.core.SourceId;
import dev.cdp.core.StoredObject;
import dev.cdp.core.TableId;
import dev.cdp.core.TableName;
import dev.cdp.core.archive.VerificationFinding.Kind;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
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
import org.jspecify.annotations.Nullable;

/**
 * Reads one source's archive against its ledger: the chain of entries from the first one on, and that every object an
 * entry names is there, has its size and its SHA-256. Holds one entry and some bytes of one object at a time.
 */
public final class ArchiveVerifier {
    private static final int CHUNK_BYTES = 4 << 20;
    private static final long SAMPLE_SEED = 20;

    private final ObjectStore store;
    private final SourceId source;
    private final Sampling sampling;
    private final Consumer<Progress> progress;
    private final List<VerificationFinding> findings = new ArrayList<>();
    private final Set<String> listed = new HashSet<>();
    private final Map<TableId, TableName> tables = new HashMap<>();
    private final Map<LocalDate, Sample> samples = new TreeMap<>();
    private final Random random = new Random(SAMPLE_SEED);
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

    /** An object that a ledger entry names, and what it is about. */
    private record Named(
            StoredObject object,
            @Nullable TableName table,
            @Nullable Instant earliest,
            @Nullable Instant latest) {
        LocalDate day() {
            return (earliest == null ? Instant.EPOCH : earliest)
                    .atZone(ZoneOffset.UTC)
                    .toLocalDate();
        }
    }

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
    }

    /**
     * @param progress told after each object; may do nothing
     * @throws StorageUnavailableException when the archive cannot be read, which says nothing about its content
     */
    public static Report verify(ObjectStore store, SourceId source, Sampling sampling, Consumer<Progress> progress) {
        ArchiveVerifier verifier = new ArchiveVerifier(store, source, sampling, progress);
        long newest = newestEntry(store, source);
        for (long number = 1; number <= newest; number++) {
            verifier.verifyEntry(number);
        }
        verifier.samples.values().forEach(sample -> sample.drawn.forEach(verifier::verifyContent));
        verifier.findings.removeIf(finding -> verifier.listed.contains(finding.key())); // no part of it any more
        return new Report(
                source,
                verifier.entryCount,
                verifier.objectCount,
                verifier.readCount,
                verifier.byteCount,
                verifier.findings);
    }

    /** By the entries' names and the checkpoints': a checkpoint that is ahead shows that the ledger lost its end. */
    private static long newestEntry(ObjectStore store, SourceId source) {
        List<String> keys = new ArrayList<>(store.list(ArchiveLayout.source(source) + "ledger/"));
        keys.addAll(store.list(ArchiveLayout.checkpoints(source)));
        return keys.stream()
                .map(key -> key.substring(key.lastIndexOf('/') + 1))
                .filter(name -> name.matches("\\d{16}\\.json"))
                .mapToLong(name -> Long.parseLong(name.substring(0, 16)))
                .max()
                .orElse(0);
    }

    private void verifyEntry(long number) {
        String key = ArchiveLayout.ledgerEntry(source, number);
        Optional<byte[]> bytes = store.get(key);
        if (bytes.isEmpty()) {
            find(Kind.MISSING, key, "Ledger entry " + number + " is missing");
            previousSha256 = "";
            return;
        }
        LedgerEntry entry;
        try {
            entry = Ledger.parse(source, number, bytes.get());
        } catch (ArchiveDamagedException e) {
            find(Kind.DIFFERENT, key, String.valueOf(e.getMessage()));
            previousSha256 = "";
            return;
        }
        boolean isChained = entry.previousSha256().equals(previousSha256)
                || (previousSha256.isEmpty() && number > 1); // the entry before is a finding already
        if (entry.number() != number || !entry.source().equals(source) || !isChained) {
            find(Kind.UNCHAINED, key, "Ledger entry " + number + " does not follow the one before it");
        }
        previousSha256 = Sha256.of(bytes.get());
        entryCount++;
        if (entry.deletions() != null) {
            entry.deletions().forEach(deletion -> listed.add(deletion.key()));
        }
        verifySequence(key, entry.content());
        named(entry.content()).forEach(this::verifyObject);
    }

    /** Transactions of one epoch continue where those of the entry before ended. */
    private void verifySequence(String key, LedgerEntry.Content content) {
        long first = content.transactions().stream()
                .mapToLong(LedgerEntry.TransactionsFile::firstSeq)
                .min()
                .orElse(-1);
        if (first >= 0 && lastSeq >= 0 && content.gaps().isEmpty() && first != lastSeq + 1) {
            find(Kind.INCOMPLETE, key, "Changes " + (lastSeq + 1) + " to " + (first - 1) + " are in no ledger entry");
        }
        lastSeq = content.topic().lastSeq();
    }

    private List<Named> named(LedgerEntry.Content content) {
        content.schemas()
                .forEach(each ->
                        tables.put(each.schema().tableId(), each.schema().name()));
        List<Named> all = new ArrayList<>();
        for (var base : content.bases()) {
            for (BaseTable table : base.tables()) {
                tables.put(table.schema().tableId(), table.schema().name());
                table.files()
                        .forEach(file ->
                                all.add(new Named(file, table.schema().name(), base.takenAt(), base.takenAt())));
            }
        }
        for (var file : content.history()) {
            Instant begin = file.day().atStartOfDay(ZoneOffset.UTC).toInstant();
            all.add(new Named(file.object(), tables.get(file.table()), begin, begin.plus(Duration.ofDays(1))));
        }
        content.transactions()
                .forEach(file -> all.add(new Named(file.object(), null, file.earliestCommit(), file.latestCommit())));
        content.definitions().forEach(definition -> all.add(new Named(definition.object(), null, null, null)));
        return all;
    }

    private void verifyObject(Named named) {
        objectCount++;
        StoredObject object = named.object();
        Optional<Long> size = store.size(object.key());
        if (size.isEmpty()) {
            find(Kind.MISSING, named, "The object is missing");
        } else if (size.get() != object.byteCount()) {
            find(Kind.DIFFERENT, named, "The object has " + size.get() + " bytes instead of " + object.byteCount());
        } else if (sampling.equals(Sampling.EVERYTHING)) {
            verifyContent(named);
        } else {
            draw(named);
        }
        progress.accept(new Progress(entryCount, objectCount, byteCount));
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

    private void verifyContent(Named named) {
        StoredObject object = named.object();
        MessageDigest digest = Sha256.digest();
        long offset = 0;
        while (offset < object.byteCount()) {
            int length = (int) Math.min(CHUNK_BYTES, object.byteCount() - offset);
            byte[] chunk = store.getRange(object.key(), offset, length);
            if (chunk.length == 0) {
                break;
            }
            digest.update(chunk);
            offset += chunk.length;
        }
        readCount++;
        byteCount += offset;
        String sha256 = HexFormat.of().formatHex(digest.digest());
        if (!sha256.equals(object.sha256())) {
            find(Kind.DIFFERENT, named, "The object has SHA-256 " + sha256 + " instead of " + object.sha256());
        }
        progress.accept(new Progress(entryCount, objectCount, byteCount));
    }

    private void find(Kind kind, Named named, String what) {
        findings.add(new VerificationFinding(
                kind, named.object().key(), named.table(), named.earliest(), named.latest(), what));
    }

    private void find(Kind kind, String key, String what) {
        findings.add(new VerificationFinding(kind, key, null, null, null, what));
    }
}
