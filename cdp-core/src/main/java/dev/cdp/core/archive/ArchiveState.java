package dev.cdp.core.archive;

import dev.cdp.core.ChangeEvent;
import dev.cdp.core.Engine;
import dev.cdp.core.SourceId;
import dev.cdp.core.TableId;
import dev.cdp.core.TableSchema;
import dev.cdp.core.Watermark;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What the entries of one source's ledger add up to. Grows as {@link #apply} is called by its one owner; not safe for
 * use by several threads.
 */
public final class ArchiveState {
    private final SourceId source;
    private Engine engine;
    private long entryNumber;
    private String headSha256 = "";
    private Instant writtenAt = Instant.EPOCH;
    private int epoch;
    private LedgerEntry.@Nullable TopicProgress topic;
    private @Nullable Watermark watermark;
    private final List<LedgerEntry.SchemaVersion> schemas = new ArrayList<>();
    private final List<LedgerEntry.DroppedTable> droppedTables = new ArrayList<>();
    private final List<LedgerEntry.HistoryFile> history = new ArrayList<>();
    private final List<LedgerEntry.TransactionsFile> transactions = new ArrayList<>();
    private final List<ChangeEvent.BaseSnapshot> bases = new ArrayList<>();
    private final List<LedgerEntry.Mark> marks = new ArrayList<>();
    private final List<LedgerEntry.Statement> statements = new ArrayList<>();
    private final List<LedgerEntry.Gap> gaps = new ArrayList<>();
    private final List<LedgerEntry.Definition> definitions = new ArrayList<>();
    private final List<LedgerEntry.Sequences> sequences = new ArrayList<>();
    private List<LedgerEntry.Deletion> deletions = List.of();

    /** The state before the first entry. */
    ArchiveState(SourceId source, Engine engine) {
        this.source = source;
        this.engine = engine;
    }

    /**
     * Adds one entry.
     *
     * @param sha256 of the entry's bytes
     * @throws ArchiveDamagedException when it does not follow the last one
     */
    void apply(LedgerEntry entry, String sha256) {
        if (entry.number() != entryNumber + 1
                || !entry.previousSha256().equals(headSha256)
                || !entry.source().equals(source)) {
            throw new ArchiveDamagedException("Ledger entry " + entry.number() + " of source '" + source
                    + "' does not follow entry " + entryNumber + " with SHA-256 '" + headSha256 + "'");
        }
        engine = entry.engine();
        entryNumber = entry.number();
        headSha256 = sha256;
        writtenAt = entry.role() == LedgerEntry.Role.ARCHIVER ? entry.writtenAt() : writtenAt;
        add(entry.content());
        if (entry.deletions() != null) {
            remove(entry.deletions());
        }
    }

    /** A new state with {@code tail} added that no entry holds yet; the newest entry stays the same. */
    public ArchiveState with(LedgerEntry.Content tail) {
        ArchiveState longer = new ArchiveState(source, engine);
        longer.entryNumber = entryNumber;
        longer.headSha256 = headSha256;
        longer.writtenAt = writtenAt;
        longer.deletions = deletions;
        if (entryNumber > 0) {
            longer.add(total());
        }
        longer.add(tail);
        return longer;
    }

    private void add(LedgerEntry.Content content) {
        epoch = content.epoch();
        topic = content.topic();
        watermark = content.watermark() == null ? watermark : content.watermark();
        content.schemas().forEach(this::addSchema);
        droppedTables.addAll(content.droppedTables());
        history.addAll(content.history());
        transactions.addAll(content.transactions());
        bases.addAll(content.bases());
        content.bases().forEach(base -> base.tables()
                .forEach(table ->
                        addSchema(new LedgerEntry.SchemaVersion(content.epoch(), base.seq(), table.schema()))));
        marks.addAll(content.marks());
        statements.addAll(content.statements());
        gaps.addAll(content.gaps());
        definitions.addAll(content.definitions());
        addSequences(content.sequences());
    }

    /** What is listed for deletion is no part of the archive any more, though it may be there for a while. */
    private void remove(List<LedgerEntry.Deletion> listed) {
        deletions = listed;
        Set<String> keys = listed.stream().map(LedgerEntry.Deletion::key).collect(Collectors.toSet());
        history.removeIf(file -> keys.contains(file.object().key()));
        transactions.removeIf(file -> keys.contains(file.object().key()));
        bases.removeIf(base -> !Collections.disjoint(LedgerEntry.Content.keys(base), keys));
    }

    /**
     * A schema is announced again when capture starts again, and by every base; the same one is kept once. It is in force
     * from the earliest announcement on, which need not come first: a base is archived behind changes that follow it.
     */
    private void addSchema(LedgerEntry.SchemaVersion announced) {
        for (int i = schemas.size() - 1; i >= 0; i--) {
            LedgerEntry.SchemaVersion known = schemas.get(i);
            if (isSameVersion(known.schema(), announced.schema())) {
                requireSame(known.schema(), announced.schema());
                if (announced.seq() < known.seq()) {
                    schemas.set(i, announced);
                }
                return;
            }
        }
        schemas.add(announced);
    }

