package dev.cdp.archiver.iceberg;

import dev.cdp.core.Column;
import dev.cdp.core.TableSchema;
import dev.cdp.core.archive.HistoryColumns;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.types.Types.NestedField;

/**
 * The Iceberg schemas over the archive's Parquet files. Field ids are the files' own ({@link HistoryColumns}), so a
 * column is found in every file whatever it was called when the file was written.
 *
 * @param commitTimestamp the column with the commit's time
 */
record ViewSchema(Schema fields, String commitTimestamp) {
    private static final int UNAVAILABLE_ID = 10;
    private static final int UNAVAILABLE_ELEMENT_ID = 11;
    private static final int BEFORE_ID = 12;

    /** One row per transaction. */
    static final ViewSchema TRANSACTIONS = new ViewSchema(
            new Schema(
                    NestedField.required(1, "seq", Types.LongType.get()),
                    NestedField.required(2, "first_seq", Types.LongType.get()),
                    NestedField.required(3, "native_id", Types.StringType.get()),
                    NestedField.required(4, "commit_position", Types.StringType.get()),
                    NestedField.required(5, "commit_timestamp", Types.TimestampType.withZone()),
                    NestedField.required(6, "ingest_timestamp", Types.TimestampType.withZone()),
                    NestedField.required(7, "epoch", Types.IntegerType.get()),
                    NestedField.required(8, "statements", Types.IntegerType.get()),
                    NestedField.optional(9, "mark", Types.StringType.get()),
                    NestedField.optional(
                            10,
                            "tables",
                            Types.ListType.ofRequired(
                                    11,
                                    Types.StructType.of(
                                            NestedField.required(12, "table_id", Types.IntegerType.get()),
                                            NestedField.required(13, "table", Types.StringType.get()),
                                            NestedField.required(14, "inserts", Types.LongType.get()),
                                            NestedField.required(15, "updates", Types.LongType.get()),
                                            NestedField.required(16, "deletes", Types.LongType.get()),
                                            NestedField.required(17, "truncates", Types.LongType.get()))))),
            "commit_timestamp");

    /** A column as the view shows it. */
    private record Shown(Column column, String name) {}

    /**
     * One row per change of a table, with the columns of all its versions: those of the newest under their names, older
     * ones behind them, and where the name was taken over meanwhile as {@code <name>__until_v<version>}.
     *
     * @param versions of one table, at least one
     */
    static ViewSchema history(List<TableSchema> versions) {
        List<Shown> shown = shown(versions);
        List<NestedField> fields = metadata();
        shown.forEach(each -> fields.add(
                NestedField.optional(HistoryColumns.rowFieldId(each.column()), each.name(), type(each.column()))));
        List<NestedField> before = shown.stream()
                .map(each -> NestedField.optional(
                        HistoryColumns.beforeFieldId(each.column()), each.name(), type(each.column())))
                .toList();
        fields.add(NestedField.optional(BEFORE_ID, HistoryColumns.BEFORE, Types.StructType.of(before)));
        return new ViewSchema(new Schema(fields), HistoryColumns.COMMIT_TIMESTAMP);
    }

    /** By the day of the commit, which is the same for all rows of a file. */
    PartitionSpec byDay() {
        return PartitionSpec.builderFor(fields).day(commitTimestamp, "_cdp_day").build();
    }

    private static List<NestedField> metadata() {
        List<NestedField> fields = new ArrayList<>();
        fields.add(NestedField.required(1, HistoryColumns.SEQ, Types.LongType.get()));
        fields.add(NestedField.required(2, HistoryColumns.OP, Types.StringType.get()));
        fields.add(NestedField.required(3, HistoryColumns.COMMIT_TIMESTAMP, Types.TimestampType.withZone()));
        fields.add(NestedField.required(4, HistoryColumns.COMMIT_POSITION, Types.StringType.get()));
        fields.add(NestedField.required(5, HistoryColumns.TX, Types.LongType.get()));
        fields.add(NestedField.required(6, HistoryColumns.TX_SEQ, Types.IntegerType.get()));
        fields.add(NestedField.required(7, HistoryColumns.INGEST_TIMESTAMP, Types.TimestampType.withZone()));
        fields.add(NestedField.required(8, HistoryColumns.SCHEMA_VERSION, Types.IntegerType.get()));
        fields.add(NestedField.required(9, HistoryColumns.EPOCH, Types.IntegerType.get()));
        fields.add(NestedField.optional(
                UNAVAILABLE_ID,
                HistoryColumns.UNAVAILABLE,
                Types.ListType.ofRequired(UNAVAILABLE_ELEMENT_ID, Types.StringType.get())));
        return fields;
    }

    private static List<Shown> shown(List<TableSchema> versions) {
        List<TableSchema> newestFirst = versions.stream()
                .sorted(Comparator.comparingInt(TableSchema::version).reversed())
                .toList();
        Set<String> names = new HashSet<>();
        Map<Integer, Shown> byFieldId = new LinkedHashMap<>();
        for (TableSchema version : newestFirst) {
            for (Column column : version.columns()) {
                if (byFieldId.containsKey(column.fieldId())) {
                    continue;
                }
                String name = HistoryColumns.columnName(column);
                while (!names.add(name)) {
                    name += "__until_v" + version.version();
                }
                byFieldId.put(column.fieldId(), new Shown(column, name));
            }
        }
        return List.copyOf(byFieldId.values());
    }

    private static Type type(Column column) {
        return switch (column.carrier()) {
            case BOOLEAN -> Types.BooleanType.get();
            case INT64 -> Types.LongType.get();
            case FLOAT32 -> Types.FloatType.get();
            case FLOAT64 -> Types.DoubleType.get();
            case BYTES -> Types.BinaryType.get();
            case TEXT -> Types.StringType.get();
        };
    }
}
