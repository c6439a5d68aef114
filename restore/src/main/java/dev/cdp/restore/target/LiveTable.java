package dev.cdp.restore.target;

import dev.cdp.core.TableName;
import java.util.List;

/**
 * What a live table has that matters to whoever writes rows into it.
 *
 * @param uniques the columns of each unique key but the primary one
 * @param triggers of its own that fire for rows, by name
 * @param references from it to other tables
 * @param referrers from other tables to it
 */
public record LiveTable(
        TableName name,
        List<List<String>> uniques,
        List<String> triggers,
        List<ForeignKey> references,
        List<ForeignKey> referrers) {

    public LiveTable {
        uniques = List.copyOf(uniques);
        triggers = List.copyOf(triggers);
        references = List.copyOf(references);
        referrers = List.copyOf(referrers);
    }

    /** @param columns of the child, in the order of those of the parent that they refer to */
    public record ForeignKey(
            String name, TableName child, List<String> columns, TableName parent, List<String> parentColumns) {}
}
