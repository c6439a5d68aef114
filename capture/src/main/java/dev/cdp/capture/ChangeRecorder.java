package dev.cdp.capture;

import dev.cdp.capture.CaptureProgress.Place;
import dev.cdp.capture.log.LogConsumer;
import dev.cdp.capture.log.LogEvent;
import dev.cdp.capture.source.BaseReading;
import dev.cdp.capture.source.HistoryLostException;
import dev.cdp.capture.source.SourceDatabase;
import dev.cdp.capture.source.TableDescription;
import dev.cdp.capture.source.ValueNotCarriedException;
import dev.cdp.core.ChangeEvent;
import dev.cdp.core.ChangeEvent.RowChange;
import dev.cdp.core.ChangeRecord;
import dev.cdp.core.SourceId;
import dev.cdp.core.TableName;
import dev.cdp.core.TableSchema;
import dev.cdp.core.crash.CrashPoint;
import dev.cdp.core.topic.ChangeTopicWriter;
import java.time.Clock;
import java.time.Instant;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/**
 * Turns what a log says into numbered change records and writes each batch, with the progress it makes, in one Kafka
 * transaction. Called by the thread that reads the log; notices come in from other threads through a queue and are
 * written at the next boundary between two transactions.
 */
final class ChangeRecorder implements LogConsumer {
    private final SourceId source;
    private final ChangeTopicWriter writer;
    private final TableRegistry tables;
    private final Clock clock;
    private final StatementListener onStatement;
    private final Queue<Runnable> atBoundary = new ConcurrentLinkedQueue<>();
    private final Set<String> announced = new HashSet<>();
    private final DefinitionPlaces definitions = new DefinitionPlaces();
    private final ExpectedBase base;
    private final RowRecorder rows;
    private final TablesMissing missing;
    private final StateChanges state;
    private final Refusals refusals = new Refusals();

    private volatile CaptureProgress progress;
    private volatile Instant lastCommitTimestamp = Instant.EPOCH;
    private @Nullable HistoryLostException ended;
    private long seq;
    private long markerCounter;
    private boolean insideTransaction;

    /** @param onStatement told of each data definition statement after it was recorded, in the reading thread */
    ChangeRecorder(
            SourceId source,
            SourceDatabase database,
            ChangeTopicWriter writer,
            CaptureProgress progress,
            TableRegistry tables,
            Clock clock,
            StatementListener onStatement) {
        this.source = source;
        this.writer = writer;
        this.progress = progress;
        this.tables = tables;
        this.clock = clock;
        this.onStatement = onStatement;
        this.seq = progress.seq();
        this.markerCounter = progress.markerCounter();
        this.base = new ExpectedBase(tables, definitions);
        this.rows = new RowRecorder(source, database);
        this.missing = TablesMissing.load(writer);
        this.state = new StateChanges(tables, missing);
    }

    /** The tables whose gap waits for a base, by native id; visible to every thread. */
    Set<String> tablesDue() {
        return missing.ids();
    }

    /** What is written so far; visible to every thread. */
    CaptureProgress progress() {
        return progress;
    }

    /** Remembers the newest ledger entry with what is written next; safe for use by any thread. */
    void archiveSeen(ArchiveSeen newest) {
        state.archiveSeen(newest);
    }

    /** Of the last transaction recorded by this run, by the source's clock; the epoch's start before the first. */
    Instant lastCommitTimestamp() {
        return lastCommitTimestamp;
    }

    /**
     * Writes the start of this run.
     *
     * @param gap before it, when the run starts an epoch; the progress counts it already
     * @param notices what belongs in front of the first transaction
     */
    void begin(Optional<ChangeEvent.Gap> gap, List<ChangeEvent.Notice> notices) {
        writer.begin();
        gap.ifPresent(this::append);
        append(new ChangeEvent.StreamStart(progress.boundary()));
        notices.forEach(this::append);
        CrashPoint.CAPTURE_START_SENT.reached();
        commit();
        CrashPoint.CAPTURE_START_COMMITTED.reached();
    }

    /** Has the task run by the reading thread at the next boundary between two transactions. */
    void atBoundary(Runnable task) {
        atBoundary.add(task);
    }

    /**
     * Only from a task of {@link #atBoundary}, or before reading starts: watches for the place of a base whose view
     * will be opened next, in place of an earlier one.
     */
    PendingBase expectBase(String id, PendingBase.BaseKind kind) {
        return base.expect(new PendingBase(id, kind, progress.boundary(), seq));
    }

    /** Only from a task of {@link #atBoundary}, or before reading starts. */
    void baseOpened(PendingBase opened, BaseReading view) {
        opened.openedAt(view.position(), clock.instant(), view.tables());
        base.settle(opened);
    }

    /** Only from a task of {@link #atBoundary}: the base is not to come. */
    void forgetBase(PendingBase given) {
        base.forget(given);
    }

    DefinitionPlaces definitions() {
        return definitions;
    }

