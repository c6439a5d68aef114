package dev.cdp.core.archive;

import dev.cdp.core.ChangeEvent;
import dev.cdp.core.ChangeEvent.BaseSnapshot;
import dev.cdp.core.ChangeEvent.LastWhole;
import dev.cdp.core.ChangeRecord;
import dev.cdp.core.SourceId;
import dev.cdp.core.SourcePosition;
import dev.cdp.core.StoredObject;
import dev.cdp.core.TableSchema;
import dev.cdp.core.Watermark;
import dev.cdp.core.archive.LedgerEntry.TopicProgress;
import dev.cdp.core.topic.TransactionAssembler.Notice;
import dev.cdp.core.topic.TransactionAssembler.Transaction;
import dev.cdp.core.topic.TransactionAssembler.Unit;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Collects what transactions and notices of a change topic add to an archive: files on local disk, and the content of
 * a ledger entry that names them. Everything in one content is of one epoch: take it before a {@link ChangeEvent.Gap}
 * is accepted. Not safe for use by several threads.
 */
public final class ContentCollector implements AutoCloseable {
    private final SourceId source;
    private final HistoryWriter writer;
    private List<LedgerEntry.SchemaVersion> schemas = new ArrayList<>();
    private List<LedgerEntry.DroppedTable> droppedTables = new ArrayList<>();
    private List<BaseSnapshot> bases = new ArrayList<>();
    private List<LedgerEntry.Mark> marks = new ArrayList<>();
    private List<LedgerEntry.Statement> statements = new ArrayList<>();
    private List<LedgerEntry.Gap> gaps = new ArrayList<>();
    private List<LedgerEntry.Definition> definitions = new ArrayList<>();
    private Map<String, byte[]> documents = new LinkedHashMap<>();
    private List<LedgerEntry.Sequences> sequences = new ArrayList<>();
    private boolean isEmpty = true;
    private long rowsDue;
    private int epoch;
    private long lastSeq;
    private @Nullable Watermark watermark;

    /**
     * What was collected.
     *
     * @param content names the files by the keys where they belong in the archive
     * @param documents definitions by their key
     */
    public record Collected(HistoryWriter.Staged files, Map<String, byte[]> documents, LedgerEntry.Content content) {}

    /**
     * @param directory for files that are not in the archive yet
     * @param known schemas announced before
     */
    public ContentCollector(SourceId source, Path directory, long targetFileBytes, List<TableSchema> known) {
        this.source = source;
        this.writer = new HistoryWriter(source, directory, targetFileBytes, known);
    }

    /** Collects what follows the newest entry of {@code state}. */
    public ContentCollector(ArchiveState state, Path directory, long targetFileBytes) {
        this(state.source(), directory, targetFileBytes, state.schemas());
        epoch = state.epoch();
        lastSeq = state.topic().map(TopicProgress::lastSeq).orElse(0L);
        watermark = state.watermark().orElse(null);
    }

    /** Takes the next unit of the topic; the caller closes it. */
    public void accept(Unit unit) {
        if (unit instanceof Transaction transaction) {
            accept(transaction);
        } else if (unit instanceof Notice notice) {
            accept(notice.record());
        }
    }

    private void accept(Transaction transaction) {
        isEmpty = false;
        epoch = transaction.epoch();
        lastSeq = transaction.lastSeq();
        writer.append(transaction);
        for (ChangeRecord record : transaction.events()) {
            accept(transaction, record);
        }
        watermark = new Watermark(
                source,
                transaction.epoch(),
                transaction.lastSeq(),
                transaction.end().position(),
                transaction.end().commitTimestamp());
    }

    private void accept(Transaction transaction, ChangeRecord record) {
        ChangeEvent event = record.event();
        var commit = transaction.end().commitTimestamp();
        if (event instanceof ChangeEvent.RowChange || event instanceof ChangeEvent.Truncate) {
            rowsDue++;
        } else if (event instanceof ChangeEvent.SchemaChange change) {
            schemas.add(new LedgerEntry.SchemaVersion(epoch, transaction.lastSeq(), change.schema()));
        } else if (event instanceof ChangeEvent.TableDropped dropped) {
            droppedTables.add(new LedgerEntry.DroppedTable(dropped.table(), transaction.lastSeq()));
        } else if (event instanceof ChangeEvent.DdlStatement ddl) {
            statements.add(new LedgerEntry.Statement(epoch, record.seq(), commit, ddl.tag(), ddl.object(), ddl.sql()));
        } else if (event instanceof ChangeEvent.Marker marker && marker.name() != null) {
            marks.add(new LedgerEntry.Mark(
                    marker.name(), marker.round(), epoch, transaction.lastSeq(), commit, marker.writtenAt()));
        }
    }

