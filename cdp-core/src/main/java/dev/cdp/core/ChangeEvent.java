package dev.cdp.core;

import dev.cdp.core.definition.SequenceValue;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What capture writes to a source's change topic, in the order of the source's log.
 *
 * <p>Row changes, truncates, DDL statements, markers and gaps each take the next {@code seq} of the source; all other
 * events repeat the last one. The events of a transaction stand together and are closed by {@link TransactionEnd};
 * what has no end never happened. {@link TransactionContent} stands inside of transactions, {@link Notice} between
 * them.
 */
public sealed interface ChangeEvent {

    /** An event that is part of a transaction. */
    sealed interface TransactionContent extends ChangeEvent
            permits RowChange, Truncate, SchemaChange, TableDropped, DdlStatement, Marker {

        /** Whether the event takes the next {@code seq}; schema announcements repeat the last. */
        default boolean takesSeq() {
            return true;
        }
    }

    /** An event between two transactions. */
    sealed interface Notice extends ChangeEvent permits StreamStart, BaseSnapshot, DefinitionRead, SequencesRead, Gap {}

    /** What a row change did. */
    enum Operation {
        INSERT,
        UPDATE,
        DELETE
    }

    /**
     * One row inserted, updated or deleted. A change of the key is two of these: a delete, then an insert whose {@code
     * before} is the row under its previous key.
     *
     * @param schemaVersion the version of the table's schema that both images follow
     * @param before the row before, as far as the source logs it: {@link Unchanged} stands for what it does not
     */
    record RowChange(
            Operation operation,
            TableId table,
            int schemaVersion,
            @Nullable RowImage before,
            @Nullable RowImage after) implements TransactionContent {

        public RowChange {
            boolean shapeFits =
                    switch (operation) { // an update may lack its before image: the source decides how much it logs
                        case INSERT, UPDATE -> after != null;
                        case DELETE -> before != null && after == null;
                    };
            if (!shapeFits) {
                throw new IllegalArgumentException(operation + " on table " + table + " carries the wrong row images");
            }
        }
    }

    /** Every row of a table removed at once. */
    record Truncate(TableId table) implements TransactionContent {}

    /** A table's schema from here on: before its first row, after each change, and when capture starts again. */
    record SchemaChange(TableSchema schema) implements TransactionContent {
        @Override
        public boolean takesSeq() {
            return false;
        }
    }

    /** A table incarnation ended. */
    record TableDropped(TableId table) implements TransactionContent {
        @Override
        public boolean takesSeq() {
            return false;
        }
    }

    /**
     * A data definition statement that the source committed in this transaction.
     *
     * @param tag the command as the database names it, such as {@code ALTER TABLE}
     * @param object what it touched, as the database prints it; empty when unknown
     */
    record DdlStatement(String tag, String object, String sql) implements TransactionContent {}

    /**
     * A signal that we wrote into the source's own log.
     *
     * @param counter rises by one with each marker of this source; a hole or a repeat is a gap
     * @param name the restore point an operator named, null for a heartbeat
     * @param round the same for the markers written into all sources of a group together
     * @param writtenAt by our clock
     */
    record Marker(long counter, @Nullable String name, String round, Instant writtenAt) implements TransactionContent {}

    /**
     * Closes a transaction.
     *
     * @param nativeId as the database prints it: an xid or a GTID
     * @param position just after the transaction
     * @param commitTimestamp by the source's clock
     * @param eventCount how many of its events took a {@code seq}; they end at the record's own {@code seq}
     */
    record TransactionEnd(String nativeId, SourcePosition position, Instant commitTimestamp, long eventCount)
            implements ChangeEvent {

        public TransactionEnd {
            if (eventCount < 1) {
                throw new IllegalArgumentException("Transaction " + nativeId + " at " + position + " has no events");
            }
        }
    }

    /**
     * Capture starts, or starts again, at a transaction boundary. Whatever stands before it without a {@link
     * TransactionEnd} was not taken over and is sent again; the next {@code seq} is this record's plus one.
     *
     * @param boundary where the engine resumes; every transaction at or before it is in the topic or in the base
     */
    record StreamStart(SourcePosition boundary) implements Notice {}

    /**
     * A full copy of tables, complete. It holds exactly the effects of the transactions up to {@code seq}.
     *
     * @param seq of the last transaction at or before {@code position}; may be lower than the record's own
     * @param position of the snapshot in the source's log
     * @param replacesAll whether it starts the epoch: no table outside of it is known
     */
    record BaseSnapshot(
            String id, long seq, SourcePosition position, Instant takenAt, boolean replacesAll, List<BaseTable> tables)
            implements Notice {
        public BaseSnapshot {
            tables = List.copyOf(tables);
        }
    }

    /** One table of a base snapshot; every file follows {@code schema}. */
    record BaseTable(TableSchema schema, long rowCount, List<StoredObject> files) {
        public BaseTable {
            files = List.copyOf(files);
        }
    }

    /**
     * The definition of all objects of the database, read after the transaction of this record's {@code seq}.
     *
     * @param json a {@link dev.cdp.core.definition.DatabaseDefinition}
     */
    record DefinitionRead(String json) implements Notice {}

    /** Values of sequences and counters, which no log carries, read after the transaction of this record's {@code seq}. */
    record SequencesRead(List<SequenceValue> values) implements Notice {
        public SequencesRead {
            values = List.copyOf(values);
        }
    }

    /**
     * Changes are missing between two positions. What follows belongs to the next epoch, after a new base.
     *
     * @param from the last position that is covered, null when nothing was
     * @param to where changes are recorded again, by the history that is read then; null for a gap of some tables, which
     *     ends with their next base, and for one whose end is not known
     * @param tables the tables concerned, empty for all
     * @param lastWhole where what was recorded before is in doubt; null when all of it is whole
     */
    record Gap(
            @Nullable SourcePosition from,
            @Nullable SourcePosition to,
            String reason,
            List<TableName> tables,
            @Nullable LastWhole lastWhole)
            implements Notice {
        public Gap {
            tables = List.copyOf(tables);
        }

        /** Nothing that was recorded before it is in doubt. */
        public Gap(@Nullable SourcePosition from, @Nullable SourcePosition to, String reason, List<TableName> tables) {
            this(from, to, reason, tables, null);
        }

        /** The same gap, now that its end is known. */
        public Gap endingAt(SourcePosition end) {
            return new Gap(from, end, reason, tables, lastWhole);
        }
    }

    /**
     * The last transaction before a gap that is known to be recorded wholly, with all before it. Later ones were recorded
     * too, but some may lack changes or be missing.
     *
     * @param commitTimestamp of that transaction, or an earlier moment
     */
    record LastWhole(long seq, Instant commitTimestamp) {}
}
