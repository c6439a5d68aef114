package dev.cdp.testkit;

import dev.cdp.core.Carrier;
import dev.cdp.core.ChangeEvent;
import dev.cdp.core.ChangeEvent.RowChange;
import dev.cdp.core.ChangeRecord;
import dev.cdp.core.Column;
import dev.cdp.core.RowImage;
import dev.cdp.core.TableId;
import dev.cdp.core.TableSchema;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What the tables of a source hold, by applying its changes one after another to lists: slow and obvious, the judge of
 * every faster way.
 */
public final class ReplayModel {
    private final Map<TableId, Table> tables = new LinkedHashMap<>();

    private static final class Table {
        private TableSchema schema;
        private List<RowImage> rows = new ArrayList<>();
        private final Map<List<@Nullable Object>, RowImage> deleted = new HashMap<>();

        Table(TableSchema schema) {
            this.schema = schema;
        }
    }

    /** Starts a table with the rows of a base. */
    public void load(TableSchema schema, List<RowImage> rows) {
        Table table = new Table(schema);
        table.rows.addAll(rows);
        tables.put(schema.tableId(), table);
    }

    public void applyAll(Iterable<ChangeRecord> records) {
        records.forEach(record -> apply(record.event()));
    }

    /** Events that change no rows are passed over. */
    public void apply(ChangeEvent event) {
        if (event instanceof ChangeEvent.SchemaChange change) {
            announce(change.schema());
        } else if (event instanceof ChangeEvent.TableDropped dropped) {
            tables.remove(dropped.table());
        } else if (event instanceof ChangeEvent.Truncate truncate) {
            table(truncate.table()).rows.clear();
        } else if (event instanceof RowChange change) {
            change(table(change.table()), change);
        }
    }

    public List<TableSchema> schemas() {
        return tables.values().stream().map(table -> table.schema).toList();
    }

    /** The rows of one table in no particular order. */
    public List<RowImage> rows(TableId table) {
        return List.copyOf(table(table).rows);
    }

    private Table table(TableId id) {
        return Objects.requireNonNull(tables.get(id), () -> "Table " + id + " is not known here");
    }

    private void announce(TableSchema schema) {
        Table table = tables.get(schema.tableId());
        if (table == null) {
            tables.put(schema.tableId(), new Table(schema));
            return;
        }
        TableSchema old = table.schema;
        table.rows.replaceAll(row -> converted(row, old, schema));
        table.schema = schema;
    }

    private static RowImage converted(RowImage row, TableSchema from, TableSchema to) {
        Object[] values = new Object[to.columns().size()];
        for (int i = 0; i < values.length; i++) {
            Column column = to.columns().get(i);
            int index = from.indexOfField(column.fieldId());
            values[i] = index >= 0 ? row.value(index) : filled(column);
        }
        return RowImage.of(values);
    }

    private static @Nullable Object filled(Column column) {
        String fill = column.fill();
        if (fill == null) {
            return null;
        }
        Carrier carrier = column.carrier();
        return switch (carrier) {
            case BOOLEAN -> Boolean.valueOf(fill);
            case INT64 -> Long.valueOf(fill);
            case FLOAT32 -> Float.valueOf(fill);
            case FLOAT64 -> Double.valueOf(fill);
            case BYTES -> HexFormat.of().parseHex(fill);
            case TEXT -> fill;
        };
    }

    private static void change(Table table, RowChange change) {
        RowImage before = change.before();
        RowImage after = change.after();
        switch (change.operation()) {
            case INSERT -> {
                RowImage previous = before == null ? null : table.deleted.get(key(table, before));
                table.rows.add(resolved(Objects.requireNonNull(after), previous));
            }
            case UPDATE -> {
                int index = find(table, table.schema.hasKey() ? Objects.requireNonNull(after) : before);
                table.rows.set(index, resolved(Objects.requireNonNull(after), table.rows.get(index)));
            }
            case DELETE -> {
                RowImage gone = table.rows.remove(find(table, before));
                table.deleted.put(key(table, gone), gone);
            }
        }
    }

    private static int find(Table table, @Nullable RowImage image) {
        List<@Nullable Object> key = key(table, Objects.requireNonNull(image));
        for (int i = 0; i < table.rows.size(); i++) {
            if (key(table, table.rows.get(i)).equals(key)) {
                return i;
            }
        }
        throw new IllegalStateException("No such row in " + table.schema.name());
    }

    /** What tells rows apart: the key's values, or for a table without a key the whole row. */
    private static List<@Nullable Object> key(Table table, RowImage row) {
        List<@Nullable Object> key = new ArrayList<>();
        if (!table.schema.hasKey()) {
            key.add(row);
        }
        for (int fieldId : table.schema.keyFieldIds()) {
            key.add(row.value(table.schema.indexOfField(fieldId)));
        }
        return key;
    }

    private static RowImage resolved(RowImage after, @Nullable RowImage previous) {
        Object[] values = after.toList().toArray();
        for (int i = 0; i < values.length; i++) {
            if (after.isUnchanged(i)) {
                values[i] = Objects.requireNonNull(previous, "a value that never was")
                        .value(i);
            }
        }
        return RowImage.of(values);
    }
}