    private void accept(ChangeRecord record) {
        epoch = record.epoch();
        ChangeEvent event = record.event();
        isEmpty &= event instanceof ChangeEvent.StreamStart;
        if (event instanceof BaseSnapshot base) {
            accept(record, base);
        } else if (event instanceof ChangeEvent.Gap gap) {
            gaps.add(new LedgerEntry.Gap(
                    epoch,
                    record.seq(),
                    from(record, gap),
                    gap.to(),
                    record.ingestTimestamp(),
                    gap.reason(),
                    gap.tables(),
                    lastWhole(gap)));
            lastSeq = record.seq();
        } else if (event instanceof ChangeEvent.SequencesRead read) {
            sequences = new ArrayList<>(List.of(new LedgerEntry.Sequences(epoch, record.seq(), read.values())));
        } else if (event instanceof ChangeEvent.DefinitionRead read) {
            byte[] document = read.json().getBytes(StandardCharsets.UTF_8);
            String sha256 = Sha256.of(document);
            String key = ArchiveLayout.definition(source, sha256);
            documents.put(key, document);
            definitions.add(
                    new LedgerEntry.Definition(epoch, record.seq(), new StoredObject(key, 0, document.length, sha256)));
        }
    }

    /**
     * Capture says where it stood. When numbers are missing before the gap, what it had recorded did not get here, and
     * the gap begins where the archive ends.
     */
    private @Nullable SourcePosition from(ChangeRecord record, ChangeEvent.Gap gap) {
        boolean follows = record.seq() == lastSeq + 1;
        boolean isCapturesToSay = follows || !gap.tables().isEmpty() || lastWhole(gap) != null;
        return isCapturesToSay ? gap.from() : watermark == null ? null : watermark.position();
    }

    /** Null, too, when nothing behind it got here. */
    private @Nullable LastWhole lastWhole(ChangeEvent.Gap gap) {
        LastWhole last = gap.lastWhole();
        return last == null || last.seq() >= lastSeq ? null : last;
    }

    private void accept(ChangeRecord record, BaseSnapshot base) {
        if (base.seq() > record.seq()) { // its state would be visible before the changes that it includes
            throw new IllegalStateException("Base " + base.id() + " of source '" + source + "' holds change "
                    + base.seq() + " and was announced at change " + record.seq());
        }
        base.tables().forEach(table -> writer.learn(table.schema()));
        bases.add(base);
        boolean isAhead = watermark == null || watermark.epoch() < epoch || watermark.seq() < base.seq();
        if (base.replacesAll() && isAhead) {
            watermark = new Watermark(source, epoch, base.seq(), base.position(), base.takenAt());
        }
    }

    /** The epoch of what was accepted last, 0 for nothing ever. */
    public int epoch() {
        return epoch;
    }

    /** Whether nothing was accepted since the last {@link #take} that an archive would hold. */
    public boolean isEmpty() {
        return isEmpty;
    }

    /** Whether anything but heartbeats and values of sequences waits to be taken. */
    public boolean holdsChanges() {
        return writer.stagedBytes() > 0
                || !(schemas.isEmpty()
                        && droppedTables.isEmpty()
                        && bases.isEmpty()
                        && marks.isEmpty()
                        && statements.isEmpty()
                        && gaps.isEmpty()
                        && definitions.isEmpty());
    }

    /** About how many bytes of files wait to be taken. */
    public long stagedBytes() {
        return writer.stagedBytes();
    }

    /** Closes the open files and hands out everything since the last call. */
    public Collected take(TopicProgress progress) {
        HistoryWriter.Staged files = writer.roll();
        requireEveryRow(files);
        LedgerEntry.Content content = new LedgerEntry.Content(
                epoch,
                progress,
                watermark == null || watermark.epoch() < epoch ? null : watermark,
                schemas,
                droppedTables,
                files.history().stream().map(HistoryWriter.StagedHistory::entry).toList(),
                files.transactions().stream()
                        .map(HistoryWriter.StagedTransactions::entry)
                        .toList(),
                bases,
                marks,
                statements,
                gaps,
                definitions,
                sequences);
        Collected collected = new Collected(files, documents, content);
        isEmpty = true;
        schemas = new ArrayList<>();
        droppedTables = new ArrayList<>();
        bases = new ArrayList<>();
        marks = new ArrayList<>();
        statements = new ArrayList<>();
        gaps = new ArrayList<>();
        definitions = new ArrayList<>();
        documents = new LinkedHashMap<>();
        sequences = new ArrayList<>();
        return collected;
    }

    /** What becomes visible is counted twice: as it came, and as it stands in the files. */
    private void requireEveryRow(HistoryWriter.Staged files) {
        long written = files.history().stream()
                .mapToLong(file -> file.entry().object().rowCount())
                .sum();
        if (written != rowsDue) {
            throw new IllegalStateException("The files of source '" + source + "' hold " + written + " rows of the "
                    + rowsDue + " that the change topic gave");
        }
        rowsDue = 0;
    }

    @Override
    public void close() {
        writer.close();
    }
}
