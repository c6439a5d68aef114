package dev.cdp.capture.log;

import dev.cdp.capture.source.TableDescription;
import dev.cdp.capture.source.ValueNotCarriedException;
import dev.cdp.core.ChangeEvent.Operation;
import dev.cdp.core.SourcePosition;
import dev.cdp.core.TableName;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One thing that a source's log says, in the order of the log. Rows and truncates belong to the transaction that the
 * next {@link Commit} closes; those of a transaction stand together.
 */
public sealed interface LogEvent {

    /**
     * One row changed. A change of its key is one update with both images, as in the log.
     *
     * @param before as far as the source logs it, null when it logs nothing
     */
    record Row(
            Operation operation,
            TableName table,
            @Nullable LoggedRow before,
            @Nullable LoggedRow after) implements LogEvent {}

    /** Rows of a table changed in a way that cannot be told at all. */
    record RowsNotCarried(TableName table, ValueNotCarriedException why) implements LogEvent {}

    /** Every row of a table removed at once. */
    record Truncation(TableName table) implements LogEvent {}

    /**
     * A data definition statement.
     *
     * @param tag the command as the database names it, such as {@code ALTER TABLE}
     * @param object what it touched, as the database prints it; empty when unknown
     * @param tables the protected tables that it made or changed, as they are after it
     * @param dropped native ids of tables that it ended, or that can no longer be protected
     * @param rewritten native ids of tables whose rows it may have changed without logging that: they need a new base
     */
    record Ddl(
            String tag,
            String object,
            String sql,
            List<TableDescription> tables,
            Set<String> dropped,
            Set<String> rewritten)
            implements LogEvent {
        public Ddl {
            tables = List.copyOf(tables);
            dropped = Set.copyOf(dropped);
            rewritten = Set.copyOf(rewritten);
        }
    }

    /**
     * A data definition statement that could not be recorded: which tables it changed is not known.
     *
     * @param tag the command as the database names it
     * @param reason what kept it from being recorded
     */
    record Unrecorded(String tag, String reason) implements LogEvent {}

    /** A marker that we wrote; see {@link dev.cdp.core.ChangeEvent.Marker}. */
    record MarkerSeen(long counter, @Nullable String name, String round, Instant writtenAt) implements LogEvent {}

    /**
     * The transaction is complete.
     *
     * @param nativeId as the database prints it
     * @param position just after the transaction; reading can start again here
     * @param commitTimestamp by the source's clock
     */
    record Commit(String nativeId, SourcePosition position, Instant commitTimestamp) implements LogEvent {}
}
