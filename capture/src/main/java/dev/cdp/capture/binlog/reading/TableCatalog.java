package dev.cdp.capture.binlog.reading;

import dev.cdp.capture.source.TableDescription;
import dev.cdp.capture.source.TableDescription.Cascade;
import dev.cdp.core.TableName;
import java.util.List;
import java.util.Map;
import java.util.Optional;

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

    /** By child, those of our tables and of tables of other databases that pass a change on to ours. */
    Map<TableName, List<Cascade>> cascades();

    /**
     * What rows that were there before got in a column that was added with a constant default.
     *
     * @param literal the default as the statement wrote it, without quotes
     * @return empty when it cannot be told any more
     */
    Optional<String> fill(TableName table, String column, String literal);
}