    /** Only from a task of {@link #atBoundary}: of the last marker that was recorded. */
    long markerCounter() {
        return markerCounter;
    }

    /** Only from a task of {@link #atBoundary}. */
    void append(ChangeEvent.Notice notice) {
        write(seq, notice);
    }

    /** Only from a task of {@link #atBoundary}: changes of these tables are missing until their next base. */
    void appendGap(Map<String, TableName> gapTables, String reason) {
        write(++seq, new ChangeEvent.Gap(progress.boundary(), null, reason, List.copyOf(gapTables.values())));
        missing.add(gapTables.keySet(), seq);
        CrashPoint.CAPTURE_GAP_SENT.reached();
        progress = progress.at(seq);
    }

    /** Only from a task of {@link #atBoundary}: the table holds a value that cannot be carried. */
    void appendGap(String nativeId, ValueNotCarriedException why) {
        appendGap(Map.of(nativeId, why.table()), why.reason());
        missing.add(nativeId, seq, why.reason());
    }

    @Override
    public void accept(List<LogEvent> batch) {
        if (batch.isEmpty() && (insideTransaction || atBoundary.isEmpty())) { // a sign of life, and nothing to do
            return;
        }
        CrashPoint.CAPTURE_BATCH_RECEIVED.reached();
        HistoryLostException end = ended;
        if (end != null) { // whatever comes behind it
            throw end;
        }
        writer.begin();
        try {
            recordAll(batch);
        } catch (HistoryLostException e) {
            ended = e;
            writer.discard(); // what is wrong is recorded next, in a transaction of its own
            throw e;
        }
        CrashPoint.CAPTURE_BATCH_SENT.reached();
        commit();
        CrashPoint.CAPTURE_BATCH_COMMITTED.reached();
        if (insideTransaction) {
            CrashPoint.CAPTURE_TRANSACTION_OPEN.reached();
        }
    }

    private void recordAll(List<LogEvent> batch) {
        for (LogEvent event : batch) {
            if (!insideTransaction) {
                runBoundaryTasks();
            }
            record(event);
        }
        if (!insideTransaction) {
            runBoundaryTasks();
        }
    }

    private void runBoundaryTasks() {
        for (Runnable task = atBoundary.poll(); task != null; task = atBoundary.poll()) {
            task.run();
        }
        base.ifFinished(this::announceBase);
    }

    private void announceBase(PendingBase taken, ChangeEvent.BaseSnapshot snapshot) {
        taken.refused().forEach((table, why) -> announceRefusal(table.nativeId(), why, snapshot));
        if (snapshot.replacesAll() || !snapshot.tables().isEmpty()) {
            append(snapshot);
        }
        CrashPoint.CAPTURE_BASE_ANNOUNCED.reached();
        missing.copied(taken.copiedIds(), snapshot.seq());
        progress = snapshot.replacesAll() ? progress.withBase() : progress;
    }

    /** Before the base, in which the table stands without rows if that starts an epoch: nothing of it is known there. */
    private void announceRefusal(String nativeId, ValueNotCarriedException why, ChangeEvent.BaseSnapshot snapshot) {
        if (snapshot.replacesAll()) {
            ChangeEvent.LastWhole before = new ChangeEvent.LastWhole(snapshot.seq() - 1, snapshot.takenAt());
            write(++seq, new ChangeEvent.Gap(snapshot.position(), null, why.reason(), List.of(why.table()), before));
            missing.add(nativeId, seq, why.reason());
            progress = progress.at(seq);
        } else if (!missing.says(nativeId, why.reason())) {
            appendGap(nativeId, why);
        }
    }

    private void record(LogEvent event) {
        if (event instanceof LogEvent.Commit end) {
            recordEnd(end);
            return;
        }
        insideTransaction = true;
        if (event instanceof LogEvent.Row row) {
            recordRow(row);
        } else if (event instanceof LogEvent.RowsNotCarried rows) {
            refuse(present(rows.table()), rows.why());
        } else if (event instanceof LogEvent.Truncation truncation) {
            recordTruncation(truncation);
        } else if (event instanceof LogEvent.Ddl statement) {
            recordStatement(statement);
        } else if (event instanceof LogEvent.MarkerSeen marker) {
            recordMarker(marker);
        } else if (event instanceof LogEvent.Unrecorded statement) { // the rows behind it may be of any shape
            throw HistoryLostException.definitionUnknown(
                    progress.boundary(), statement.tag() + ", because: " + statement.reason());
        }
    }

    private void recordRow(LogEvent.Row row) {
        TableRegistry.Entry table = present(row.table());
        announce(table.schema());
        try {
            for (RowChange change : rows.changes(table, row)) {
                write(++seq, change);
            }
        } catch (ValueNotCarriedException e) {
            if (row.after() == null || row.after().isCarried()) {
                refusals.mayBeMended(table.nativeId());
            }
            refuse(table, e);
        }
    }

