package dev.cdp.capture;

import dev.cdp.capture.source.TableDescription;
import dev.cdp.capture.source.TableDescription.Cascade;
import dev.cdp.capture.source.TableDescription.ColumnDescription;
import dev.cdp.core.Carrier;
import dev.cdp.core.Column;
import dev.cdp.core.Json;
import dev.cdp.core.TableId;
import dev.cdp.core.TableName;
import dev.cdp.core.TableSchema;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Gives tables and columns the ids they keep in the archive: one per incarnation of a table, one per column until it
 * is dropped or its type changes. Used by the thread that records changes only.
 */
final class TableRegistry {
    private static final String KEY_PREFIX = "table/";
    private static final String FORGOTTEN = "";

    private final Map<String, Entry> byNativeId = new HashMap<>();
    private final Map<TableName, Entry> byName = new HashMap<>();
    private final Map<String, String> unsaved = new HashMap<>();
    private int lastTableId;

    /**
     * One table incarnation.
     *
     * @param columnNativeIds of the schema's columns, in their order
     * @param computedColumns names of the columns that a log may show although they are not archived
     * @param lastFieldId the highest field id ever given in it
     * @param cascades see {@link TableDescription#cascades}
     */
    record Entry(
            String nativeId,
            TableSchema schema,
            List<String> columnNativeIds,
            List<String> computedColumns,
            int lastFieldId,
            Life life,
            List<Cascade> cascades) {
        enum Life {
            PRESENT,
            DROPPED
        }

        Entry as(TableSchema version, Life lives) {
            return new Entry(nativeId, version, columnNativeIds, computedColumns, lastFieldId, lives, cascades);
        }
    }

    /** @param state what {@link #unsaved} returned over time, by key */
    static TableRegistry load(Map<String, String> state) {
        TableRegistry registry = new TableRegistry();
        state.forEach((key, json) -> {
            if (key.startsWith(KEY_PREFIX)) {
                registry.put(Json.read(json, Entry.class));
            }
        });
        registry.unsaved.clear();
        return registry;
    }

    /** Forgets every table; those seen from now on get ids above {@code tableId} and above all forgotten ones. */
    void startAbove(int tableId) {
        byNativeId
                .values()
                .forEach(entry -> unsaved.put(KEY_PREFIX + entry.schema().tableId(), FORGOTTEN));
        byNativeId.clear();
        byName.clear();
        lastTableId = Math.max(lastTableId, tableId);
    }

    /** Ends every incarnation that is not among these: a base that starts an epoch knows all tables there are. */
    void keepOnly(Set<String> nativeIds) {
        List<String> gone = byNativeId.keySet().stream()
                .filter(nativeId -> !nativeIds.contains(nativeId))
                .toList();
        gone.forEach(this::drop);
    }

    /** What changed since the last {@link #saved}, for capture's state. */
    Map<String, String> unsaved() {
        return Map.copyOf(unsaved);
    }

    void saved() {
        unsaved.clear();
    }

    Optional<Entry> entry(TableName name) {
        return Optional.ofNullable(byName.get(name));
    }

    /** The tables that are present, as they were last observed; the types of computed columns are not kept. */
    List<TableDescription> present() {
        return byName.values().stream().map(TableRegistry::description).toList();
    }

    private static TableDescription description(Entry entry) {
        TableSchema schema = entry.schema();
        List<ColumnDescription> columns = new ArrayList<>();
        for (int i = 0; i < schema.columns().size(); i++) {
            Column column = schema.columns().get(i);
            columns.add(new ColumnDescription(
                    entry.columnNativeIds().get(i),
                    column.name(),
                    column.sourceType(),
                    column.carrier(),
                    column.nullability(),
                    column.generation(),
                    column.fill()));
        }
        for (String name : entry.computedColumns()) {
            columns.add(new ColumnDescription(
                    name, name, "", Carrier.TEXT, Column.Nullability.NULLABLE, Column.Generation.COMPUTED, null));
        }
        List<String> key = schema.keyColumns().stream().map(Column::name).toList();
        return new TableDescription(entry.nativeId(), schema.name(), columns, key, schema.identity(), entry.cascades());
    }

    /** Whether an incarnation of this native id is present. */
    boolean knows(String nativeId) {
        Entry entry = byNativeId.get(nativeId);
        return entry != null && entry.life() == Entry.Life.PRESENT;
    }

    /** The present name of an incarnation. */
    Optional<TableName> name(String nativeId) {
        return knows(nativeId) ? Optional.of(byNativeId.get(nativeId).schema().name()) : Optional.empty();
    }

    /**
     * Whether what is archived of a table no longer says what it holds: a column has another type or is no longer
     * computed, which not every source rewrites the rows for; or rows are told apart by another key.
     */
    boolean outdates(TableDescription table) {
        Entry known = byNativeId.get(table.nativeId());
        if (known == null || known.life() == Entry.Life.DROPPED) {
            return false;
        }
        boolean rekeyed = !keyOf(known).equals(keyOf(table));
        return rekeyed
                || table.writtenColumns().stream().anyMatch(column -> {
                    int index = known.columnNativeIds().indexOf(column.nativeId());
                    return index >= 0
                            ? !keepsValues(known.schema().columns().get(index), column)
                            : known.computedColumns().contains(column.name());
                });
    }

