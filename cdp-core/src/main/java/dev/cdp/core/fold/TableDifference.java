package dev.cdp.core.fold;

import dev.cdp.core.Carrier;
import dev.cdp.core.Column;
import dev.cdp.core.RowImage;
import dev.cdp.core.StoredObject;
import dev.cdp.core.TableSchema;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * How the rows of one table at two cuts differ. Both states are folded, put into the columns of the later one and
 * joined by key; tables without a key are compared as multisets, where nothing is changed, only deleted and inserted.
 * Columns that the later state does not have any more are not compared.
 *
 * @param schema the one that samples follow
 * @param samples the first of each kind, by key
 */
public record TableDifference(TableSchema schema, long inserted, long deleted, long changed, List<Sample> samples) {

    public TableDifference {
        samples = List.copyOf(samples);
    }

    /**
     * One row that differs.
     *
     * @param before null for one that is new
     * @param after null for one that is gone
     */
    public record Sample(
            @Nullable RowImage before, @Nullable RowImage after) {}

    public boolean isEmpty() {
        return inserted == 0 && deleted == 0 && changed == 0;
    }

    /**
     * Compares.
     *
     * @param table what messages call it
     * @param from null when the table was not there
     * @param to null when the table is not there any more
     * @param sampleCount how many rows of each kind to show
     * @throws FoldRefusedException when one of the states is not determined
     */
    public static TableDifference between(
            FoldDatabase database,
            String table,
            @Nullable TableFiles from,
            @Nullable TableFiles to,
            Function<StoredObject, Path> local,
            int sampleCount) {
        return between(database, table, from, to, local, sampleCount, null);
    }

    /**
     * The same for some rows.
     *
     * @param among a table of keys, {@code k0..} in key order; null for all rows
     */
    static TableDifference between(
            FoldDatabase database,
            String table,
            @Nullable TableFiles from,
            @Nullable TableFiles to,
            Function<StoredObject, Path> local,
            int sampleCount,
            @Nullable String among) {
        TableFiles shown = to != null ? to : from;
        if (shown == null) {
            throw new IllegalArgumentException("Table " + table + " stands at neither cut");
        }
        if (from != null && !isComparable(from.schema(), shown.schema())) {
            throw new IllegalArgumentException("Table " + table + " is another one at the later cut");
        }
        Comparison comparison = new Comparison(database, table, shown.schema(), among);
        comparison.load("rows_from", from, local);
        comparison.load("rows_to", to, local);
        return comparison.result(isSameKey(from, shown), sampleCount);
    }

    /** Whether rows of one schema can be compared with rows of another: versions of one table, or the same columns. */
    public static boolean isComparable(TableSchema from, TableSchema to) {
        return from.tableId().equals(to.tableId())
                || from.columns().size() == to.columns().size()
                        && to.columns().stream().allMatch(column -> match(from, to, column) >= 0)
                        && matchedKey(from, to).equals(to.keyFieldIds());
    }

    private static boolean isSameKey(@Nullable TableFiles from, TableFiles shown) {
        return shown.schema().hasKey()
                && (from == null
                        || matchedKey(from.schema(), shown.schema())
                                .equals(shown.schema().keyFieldIds()));
    }

    /** The key of one schema in the field ids of another; -1 for a column that it does not have. */
    private static List<Integer> matchedKey(TableSchema from, TableSchema to) {
        return from.keyFieldIds().stream()
                .map(id -> to.columns().stream()
                        .filter(column -> match(from, to, column) == from.indexOfField(id))
                        .map(Column::fieldId)
                        .findFirst()
                        .orElse(-1))
                .toList();
    }

    /**
     * Where a column of {@code to} stands in {@code from}, -1 when it does not: by field id, or by name when the table
     * was made anew.
     */
    private static int match(TableSchema from, TableSchema to, Column column) {
        if (from.tableId().equals(to.tableId())) {
            return from.indexOfField(column.fieldId());
        }
        for (int i = 0; i < from.columns().size(); i++) {
            Column each = from.columns().get(i);
            if (each.name().equals(column.name()) && each.carrier() == column.carrier()) {
                return i;
            }
        }
        return -1;
    }

    /** One run in a database. */
    private static final class Comparison {
        private final FoldDatabase database;
        private final String table;
        private final TableSchema schema;
        private final @Nullable String among;

        Comparison(FoldDatabase database, String table, TableSchema schema, @Nullable String among) {
            this.database = database;
            this.table = table;
            this.schema = schema;
            this.among = among;
        }

        /** A state as a table of its own: the next fold takes the place of the views it came from. */
        void load(String name, @Nullable TableFiles files, Function<StoredObject, Path> local) {
            if (files == null) {
                database.execute("CREATE OR REPLACE TEMP TABLE " + name + " AS SELECT "
                        + columns(i -> "NULL::" + Sql.type(carrier(i)) + " AS c" + i) + ", 0::BIGINT AS n WHERE false");
                return;
            }
            String state = Fold.stateQuery(database, table, files, local, among);
            database.execute("CREATE OR REPLACE TEMP TABLE " + name + " AS SELECT "
                    + columns(i -> stored(files.schema(), i) + " AS c" + i) + ", n::BIGINT AS n FROM (" + state + ")");
            if (database.number("SELECT count(*) FROM " + name + " WHERE n < 1", 0) > 0) {
                throw new FoldRefusedException(
                        table, "it has no primary key, and a row was deleted more often than it was there");
            }
        }

