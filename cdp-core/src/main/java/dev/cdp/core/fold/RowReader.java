package dev.cdp.core.fold;

import dev.cdp.core.Carrier;
import dev.cdp.core.ChangeEvent.BaseTable;
import dev.cdp.core.Column;
import dev.cdp.core.RowImage;
import dev.cdp.core.StoredObject;
import dev.cdp.core.TableSchema;
import dev.cdp.core.TableSchema.Identity;
import dev.cdp.core.Unchanged;
import dev.cdp.core.archive.ArchiveState;
import dev.cdp.core.archive.HistoryColumns;
import dev.cdp.core.archive.LedgerEntry.HistoryFile;
import dev.cdp.core.archive.LedgerEntry.KeyRange;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Single rows of one table: their changes out of history files, and what base files hold of them. Only files that can
 * hold an answer are fetched, and keys are compared as they are stored, so that DuckDB passes over row groups whose
 * statistics exclude the key.
 */
final class RowReader {
    private static final int METADATA = 5;

    private final FoldDatabase database;
    private final TableSchema table;
    private final Function<StoredObject, Path> local;
    private final List<HistoryFile> files;
    private final Map<Integer, TableSchema> versions = new TreeMap<>();
    private final Set<String> read = new HashSet<>();

    /** What a change did. */
    enum Operation {
        INSERT,
        UPDATE,
        DELETE,
        TRUNCATE
    }

    /**
     * One archived change.
     *
     * @param transaction its transaction's number
     * @param schema the one the images follow
     * @param before as far as it was logged; null when nothing was
     * @param row after the change, for a delete before it; null for a truncate. What was not logged is {@link
     *     Unchanged#UNCHANGED}
     */
    record Change(
            long seq,
            long transaction,
            Instant committed,
            Operation operation,
            TableSchema schema,
            @Nullable RowImage before,
            @Nullable RowImage row) {

        @Nullable
        RowImage key() {
            return row == null ? null : keyOf(schema, row);
        }

        /** The key the row had before, when the change gave it another one. */
        @Nullable
        RowImage previousKey() {
            RowImage previous = operation == Operation.INSERT && before != null ? keyOf(schema, before) : null;
            return previous == null || previous.equals(key()) ? null : previous;
        }
    }

    /** @param table any version of the table; versions with another key are passed over */
    RowReader(FoldDatabase database, ArchiveState state, TableSchema table, Function<StoredObject, Path> local) {
        this.database = database;
        this.table = table;
        this.local = local;
        state.schemas().stream()
                .filter(schema -> schema.tableId().equals(table.tableId()))
                .filter(schema -> schema.keyFieldIds().equals(table.keyFieldIds()))
                .forEach(schema -> versions.put(schema.version(), schema));
        this.files = state.history().stream()
                .filter(file -> file.table().equals(table.tableId()))
                .filter(file -> versions.containsKey(file.schemaVersion()))
                .toList();
    }

    static RowImage keyOf(TableSchema schema, RowImage row) {
        return RowImage.of(schema.keyFieldIds().stream()
                .map(id -> row.value(schema.indexOfField(id)))
                .toArray());
    }

    /** History files of the table. */
    int fileCount() {
        return files.size();
    }

    /** How many of them were read. */
    int filesRead() {
        return read.size();
    }

    /** Every change of the row with a key, in no order. */
    List<Change> changes(RowImage key) {
        return select(file -> mayConcern(file, key), schema -> equal(schema, "", key));
    }

    private static boolean mayConcern(HistoryFile file, RowImage key) {
        KeyRange range = file.keys();
        return range == null || !(key.value(0) instanceof Long first) || range.includes(first);
    }

    /** Every truncate of the table, in no order. */
    List<Change> truncates() {
        return select(
                file -> file.keys() == null,
                schema -> HistoryColumns.OP + " = " + Sql.text(HistoryColumns.OP_TRUNCATE));
    }

    /** Inserts behind deletes of a row in the same transaction: they gave it another key. In no order. */
    List<Change> moves(RowImage from, Collection<Change> deletes) {
        if (deletes.isEmpty()) {
            return List.of();
        }
        String among = deletes.stream()
                .map(delete -> Long.toString(delete.transaction()))
                .collect(Collectors.joining(", ", "(", ")"));
        return select(
                file -> deletes.stream()
                        .anyMatch(each -> file.firstSeq() <= each.transaction() && file.lastSeq() > each.seq()),
                schema -> HistoryColumns.OP + " = 'insert' AND " + HistoryColumns.TX + " IN " + among + " AND "
                        + equal(schema, HistoryColumns.BEFORE + ".", from));
    }

