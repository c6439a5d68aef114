package dev.cdp.core;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The values of one row in the order of its schema's columns. A value is null (SQL NULL), {@link
 * Unchanged#UNCHANGED}, or of the {@linkplain Carrier#javaType class} its column's carrier names. Byte arrays are not
 * copied and must not be changed.
 */
public final class RowImage {
    private final @Nullable Object[] values;

    private RowImage(@Nullable Object[] values) {
        this.values = values;
    }

    /** Takes ownership of {@code values}. */
    public static RowImage of(@Nullable Object... values) {
        return new RowImage(values);
    }

    public int size() {
        return values.length;
    }

    public @Nullable Object value(int index) {
        return values[index];
    }

    public boolean isUnchanged(int index) {
        return values[index] == Unchanged.UNCHANGED;
    }

    public boolean hasUnchanged() {
        for (Object value : values) {
            if (value == Unchanged.UNCHANGED) {
                return true;
            }
        }
        return false;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof RowImage image && Arrays.deepEquals(values, image.values);
    }

    @Override
    public int hashCode() {
        return Arrays.deepHashCode(values);
    }

    /** The values themselves, for tests and dumps; never for logs. */
    public List<@Nullable Object> toList() {
        return Arrays.asList(values.clone());
    }

    /** Names the size only: row values never reach a log. */
    @Override
    public String toString() {
        return "row of " + values.length + " columns";
    }
}
