package dev.cdp.capture.binlog.reading;

import dev.cdp.capture.source.TableDescription;
import dev.cdp.core.TableName;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The catalog as it is now, which may be ahead of the place in the log that is being read. */
public interface TableCatalog {

    /** What is known of a table now. */
    enum Standing {
        PROTECTED,
        /** It exists and cannot be protected, as {@code cdp check} says. */
        EXCLUDED,
        ABSENT
    }

    Standing standing(TableName table);

    /** The table as it is now; empty unless it is protected. */
    Optional<TableDescription> describe(TableName table);

    /**
     * A foreign key whose own action changes rows of {@code child}; the storage engine does that below the log.
     *
     * @param referenced columns of {@code parent}
     */
    record Cascade(TableName parent, TableName child, Set<String> referenced, Trigger trigger) {

        /** What sets the action off. */
        public enum Trigger {
            DELETE,
            UPDATE,
            BOTH
        }

        public Cascade {
            referenced = Set.copyOf(referenced);
        }
    }

    /** All such foreign keys of the database. */
    List<Cascade> cascades();

    /**
     * What rows that were there before got in a column that was added with a constant default.
     *
     * @param literal the default as the statement wrote it, without quotes
     * @return empty when it cannot be told any more
     */
    Optional<String> fill(TableName table, String column, String literal);
}
