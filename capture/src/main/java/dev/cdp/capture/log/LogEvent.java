package dev.cdp.capture.log;

import dev.cdp.core.ChangeEvent.Operation;
import dev.cdp.core.SourcePosition;
import dev.cdp.core.TableName;
import java.time.Instant;
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

    /** Every row of a table removed at once. */
    record Truncation(TableName table) implements LogEvent {}

    /**
     * A data definition statement, for databases whose log holds them.
     *
     * @param sql as written
     */
    record Statement(String database, String sql) implements LogEvent {}

    /**
     * The transaction is complete.
     *
     * @param nativeId as the database prints it
     * @param position just after the transaction; reading can start again here
     * @param commitTimestamp by the source's clock
     */
    record Commit(String nativeId, SourcePosition position, Instant commitTimestamp) implements LogEvent {}
}