    private static boolean isSameVersion(TableSchema one, TableSchema other) {
        return one.version() == other.version() && one.tableId().equals(other.tableId());
    }

    private void requireSame(TableSchema known, TableSchema announced) {
        if (!known.equals(announced)) {
            throw new ArchiveDamagedException("Version " + announced.version() + " of table " + announced.name()
                    + " of source '" + source + "' stands twice with different contents");
        }
    }

    /** Values are read with every marker; only those that differ from the ones before are kept. */
    private void addSequences(List<LedgerEntry.Sequences> read) {
        for (LedgerEntry.Sequences values : read) {
            if (sequences.isEmpty()
                    || !sequences.get(sequences.size() - 1).values().equals(values.values())) {
                sequences.add(values);
            }
        }
    }

    public SourceId source() {
        return source;
    }

    public Engine engine() {
        return engine;
    }

    /** The newest entry's number; 0 for an empty ledger. */
    public long entryNumber() {
        return entryNumber;
    }

    /** SHA-256 of the newest entry's bytes. */
    public String headSha256() {
        return headSha256;
    }

    /** When the archiver's newest entry was written, by its writer's clock. */
    public Instant writtenAt() {
        return writtenAt;
    }

    /** The epoch of the newest entry; 0 before the first. */
    public int epoch() {
        return epoch;
    }

    public Optional<LedgerEntry.TopicProgress> topic() {
        return Optional.ofNullable(topic);
    }

    public Optional<Watermark> watermark() {
        return Optional.ofNullable(watermark);
    }

    /** Every version of every table, in the order they were announced. */
    public List<TableSchema> schemas() {
        return schemas.stream().map(LedgerEntry.SchemaVersion::schema).toList();
    }

    /** The same with the transactions that announced them; a schema that was announced again stands once. */
    public List<LedgerEntry.SchemaVersion> schemaVersions() {
        return Collections.unmodifiableList(schemas);
    }

    public Optional<TableSchema> schema(TableId table, int version) {
        return schemas.stream()
                .map(LedgerEntry.SchemaVersion::schema)
                .filter(schema ->
                        schema.version() == version && schema.tableId().equals(table))
                .findFirst();
    }

    public List<LedgerEntry.DroppedTable> droppedTables() {
        return Collections.unmodifiableList(droppedTables);
    }

    /** In commit order. */
    public List<LedgerEntry.HistoryFile> history() {
        return Collections.unmodifiableList(history);
    }

    /** In commit order. */
    public List<LedgerEntry.TransactionsFile> transactions() {
        return Collections.unmodifiableList(transactions);
    }

    public List<ChangeEvent.BaseSnapshot> bases() {
        return Collections.unmodifiableList(bases);
    }

    public List<LedgerEntry.Mark> marks() {
        return Collections.unmodifiableList(marks);
    }

    public List<LedgerEntry.Statement> statements() {
        return Collections.unmodifiableList(statements);
    }

    public List<LedgerEntry.Gap> gaps() {
        return Collections.unmodifiableList(gaps);
    }

    /** In the order of their {@code seq}. */
    public List<LedgerEntry.Definition> definitions() {
        return Collections.unmodifiableList(definitions);
    }

    /** In the order of their {@code seq}. */
    public List<LedgerEntry.Sequences> sequences() {
        return Collections.unmodifiableList(sequences);
    }

    /** What is listed for deletion, in the order it was listed. */
    public List<LedgerEntry.Deletion> deletions() {
        return deletions;
    }

    /** The keys of all objects that are part of the archive. */
    public Set<String> keys() {
        return total().keys();
    }

    /** The number of the earliest state of the present epoch that can be restored: its first base's. */
    public Optional<Long> earliestSeq() {
        return bases.stream()
                .filter(ChangeEvent.BaseSnapshot::replacesAll)
                .map(ChangeEvent.BaseSnapshot::seq)
                .filter(seq -> seq >= epochStart())
                .min(Comparator.naturalOrder());
    }

    private long epochStart() {
        return gaps.stream()
                .filter(gap -> gap.epoch() == epoch && gap.tables().isEmpty())
                .mapToLong(LedgerEntry.Gap::seq)
                .max()
                .orElse(0);
    }

    /** Everything so far as one content, for a checkpoint. */
    LedgerEntry.Content total() {
        return new LedgerEntry.Content(
                epoch,
                topic,
                watermark,
                schemas,
                droppedTables,
                history,
                transactions,
                bases,
                marks,
                statements,
                gaps,
                definitions,
                sequences);
    }

    /** Takes a checkpoint over in place of the entries it sums up. */
    void applyCheckpoint(Checkpoint checkpoint) {
        entryNumber = checkpoint.entryNumber() - 1;
        headSha256 = "";
        apply(
                new LedgerEntry(
                        LedgerEntry.FORMAT,
                        checkpoint.entryNumber(),
                        "",
                        source,
                        checkpoint.engine(),
                        LedgerEntry.Role.ARCHIVER,
                        "",
                        "",
                        checkpoint.writtenAt(),
                        checkpoint.total(),
                        checkpoint.deletions()),
                checkpoint.headSha256());
    }
}