    private static List<String> keyOf(Entry table) {
        TableSchema schema = table.schema();
        return schema.keyFieldIds().stream()
                .map(id -> table.columnNativeIds().get(schema.indexOfField(id)))
                .toList();
    }

    /** Empty with a computed column in it, as {@link #keyFields} has it. */
    private static List<String> keyOf(TableDescription table) {
        List<String> key = table.writtenColumns().stream()
                .filter(column -> table.key().contains(column.name()))
                .sorted(Comparator.comparingInt(column -> table.key().indexOf(column.name())))
                .map(ColumnDescription::nativeId)
                .toList();
        return key.size() == table.key().size() ? key : List.of();
    }

    /** Another length of a text changes no value that fits; any other change of type counts as one of all values. */
    private static boolean keepsValues(Column known, ColumnDescription now) {
        return known.sourceType().equals(now.sourceType())
                || isPlainText(known.sourceType()) && isPlainText(now.sourceType());
    }

    private static boolean isPlainText(String sourceType) {
        return sourceType.equals("text") || sourceType.startsWith("character varying");
    }

    /** Takes a table over as the source describes it. @return its schema, a new version when it differs from the last */
    TableSchema observe(TableDescription table) {
        Entry known = byNativeId.get(table.nativeId());
        Entry now =
                known == null || known.life() == Entry.Life.DROPPED ? firstVersion(table) : nextVersion(known, table);
        if (now != known) {
            if (known != null) {
                byName.remove(known.schema().name(), known);
            }
            put(now);
        }
        return now.schema();
    }

    /** Ends an incarnation. @return its id, empty when it was not known */
    Optional<TableId> drop(String nativeId) {
        Entry known = byNativeId.get(nativeId);
        if (known == null || known.life() == Entry.Life.DROPPED) {
            return Optional.empty();
        }
        byName.remove(known.schema().name(), known);
        put(known.as(known.schema(), Entry.Life.DROPPED));
        return Optional.of(known.schema().tableId());
    }

    private Entry firstVersion(TableDescription table) {
        return entry(table, new TableId(lastTableId + 1), 1, Map.of(), 0);
    }

    private Entry nextVersion(Entry known, TableDescription table) {
        Map<String, Column> before = new HashMap<>();
        for (int i = 0; i < known.columnNativeIds().size(); i++) {
            before.put(known.columnNativeIds().get(i), known.schema().columns().get(i));
        }
        TableSchema schema = known.schema();
        Entry next = entry(table, schema.tableId(), schema.version() + 1, before, known.lastFieldId());
        TableSchema sameVersion = new TableSchema(
                schema.tableId(),
                schema.version(),
                next.schema().name(),
                next.schema().columns(),
                next.schema().keyFieldIds(),
                next.schema().identity());
        boolean same = sameVersion.equals(schema) && next.computedColumns().equals(known.computedColumns());
        if (!same) {
            return next;
        }
        return next.cascades().equals(known.cascades()) ? known : next.as(schema, Entry.Life.PRESENT);
    }

    private static Entry entry(
            TableDescription table, TableId id, int version, Map<String, Column> before, int lastFieldId) {
        List<Column> columns = new ArrayList<>();
        List<String> nativeIds = new ArrayList<>();
        List<String> computed = new ArrayList<>();
        int fieldId = lastFieldId;
        for (ColumnDescription column : table.columns()) {
            if (column.generation() == Column.Generation.COMPUTED) {
                computed.add(column.name());
                continue;
            }
            Column old = before.get(column.nativeId());
            boolean same = old != null && keepsValues(old, column);
            columns.add(new Column(
                    same ? old.fieldId() : ++fieldId,
                    column.name(),
                    column.sourceType(),
                    column.carrier(),
                    column.nullability(),
                    column.generation(),
                    same ? old.fill() : column.fill()));
            nativeIds.add(column.nativeId());
        }
        List<Integer> key = keyFields(table, columns);
        return new Entry(
                table.nativeId(),
                new TableSchema(id, version, table.name(), columns, key, table.identity()),
                nativeIds,
                computed,
                fieldId,
                Entry.Life.PRESENT,
                table.cascades());
    }

    /** A key over a computed column cannot be folded by, so such a table counts as one without a key. */
    private static List<Integer> keyFields(TableDescription table, List<Column> columns) {
        List<Integer> ids = new ArrayList<>();
        for (String name : table.key()) {
            Optional<Column> column =
                    columns.stream().filter(c -> c.name().equals(name)).findFirst();
            if (column.isEmpty()) {
                return List.of();
            }
            ids.add(column.get().fieldId());
        }
        return ids;
    }

    private void put(Entry entry) {
        byNativeId.put(entry.nativeId(), entry);
        if (entry.life() == Entry.Life.PRESENT) {
            byName.put(entry.schema().name(), entry);
        }
        lastTableId = Math.max(lastTableId, entry.schema().tableId().value());
        unsaved.put(KEY_PREFIX + entry.schema().tableId(), Json.write(entry));
    }
}
