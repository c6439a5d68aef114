package dev.cdp.core;

import org.jspecify.annotations.Nullable;

/**
 * One column of one version of a table.
 *
 * @param fieldId unique in its table incarnation, from 1; kept through renames, new after a change of type, never reused
 * @param sourceType the type as the database prints it, such as {@code numeric(10,2)} or {@code enum('a','b')}
 * @param fill what rows older than this column hold in it, null for SQL NULL (PostgreSQL and MariaDB add a column with
 *     a default without rewriting or logging the rows)
 */
public record Column(
        int fieldId,
        String name,
        String sourceType,
        Carrier carrier,
        Nullability nullability,
        Generation generation,
        @Nullable String fill) {

    /** Whether the column may hold NULL. */
    public enum Nullability {
        NULLABLE,
        NOT_NULL
    }

    /** Where the column's value comes from. */
    public enum Generation {
        /** The application or a default wrote it. */
        WRITTEN,
        /** The database computes it from other columns; it is neither archived nor loaded. */
        COMPUTED
    }

    public Column {
        if (fieldId < 1) {
            throw new IllegalArgumentException("Field ids start at 1: " + fieldId + " of column '" + name + "'");
        }
    }

    public boolean isComputed() {
        return generation == Generation.COMPUTED;
    }
}
