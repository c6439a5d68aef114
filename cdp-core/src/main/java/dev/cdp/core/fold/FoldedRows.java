package dev.cdp.core.fold;

import dev.cdp.core.RowImage;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The rows of a folded table, one after another, with bounded memory. */
public final class FoldedRows implements AutoCloseable {
    private final String table;
    private final int columnCount;
    private final RowCursor cursor;
    private final boolean large;
    private @Nullable RowImage current;
    private long left;

    FoldedRows(String table, int columnCount, RowCursor cursor, boolean large) {
        this.table = table;
        this.columnCount = columnCount;
        this.cursor = cursor;
        this.large = large;
    }

    /**
     * @return null after the last row
     * @throws FoldRefusedException when a row was deleted more often than it was there
     */
    public @Nullable RowImage next() {
        if (left == 0) {
            RowImage counted = cursor.next();
            if (counted == null) {
                return null;
            }
            Object count = counted.value(columnCount);
            left = count == null ? 0 : (Long) count;
            if (left < 1) {
                throw new FoldRefusedException(
                        table, "it has no primary key, and a row was deleted more often than it was there");
            }
            current = RowImage.of(Arrays.copyOf(counted.toList().toArray(), columnCount));
        }
        left--;
        return current;
    }

    /** Whether single rows may be of many megabytes. */
    public boolean hasLargeRows() {
        return large;
    }

    @Override
    public void close() {
        cursor.close();
    }
}
