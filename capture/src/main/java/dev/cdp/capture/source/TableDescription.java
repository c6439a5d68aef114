package dev.cdp.capture.source;

import dev.cdp.core.Carrier;
import dev.cdp.core.Column;
import dev.cdp.core.TableName;
import dev.cdp.core.TableSchema.Identity;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A table as the database's catalog has it at one moment, before we give it ids of our own.
 *
 * @param nativeId the database's own id of this incarnation: kept through renames, never used again after a drop
 * @param columns in the database's order, computed ones included
 * @param key names of the key's columns in key order, empty without a usable key
 */
public record TableDescription(
        String nativeId, TableName name, List<ColumnDescription> columns, List<String> key, Identity identity) {

    /**
     * One column.
     *
     * @param nativeId the database's own id of the column, kept through renames
     * @param sourceType as the database prints it
     * @param fill see {@link Column#fill}
     */
    public record ColumnDescription(
            String nativeId,
            String name,
            String sourceType,
            Carrier carrier,
            Column.Nullability nullability,
            Column.Generation generation,
            @Nullable String fill) {}

    public TableDescription {
        columns = List.copyOf(columns);
        key = List.copyOf(key);
    }

    /** The columns that are archived. */
    public List<ColumnDescription> writtenColumns() {
        return columns.stream()
                .filter(column -> column.generation() == Column.Generation.WRITTEN)
                .toList();
    }

    public Optional<ColumnDescription> column(String columnName) {
        return columns.stream()
                .filter(column -> column.name().equals(columnName))
                .findFirst();
    }
}
