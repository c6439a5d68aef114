package dev.cdp.core.fold;

import dev.cdp.core.RowImage;
import dev.cdp.core.TableSchema;
import dev.cdp.core.Unchanged;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What happened to the rows that had one key: each from its beginning to its end, also while it had another key.
 *
 * @param table the newest version of the table, whose key was asked for
 * @param events in order
 * @param missing where changes of the table are not in the archive: more may have happened there
 * @param notes what else the answer leaves open, as sentences
 * @param knownFrom when the earliest base was taken, or the table created; null when nothing is known for certain
 * @param filesRead of its {@code fileCount} history files
 */
public record RowLife(
        TableSchema table,
        RowImage key,
        List<Event> events,
        List<MissingStretch> missing,
        List<String> notes,
        @Nullable Instant knownFrom,
        int filesRead,
        int fileCount) {

    public RowLife {
        events = List.copyOf(events);
        missing = List.copyOf(missing);
        notes = List.copyOf(notes);
    }

    /** What happened. */
    public enum Kind {
        /** A base holds the row. */
        AT_BASE,
        /** A base behind a gap does not hold the row any more. */
        GONE_AT_BASE,
        INSERT,
        UPDATE,
        KEY_CHANGE,
        DELETE,
        TRUNCATE,
        TABLE_DROPPED
    }

    /** Whether an event may lack others beside it. */
    public enum Certainty {
        KNOWN,
        /** It lies where changes are missing or in doubt. */
        IN_DOUBT
    }

    /**
     * One event. What is not known of a row is {@link Unchanged#UNCHANGED}; both images follow {@code schema}.
     *
     * @param seq of the change, or of the base
     * @param transaction its number; null for a base
     * @param key the row's from here on
     * @param before null when the row was not there before
     * @param after null when the row is not there any more
     */
    public record Event(
            Kind kind,
            long seq,
            @Nullable Long transaction,
            Instant at,
            Certainty certainty,
            TableSchema schema,
            RowImage key,
            @Nullable RowImage before,
            @Nullable RowImage after) {

        /** Where the row after differs from the row before, or may; every column when there is one of them alone. */
        public List<Integer> changedColumns() {
            List<Integer> changed = new ArrayList<>();
            for (int i = 0; i < schema.columns().size(); i++) {
                if (before == null || after == null || isChanged(before.value(i), after.value(i))) {
                    changed.add(i);
                }
            }
            return changed;
        }

        private static boolean isChanged(@Nullable Object before, @Nullable Object after) {
            return after != Unchanged.UNCHANGED && !Objects.deepEquals(before, after);
        }
    }
}
