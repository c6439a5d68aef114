package dev.cdp.restore;

import dev.cdp.core.SourceId;
import dev.cdp.core.TableName;

/**
 * A value in one source that refers to a row of another: a row with it in {@code from} is an effect, the row with it in
 * {@code to} the cause. For messages, {@code from} is the inbox and {@code to} the outbox.
 */
public record Link(End from, End to) {

    /** One side of a link. */
    public record End(SourceId source, TableName table, String column) {
        @Override
        public String toString() {
            return source + "." + table + "." + column;
        }
    }

    @Override
    public String toString() {
        return from + " -> " + to;
    }
}
