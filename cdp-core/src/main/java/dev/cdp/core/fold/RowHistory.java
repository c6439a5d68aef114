package dev.cdp.core.fold;

import dev.cdp.core.Carrier;
import dev.cdp.core.Column;
import dev.cdp.core.RowImage;
import dev.cdp.core.TableSchema;
import dev.cdp.core.archive.ArchiveState;
import dev.cdp.core.archive.HistoryColumns;
import dev.cdp.core.archive.LedgerEntry.HistoryFile;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;

/** The life of one row, change by change. */
public final class RowHistory {
    private static final int METADATA = 4;

    private RowHistory() {}

    /**
     * One change of the row.
     *
     * @param transaction its transaction's number
     * @param operation {@code insert}, {@code update} or {@code delete}
     * @param schema the one the row follows
     * @param row after the change; for a delete the row before, as far as it was logged. What the source did not log is
     *     null here
     */
    public record Version(
            long seq, long transaction, Instant commitTimestamp, String operation, TableSchema schema, RowImage row) {}

    /**
     * Reads every change of one key, oldest first.
     *
     * @param table any version of the table
     * @param key the key's values as text, in key order
     */
    public static List<Version> read(
            FoldDatabase database,
            ArchiveState state,
            TableSchema table,
            List<String> key,
            Function<HistoryFile, Path> local) {
        List<Version> versions = new ArrayList<>();
        for (HistoryFile file : state.history()) {
            if (file.table().equals(table.tableId())) {
                state.schema(file.table(), file.schemaVersion())
                        .ifPresent(schema -> read(database, schema, key, local.apply(file), versions));
            }
        }
        versions.sort(Comparator.comparingLong(Version::seq));
        return versions;
    }

    private static void read(
            FoldDatabase database, TableSchema schema, List<String> key, Path file, List<Version> versions) {
        List<Carrier> carriers = new ArrayList<>(List.of(Carrier.INT64, Carrier.INT64, Carrier.INT64, Carrier.TEXT));
        List<String> columns = new ArrayList<>(List.of(
                HistoryColumns.SEQ,
                HistoryColumns.TX,
                "epoch_us(" + HistoryColumns.COMMIT_TIMESTAMP + ")",
                HistoryColumns.OP));
        for (Column column : schema.columns()) {
            carriers.add(column.carrier());
            columns.add(Sql.output(column.carrier(), Sql.name(HistoryColumns.columnName(column))));
        }
        List<String> conditions = new ArrayList<>();
        for (int i = 0; i < key.size(); i++) {
            Column column = schema.keyColumns().get(i);
            conditions.add(Sql.name(HistoryColumns.columnName(column)) + "::VARCHAR = " + Sql.text(key.get(i)));
        }
        String sql = "SELECT " + String.join(", ", columns) + " FROM " + Sql.scan(List.of(file)) + " WHERE "
                + String.join(" AND ", conditions);
        try (RowCursor cursor = database.query(sql, carriers)) {
            for (RowImage row = cursor.next(); row != null; row = cursor.next()) {
                versions.add(version(schema, row));
            }
        }
    }

    private static Version version(TableSchema schema, RowImage row) {
        Object[] values = row.toList().toArray();
        return new Version(
                (Long) Objects.requireNonNull(values[0]),
                (Long) Objects.requireNonNull(values[1]),
                Instant.EPOCH.plus((Long) Objects.requireNonNull(values[2]), ChronoUnit.MICROS),
                (String) Objects.requireNonNull(values[3]),
                schema,
                RowImage.of(Arrays.copyOfRange(values, METADATA, values.length)));
    }
}
