package dev.cdp.capture.log;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The columns of a row image under the names the log gives them. Rows of one table version share the list of names.
 *
 * @param values null (SQL NULL), {@link dev.cdp.core.Unchanged#UNCHANGED}, a {@link NotCarried}, or the value in the form
 *     the source's adapter documents; not copied
 */
public record LoggedRow(List<String> names, @Nullable Object[] values) {

    public LoggedRow {
        if (names.size() != values.length) {
            throw new IllegalArgumentException(values.length + " values for " + names.size() + " columns");
        }
    }

    /** Whether every value can be carried. */
    public boolean isCarried() {
        return Arrays.stream(values).noneMatch(NotCarried.class::isInstance);
    }

    /** Names the columns only: row values never reach a log. */
    @Override
    public String toString() {
        return "row of " + names;
    }
}