        private String stored(TableSchema from, int index) {
            Column column = schema.columns().get(index);
            int found = match(from, schema, column);
            return found >= 0 ? "c" + found : Sql.fill(column);
        }

        TableDifference result(boolean keyed, int sampleCount) {
            database.execute(
                    "CREATE OR REPLACE TEMP TABLE differences AS " + (keyed ? differentRows() : differentCounts()));
            database.execute("DROP TABLE rows_from");
            database.execute("DROP TABLE rows_to");
            List<Sample> samples = new ArrayList<>();
            for (String kind : List.of("is_from AND is_to", "is_from AND NOT is_to", "is_to AND NOT is_from")) {
                samples(kind, sampleCount, keyed, samples);
            }
            return new TableDifference(
                    schema,
                    sum("is_to AND NOT is_from"),
                    sum("is_from AND NOT is_to"),
                    sum("is_from AND is_to"),
                    samples);
        }

        private long sum(String kind) {
            return database.number("SELECT sum(n)::BIGINT FROM differences WHERE " + kind, 0);
        }

        private String differentRows() {
            String sameKey = schema.keyFieldIds().stream()
                    .map(schema::indexOfField)
                    .map(i -> "f.c" + i + " = t.c" + i)
                    .collect(Collectors.joining(" AND "));
            String differs = IntStream.range(0, schema.columns().size())
                    .mapToObj(i -> exact(i, "f.c" + i) + " IS DISTINCT FROM " + exact(i, "t.c" + i))
                    .collect(Collectors.joining(" OR "));
            return "SELECT " + columns(i -> "f.c" + i + " AS f" + i) + ", " + columns(i -> "t.c" + i + " AS t" + i)
                    + ", f.n IS NOT NULL AS is_from, t.n IS NOT NULL AS is_to, 1 AS n"
                    + " FROM rows_from f FULL JOIN rows_to t ON " + sameKey + " WHERE f.n IS NULL OR t.n IS NULL OR "
                    + differs;
        }

        private String differentCounts() {
            return "SELECT " + columns(i -> "c" + i + " AS f" + i) + ", " + columns(i -> "c" + i + " AS t" + i)
                    + ", sum(m) < 0 AS is_from, sum(m) > 0 AS is_to, abs(sum(m)) AS n FROM (SELECT *, n AS m FROM"
                    + " rows_to UNION ALL SELECT *, -n AS m FROM rows_from) GROUP BY "
                    + columns(i -> exact(i, "c" + i).equals("c" + i) ? "c" + i : "c" + i + ", " + exact(i, "c" + i))
                    + " HAVING sum(m) <> 0";
        }

        /** Zero and minus zero are equal, but are not the same value. */
        private String exact(int index, String expression) {
            return switch (carrier(index)) {
                case FLOAT32, FLOAT64 -> expression + "::VARCHAR";
                case BOOLEAN, INT64, BYTES, TEXT -> expression;
            };
        }

        private void samples(String kind, int count, boolean keyed, List<Sample> samples) {
            int width = schema.columns().size();
            List<Carrier> carriers = new ArrayList<>();
            for (int i = 0; i < 2 * width; i++) {
                carriers.add(carrier(i % width));
            }
            carriers.addAll(List.of(Carrier.BOOLEAN, Carrier.BOOLEAN));
            String order = keyed
                    ? schema.keyFieldIds().stream()
                            .map(schema::indexOfField)
                            .map(i -> "coalesce(t" + i + ", f" + i + ")")
                            .collect(Collectors.joining(", "))
                    : columns(i -> "t" + i);
            String sql = "SELECT " + columns(i -> Sql.output(carrier(i), "f" + i)) + ", "
                    + columns(i -> Sql.output(carrier(i), "t" + i)) + ", is_from, is_to FROM differences WHERE " + kind
                    + " ORDER BY " + order + " LIMIT " + count;
            try (RowCursor cursor = database.query(sql, carriers)) {
                for (RowImage row = cursor.next(); row != null; row = cursor.next()) {
                    Object[] values = row.toList().toArray();
                    boolean isFrom = Boolean.TRUE.equals(values[2 * width]);
                    boolean isTo = Boolean.TRUE.equals(values[2 * width + 1]);
                    samples.add(new Sample(
                            isFrom ? RowImage.of(Arrays.copyOf(values, width)) : null,
                            isTo ? RowImage.of(Arrays.copyOfRange(values, width, 2 * width)) : null));
                }
            }
        }

        private Carrier carrier(int index) {
            return schema.columns().get(index).carrier();
        }

        private String columns(IntFunction<String> expression) {
            return IntStream.range(0, schema.columns().size())
                    .mapToObj(expression)
                    .collect(Collectors.joining(", "));
        }
    }
}
