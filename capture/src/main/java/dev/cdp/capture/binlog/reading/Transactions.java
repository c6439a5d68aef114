package dev.cdp.capture.binlog.reading;

import dev.cdp.core.SourcePosition;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Keeps which transactions have been read, in the ids of one kind of server. Used by one thread. */
interface Transactions {

    /**
     * How a group of events begins.
     *
     * @param id as the server prints it
     * @param committedAt null when only the group's end tells
     */
    record Beginning(String id, Form form, @Nullable Instant committedAt) {}

    /** Where a group of events ends. */
    enum Form {
        /** With its first statement, unless that is BEGIN. */
        STATEMENT,
        /** With a statement that is only beginning, or that came to nothing; done, it stands in another group. */
        STATEMENT_NOT_DONE,
        /** With XID, COMMIT or ROLLBACK. */
        TRANSACTION,
        /** With the word that it is prepared; its outcome is another group. */
        PREPARED
    }

    /** @throws BinlogSettingsException for a transaction that cannot be followed */
    Beginning begin(RawEvent event);

    /** The position just behind the transaction that began last; it counts as read from here on. */
    SourcePosition end(String file, long offset);
}