    /** The row with a key in a base. */
    Optional<RowImage> inBase(BaseTable base, RowImage key) {
        TableSchema schema = base.schema();
        if (base.files().isEmpty()) {
            return Optional.empty();
        }
        List<String> columns = new ArrayList<>();
        schema.columns().forEach(column -> columns.add(Sql.output(column.carrier(), name(column))));
        List<Carrier> carriers = schema.columns().stream().map(Column::carrier).toList();
        List<Path> paths = base.files().stream().map(local).toList();
        try (RowCursor cursor = database.query(
                "SELECT " + String.join(", ", columns) + " FROM " + Sql.scan(paths) + " WHERE "
                        + equal(schema, "", key),
                carriers)) {
            return Optional.ofNullable(cursor.next());
        }
    }

    private List<Change> select(Predicate<HistoryFile> wanted, Function<TableSchema, String> condition) {
        List<Change> found = new ArrayList<>();
        versions.forEach((number, schema) -> {
            List<HistoryFile> chosen = files.stream()
                    .filter(file -> file.schemaVersion() == number)
                    .filter(wanted)
                    .toList();
            if (!chosen.isEmpty()) {
                chosen.forEach(file -> read.add(file.object().key()));
                select(
                        schema,
                        chosen.stream().map(file -> local.apply(file.object())).toList(),
                        condition.apply(schema),
                        found);
            }
        });
        return found;
    }

    private void select(TableSchema schema, List<Path> paths, String condition, List<Change> found) {
        List<Carrier> carriers =
                new ArrayList<>(List.of(Carrier.INT64, Carrier.INT64, Carrier.INT64, Carrier.TEXT, Carrier.BOOLEAN));
        List<String> columns = new ArrayList<>(List.of(
                HistoryColumns.SEQ,
                HistoryColumns.TX,
                "epoch_us(" + HistoryColumns.COMMIT_TIMESTAMP + ")",
                HistoryColumns.OP,
                HistoryColumns.BEFORE + " IS NOT NULL"));
        for (Column column : schema.columns()) {
            carriers.addAll(List.of(column.carrier(), column.carrier(), Carrier.BOOLEAN));
            columns.add(Sql.output(column.carrier(), name(column)));
            columns.add(Sql.output(column.carrier(), HistoryColumns.BEFORE + "." + name(column)));
            columns.add("coalesce(list_contains(" + HistoryColumns.UNAVAILABLE + ", "
                    + Sql.text(HistoryColumns.columnName(column)) + "), false)");
        }
        try (RowCursor cursor = database.query(
                "SELECT " + String.join(", ", columns) + " FROM " + Sql.scan(paths) + " WHERE " + condition,
                carriers)) {
            for (RowImage row = cursor.next(); row != null; row = cursor.next()) {
                found.add(change(schema, row));
            }
        }
    }

    private static Change change(TableSchema schema, RowImage read) {
        Operation operation =
                Operation.valueOf(((String) Objects.requireNonNull(read.value(3))).toUpperCase(java.util.Locale.ROOT));
        boolean hasBefore = Boolean.TRUE.equals(read.value(4));
        boolean full = schema.identity() == Identity.FULL;
        int count = schema.columns().size();
        @Nullable Object[] row = new Object[count];
        @Nullable Object[] before = new Object[count];
        for (int i = 0; i < count; i++) {
            int at = METADATA + 3 * i;
            boolean inKey =
                    schema.keyFieldIds().contains(schema.columns().get(i).fieldId());
            before[i] = full || inKey ? read.value(at + 1) : Unchanged.UNCHANGED;
            boolean left = Boolean.TRUE.equals(read.value(at + 2));
            row[i] = !left ? read.value(at) : full && hasBefore ? before[i] : Unchanged.UNCHANGED;
        }
        return new Change(
                (Long) Objects.requireNonNull(read.value(0)),
                (Long) Objects.requireNonNull(read.value(1)),
                Instant.EPOCH.plus((Long) Objects.requireNonNull(read.value(2)), ChronoUnit.MICROS),
                operation,
                schema,
                hasBefore ? RowImage.of(before) : null,
                operation == Operation.TRUNCATE ? null : RowImage.of(row));
    }

    private String equal(TableSchema schema, String prefix, RowImage key) {
        List<String> conditions = new ArrayList<>();
        for (int i = 0; i < key.size(); i++) {
            Column column =
                    schema.columns().get(schema.indexOfField(table.keyFieldIds().get(i)));
            conditions.add(prefix + name(column) + " = "
                    + Sql.literal(column.carrier(), Objects.requireNonNull(key.value(i))));
        }
        return String.join(" AND ", conditions);
    }

    private static String name(Column column) {
        return Sql.name(HistoryColumns.columnName(column));
    }
}
