package dev.cdp.capture.source;

import dev.cdp.core.Carrier;
import dev.cdp.core.Column;
import dev.cdp.core.TableName;
import dev.cdp.core.TableSchema.Identity;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A table as the database's catalog has it at one moment, before we give it ids of our own.
 *
 * @param nativeId the database's own id of this incarnation: kept through renames, never used again after a drop
 * @param columns in the database's order, computed ones included
 * @param key names of the key's columns in key order, empty without a usable key
 * @param cascades what changes rows of the table without the log having them; empty where the log has all changes
 */
public record TableDescription(
        String nativeId,
        TableName name,
        List<ColumnDescription> columns,
        List<String> key,
        Identity identity,
        List<Cascade> cascades) {

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

    /**
     * A foreign key of the table whose own action changes its rows; the storage engine does that below the log.
     *
     * @param name of the constraint, empty when it is not known
     * @param parent the table it refers to
     * @param referenced columns of {@code parent}, empty when any of them may be
     */
    public record Cascade(String name, TableName parent, Set<String> referenced, Trigger trigger) {

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

    public TableDescription {
        columns = List.copyOf(columns);
        key = List.copyOf(key);
        cascades = List.copyOf(cascades);
    }

    /** A table that nothing changes without the log having it. */
    public TableDescription(
            String nativeId, TableName name, List<ColumnDescription> columns, List<String> key, Identity identity) {
        this(nativeId, name, columns, key, identity, List.of());
    }

    /** The same with other cascades. */
    public TableDescription withCascades(List<Cascade> others) {
        return new TableDescription(nativeId, name, columns, key, identity, others);
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
