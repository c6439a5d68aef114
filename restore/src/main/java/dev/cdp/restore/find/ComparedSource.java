package dev.cdp.restore.find;

import dev.cdp.core.Cut;
import dev.cdp.core.SourceId;
import dev.cdp.core.TableName;
import dev.cdp.core.TableSchema;
import dev.cdp.core.fold.MissingStretch;
import dev.cdp.core.fold.TableDifference;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How one source differs between two cuts.
 *
 * @param transactions between the two that changed rows of the compared tables, as far as they are archived
 * @param missing what lies between the two and is not known; the states at both are
 * @param tailMissing why the tail in Kafka was not read, null when it was
 * @param tables those with changes, created or dropped in between, or which cannot be compared
 * @param untouched how many others there are, without any change
 */
public record ComparedSource(
        SourceId source,
        Cut.SourceCut from,
        Cut.SourceCut to,
        long transactions,
        List<MissingStretch> missing,
        @Nullable String tailMissing,
        List<Table> tables,
        long untouched) {

    public ComparedSource {
        missing = List.copyOf(missing);
        tables = List.copyOf(tables);
    }

    /**
     * One table.
     *
     * @param name at the later cut
     * @param from null when it was not there
     * @param to null when it is not there any more
     * @param transactions between the two that changed rows of it, as far as they are archived
     * @param difference null when it is not known
     * @param unknown why not; empty when it is known
     */
    public record Table(
            TableName name,
            @Nullable TableSchema from,
            @Nullable TableSchema to,
            long transactions,
            @Nullable TableDifference difference,
            String unknown) {

        public boolean isDifferent() {
            return difference == null || !difference.isEmpty() || from == null || to == null;
        }
    }

    public boolean isKnown() {
        return tables.stream().allMatch(table -> table.difference() != null);
    }

    public boolean isDifferent() {
        return tables.stream().anyMatch(Table::isDifferent);
    }
}
