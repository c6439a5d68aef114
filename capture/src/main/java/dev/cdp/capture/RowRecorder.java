package dev.cdp.capture;

import dev.cdp.capture.log.LogEvent;
import dev.cdp.capture.log.LoggedRow;
import dev.cdp.capture.log.NotCarried;
import dev.cdp.capture.source.HistoryLostException;
import dev.cdp.capture.source.RowName;
import dev.cdp.capture.source.SourceDatabase;
import dev.cdp.capture.source.ValueNotCarriedException;
import dev.cdp.core.ChangeEvent.Operation;
import dev.cdp.core.ChangeEvent.RowChange;
import dev.cdp.core.Column;
import dev.cdp.core.RowImage;
import dev.cdp.core.SourceId;
import dev.cdp.core.TableSchema;
import dev.cdp.core.Unchanged;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Makes row changes of a table's schema out of logged rows. What is the key is decided here, by our own schema. */
final class RowRecorder {
    private static final int LAYOUTS_KEPT = 1000;

    private final SourceId sourceId;
    private final SourceDatabase source;
    private final Map<LayoutKey, int[]> layouts = new HashMap<>();

    private record LayoutKey(TableRegistry.Entry table, List<String> names) {
        @Override
        public boolean equals(@Nullable Object other) { // both are shared by the rows of one version
            return other instanceof LayoutKey key && key.table == table && key.names == names;
        }

        @Override
        public int hashCode() {
            return System.identityHashCode(table) * 31 + System.identityHashCode(names);
        }
    }

    RowRecorder(SourceId sourceId, SourceDatabase source) {
        this.sourceId = sourceId;
        this.source = source;
    }

    /**
     * One change, or two when the key changed: a delete, then an insert that still shows the row before.
     *
     * @throws ValueNotCarriedException when a value cannot be carried, of the row as it is before one as it was
     */
    List<RowChange> changes(TableRegistry.Entry table, LogEvent.Row row) {
        TableSchema schema = table.schema();
        RowImage after = row.after() == null ? null : image(table, row.after());
        RowImage before = row.before() == null ? null : beforeImage(table, row.before());
        if (row.operation() == Operation.DELETE && before == null) {
            throw HistoryLostException.contradiction(
                    sourceId, "a row deleted from " + schema.name() + " came without its replica identity");
        }
        if (row.operation() != Operation.UPDATE || before == null || !keyDiffers(schema, before, after)) {
            return List.of(change(schema, row.operation(), before, after));
        }
        return List.of(change(schema, Operation.DELETE, before, null), change(schema, Operation.INSERT, before, after));
    }

    private static RowChange change(
            TableSchema schema, Operation operation, @Nullable RowImage before, @Nullable RowImage after) {
        return new RowChange(operation, schema.tableId(), schema.version(), before, after);
    }

    private static boolean keyDiffers(TableSchema schema, RowImage before, @Nullable RowImage after) {
        if (after == null) {
            return false;
        }
        for (int fieldId : schema.keyFieldIds()) {
            int index = schema.indexOfField(fieldId);
            if (!after.isUnchanged(index) && !Objects.deepEquals(before.value(index), after.value(index))) {
                return true;
            }
        }
        return false;
    }

    /** A source that logs only the key leaves the other columns empty, which is not NULL. */
    private RowImage beforeImage(TableRegistry.Entry table, LoggedRow row) {
        RowImage image = image(table, row);
        TableSchema schema = table.schema();
        if (schema.identity() == TableSchema.Identity.FULL) {
            return image;
        }
        @Nullable Object[] values = new Object[image.size()];
        for (int i = 0; i < values.length; i++) {
            boolean isKey =
                    schema.keyFieldIds().contains(schema.columns().get(i).fieldId());
            values[i] = isKey ? image.value(i) : Unchanged.UNCHANGED;
        }
        return RowImage.of(values);
    }

    private RowImage image(TableRegistry.Entry table, LoggedRow row) {
        if (layouts.size() > LAYOUTS_KEPT) {
            layouts.clear();
        }
        int[] layout = layouts.computeIfAbsent(new LayoutKey(table, row.names()), key -> layout(table, row.names()));
        @Nullable Object[] values = new Object[layout.length];
        for (int i = 0; i < layout.length; i++) {
            Object logged = row.values()[layout[i]];
            Column column = table.schema().columns().get(i);
            values[i] = logged == null || logged == Unchanged.UNCHANGED ? logged : carried(table, column, row, logged);
        }
        return RowImage.of(values);
    }

    private Object carried(TableRegistry.Entry table, Column column, LoggedRow row, Object logged) {
        NotCarried what;
        if (logged instanceof NotCarried refused) {
            what = refused;
        } else {
            try {
                return source.decode(column.carrier(), logged);
            } catch (IllegalArgumentException e) { // says nothing: its message may hold the value
                what = NotCarried.UNKNOWN_FORM;
            }
        }
        List<String> key =
                table.schema().keyColumns().stream().map(Column::name).toList();
        String name = RowName.of(key, each -> row.values()[row.names().indexOf(each)]);
        throw new ValueNotCarriedException(table.schema().name(), column.name(), what, name);
    }

    /** Where each column of the schema stands in the logged row; the two must name the same columns. */
    private int[] layout(TableRegistry.Entry table, List<String> names) {
        List<Column> columns = table.schema().columns();
        int[] layout = new int[columns.size()];
        for (int i = 0; i < layout.length; i++) {
            layout[i] = names.indexOf(columns.get(i).name());
            if (layout[i] < 0) {
                throw differs(table, "lacks column '" + columns.get(i).name() + "', which the table has");
            }
        }
        List<String> unknown = new ArrayList<>(names);
        columns.forEach(column -> unknown.remove(column.name()));
        unknown.removeAll(table.computedColumns());
        if (!unknown.isEmpty()) {
            throw differs(table, "has columns " + unknown + ", which the table lacks");
        }
        return layout;
    }

    private HistoryLostException differs(TableRegistry.Entry table, String how) {
        return HistoryLostException.contradiction(
                sourceId, "a row of " + table.schema().name() + " " + how + " by its last description");
    }
}