    /**
     * The row is left out, and its table has a gap from this transaction on. That is recorded once, as long as no base
     * can end the gap that is there before this transaction.
     */
    private void refuse(TableRegistry.Entry table, ValueNotCarriedException why) {
        String nativeId = table.nativeId();
        boolean isMissing = missing.ids().contains(nativeId) && !base.mayEnd(missing, nativeId);
        if (!isMissing && refusals.add(nativeId, why)) { // so that there is a transaction to name
            String name = why.table().toString();
            write(++seq, new ChangeEvent.DdlStatement("VALUE NOT CARRIED", name, "-- " + why.getMessage()));
        }
    }

    private void recordTruncation(LogEvent.Truncation truncation) {
        TableRegistry.Entry table = present(truncation.table());
        TableSchema schema = table.schema();
        announce(schema);
        refusals.mayBeMended(table.nativeId());
        write(++seq, new ChangeEvent.Truncate(schema.tableId()));
    }

    private void recordStatement(LogEvent.Ddl statement) {
        write(++seq, new ChangeEvent.DdlStatement(statement.tag(), statement.object(), statement.sql()));
        definitions.statement(seq);
        for (String dropped : statement.dropped()) {
            missing.ended(dropped);
            definitions.ended(dropped);
            tables.drop(dropped).map(ChangeEvent.TableDropped::new).ifPresent(event -> write(seq, event));
        }
        Map<String, TableName> appeared = new LinkedHashMap<>();
        Map<String, TableName> rewritten = new LinkedHashMap<>();
        for (TableDescription table : statement.tables()) {
            boolean isKnown =
                    tables.knows(table.nativeId()); // otherwise it began empty, unless the statement says more
            if (isKnown ? tables.outdates(table) : statement.rewritten().contains(table.nativeId())) {
                (isKnown ? rewritten : appeared).put(table.nativeId(), table.name());
            }
            announce(tables.observe(table));
            definitions.defined(table.nativeId());
            refusals.mayBeMended(table.nativeId());
        }
        for (String nativeId : statement.rewritten()) {
            definitions.defined(nativeId);
            if (!appeared.containsKey(nativeId)) {
                tables.name(nativeId).ifPresent(name -> rewritten.put(nativeId, name));
            }
        }
        onStatement.recorded(statement.tag(), appeared, rewritten);
        CrashPoint.CAPTURE_STATEMENT_RECORDED.reached();
    }

    private void recordMarker(LogEvent.MarkerSeen marker) {
        if (markerCounter != 0 && marker.counter() != markerCounter + 1) {
            throw HistoryLostException.contradiction(
                    source, "marker " + marker.counter() + " follows marker " + markerCounter);
        }
        markerCounter = marker.counter();
        write(++seq, new ChangeEvent.Marker(marker.counter(), marker.name(), marker.round(), marker.writtenAt()));
        onStatement.marked();
    }

    /** Closes the transaction, or takes it back when the log repeats one that is already recorded. */
    private void recordEnd(LogEvent.Commit end) {
        insideTransaction = false;
        long eventCount = seq - progress.seq();
        switch (end.position().orderAgainst(progress.boundary())) {
            case AFTER -> {
                if (eventCount > 0) {
                    write(
                            seq,
                            new ChangeEvent.TransactionEnd(
                                    end.nativeId(), end.position(), end.commitTimestamp(), eventCount));
                    lastCommitTimestamp = end.commitTimestamp();
                    CrashPoint.CAPTURE_TRANSACTION_ENDED.reached();
                }
                progress = progress.after(new Place(seq, end.position(), end.commitTimestamp()), markerCounter);
                state.keepTables();
                refusals.committed(missing, onStatement);
                base.passed(end.position(), seq);
            }
            case SAME, BEFORE -> {
                seq = progress.seq();
                markerCounter = progress.markerCounter();
                announced.clear();
                refusals.forget();
                append(new ChangeEvent.StreamStart(progress.boundary()));
            }
            case DIVERGED ->
                throw HistoryLostException.contradiction(
                        source,
                        "transaction " + end.nativeId() + " at " + end.position() + " is on another history than "
                                + progress.boundary());
        }
    }

    private TableRegistry.Entry present(TableName table) {
        return tables.entry(table)
                .orElseThrow(() -> HistoryLostException.contradiction(
                        source, "rows of table " + table + " came before its description"));
    }

    /** A version is announced once per run, in front of the first row that follows it. */
    private void announce(TableSchema schema) {
        if (announced.add(schema.tableId() + "/" + schema.version())) {
            write(seq, new ChangeEvent.SchemaChange(schema));
        }
    }

    private void write(long number, ChangeEvent event) {
        writer.append(new ChangeRecord(progress.epoch(), number, clock.instant(), event));
    }

    private void commit() {
        if (!insideTransaction) {
            state.keepTables();
            state.keepMissing();
        }
        writer.commit(state.with(progress));
        state.written();
    }
}
