package dev.cdp.testkit;

import dev.cdp.core.Carrier;
import dev.cdp.core.Column;
import dev.cdp.core.RowImage;
import dev.cdp.core.TableId;
import dev.cdp.core.TableName;
import dev.cdp.core.TableSchema;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One incarnation of a table of a {@link SyntheticSource}: its schema and its live rows. */
public final class SyntheticTable {
    private final List<@Nullable Object[]> rows = new ArrayList<>();
    private TableSchema schema;
    private int nextFieldId;

    SyntheticTable(TableSchema schema) {
        this.schema = schema;
        this.nextFieldId = schema.columns().size() + 1;
    }

    /** A column with the next field id, nullable, written by the application. */
    public static Column column(int fieldId, String name, Carrier carrier) {
        return column(fieldId, name, carrier, null);
    }

    static Column column(int fieldId, String name, Carrier carrier, @Nullable String fill) {
        String type =
                switch (carrier) {
                    case BOOLEAN -> "boolean";
                    case INT64 -> "bigint";
                    case FLOAT32 -> "real";
                    case FLOAT64 -> "double precision";
                    case BYTES -> "bytea";
                    case TEXT -> "text";
                };
        return new Column(fieldId, name, type, carrier, Column.Nullability.NULLABLE, Column.Generation.WRITTEN, fill);
    }

    public TableId id() {
        return schema.tableId();
    }

    public TableName name() {
        return schema.name();
    }

    /** The newest version. */
    public TableSchema schema() {
        return schema;
    }

    /** The rows as they are now, every value known. */
    public List<RowImage> rows() {
        return rows.stream().map(row -> RowImage.of(row.clone())).toList();
    }

    public int rowCount() {
        return rows.size();
    }

    /** A copy of the values of row {@code index}. */
    @Nullable
    Object[] row(int index) {
        return rows.get(index).clone();
    }

    void add(@Nullable Object[] values) {
        rows.add(values);
    }

    void set(int index, @Nullable Object[] values) {
        rows.set(index, values);
    }

    void remove(int index) {
        Collections.swap(rows, index, rows.size() - 1);
        rows.remove(rows.size() - 1);
    }

    void clear() {
        rows.clear();
    }

    boolean isKeyColumn(int index) {
        return schema.keyFieldIds().contains(schema.columns().get(index).fieldId());
    }

    boolean holdsKeyOf(@Nullable Object[] values) {
        return rows.stream().anyMatch(row -> {
            for (int i = 0; i < row.length; i++) {
                if (isKeyColumn(i) && !Arrays.deepEquals(new Object[] {row[i]}, new Object[] {values[i]})) {
                    return false;
                }
            }
            return true;
        });
    }

    /** Adds a column whose older rows hold {@code fill}; text columns only, as a fill is text. */
    TableSchema addColumn(String name, @Nullable String fill) {
        List<Column> columns = new ArrayList<>(schema.columns());
        columns.add(column(nextFieldId++, name, Carrier.TEXT, fill));
        rows.replaceAll(row -> {
            @Nullable Object[] longer = Arrays.copyOf(row, row.length + 1);
            longer[row.length] = fill;
            return longer;
        });
        return change(columns);
    }

    TableSchema dropColumn(int index) {
        List<Column> columns = new ArrayList<>(schema.columns());
        columns.remove(index);
        rows.replaceAll(row -> {
            List<@Nullable Object> shorter = new ArrayList<>(Arrays.asList(row));
            shorter.remove(index);
            return shorter.toArray();
        });
        return change(columns);
    }

    /** Gives a column another type, and so another field id; only for an empty table, whose rows need no rewrite. */
    TableSchema retypeColumn(int index, Carrier carrier) {
        if (!rows.isEmpty()) {
            throw new IllegalStateException("Rows of " + name() + " would have to be rewritten");
        }
        List<Column> columns = new ArrayList<>(schema.columns());
        columns.set(index, column(nextFieldId++, columns.get(index).name(), carrier));
        return change(columns);
    }

    private TableSchema change(List<Column> columns) {
        schema = new TableSchema(
                schema.tableId(),
                schema.version() + 1,
                schema.name(),
                columns,
                schema.keyFieldIds(),
                schema.identity());
        return schema;
    }
}
