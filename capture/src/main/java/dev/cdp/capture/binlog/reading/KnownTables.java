package dev.cdp.capture.binlog.reading;

import dev.cdp.capture.source.TableDescription;
import dev.cdp.capture.source.TableDescription.ColumnDescription;
import dev.cdp.core.Column;
import dev.cdp.core.TableName;
import dev.cdp.core.TableSchema.Identity;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** The tables as the place in the log that is being read has them. */
final class KnownTables {
    private static final Pattern HIDDEN = Pattern.compile("DB_ROW_HASH_\\d+");

    private final Map<TableName, TableDescription> tables = new HashMap<>();

    KnownTables(Collection<TableDescription> known) {
        known.forEach(this::put);
    }

    Optional<TableDescription> get(TableName name) {
        return Optional.ofNullable(tables.get(name));
    }

    void put(TableDescription table) {
        tables.put(table.name(), table);
    }

    void remove(TableName name) {
        tables.remove(name);
    }

    List<TableDescription> all() {
        return List.copyOf(tables.values());
    }

    Set<TableName> names() {
        return Set.copyOf(tables.keySet());
    }

    /** Whether the log shows the table as it is described. */
    static boolean fits(TableMap map, TableDescription table) {
        Map<String, MappedColumn> mapped = new HashMap<>();
        map.columns().forEach(column -> mapped.put(column.name(), column));
        Set<String> unknown = new HashSet<>(mapped.keySet());
        for (ColumnDescription column : table.columns()) {
            MappedColumn shown = mapped.get(column.name());
            unknown.remove(column.name());
            if (column.generation() == Column.Generation.WRITTEN
                    && (shown == null || !SourceTypes.fits(shown, column.sourceType()))) {
                return false;
            }
        }
        unknown.removeIf(name -> isHidden(name, Optional.of(table)));
        // Without a primary key the log names a unique one in its place; rows of such a table are told apart as a
        // whole.
        return unknown.isEmpty() && (table.key().isEmpty() || map.keyColumns().equals(table.key()));
    }

    /**
     * Whether the server keeps a column for itself: one with the hash of the values of a UNIQUE key over long ones. The log
     * has them, the catalog does not.
     */
    static boolean isHidden(String column, Optional<TableDescription> table) {
        return HIDDEN.matcher(column).matches()
                && table.flatMap(known -> known.column(column)).isEmpty();
    }

    /** A description from the log alone, with the types of {@code like} where they can still be right. */
    static TableDescription derive(TableMap map, Optional<TableDescription> like) {
        List<ColumnDescription> columns = new ArrayList<>();
        for (MappedColumn column : map.columns()) {
            if (isHidden(column.name(), like)) {
                continue;
            }
            String type = like.flatMap(table -> table.column(column.name()))
                    .map(ColumnDescription::sourceType)
                    .filter(known -> SourceTypes.fits(column, known))
                    .orElseGet(() -> SourceTypes.derived(column));
            columns.add(new ColumnDescription(
                    column.name(),
                    column.name(),
                    type,
                    SourceTypes.carrier(type),
                    map.keyColumns().contains(column.name())
                            ? Column.Nullability.NOT_NULL
                            : Column.Nullability.NULLABLE,
                    like.flatMap(table -> table.column(column.name()))
                            .map(ColumnDescription::generation)
                            .orElse(Column.Generation.WRITTEN),
                    null));
        }
        return new TableDescription(
                map.table().name(),
                map.table(),
                columns,
                map.keyColumns(),
                Identity.FULL,
                like.map(TableDescription::cascades).orElse(List.of()));
    }
}
