package dev.cdp.core.fold;

import dev.cdp.core.Carrier;
import dev.cdp.core.RowImage;
import dev.cdp.core.TableSchema;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Looks up values that the source did not log because a change left them as they were (PostgreSQL: large values stored
 * out of line).
 *
 * <p>Column by column: go back from the surviving change to the newest earlier change of the same key that has the
 * value; an insert that lacks it is the second half of a key change, so go on under the previous key that it carries;
 * where no change is left, the base has the value. Each pass moves every open search by one key change, all rows
 * together; there are as many passes as key changes in a row's life.
 */
final class UnloggedValues {
    private final FoldDatabase database;
    private final String table;
    private final TableSchema schema;
    private final Projection projection;

    UnloggedValues(FoldDatabase database, String table, TableSchema schema) {
        this.database = database;
        this.table = table;
        this.schema = schema;
        this.projection = new Projection(schema);
    }

    /** Fills a table {@code found<i>(target, v)} for each column that needs it. @return those columns' indexes */
    List<Integer> find() {
        List<Integer> columns = unlogged();
        columns.forEach(this::find);
        return columns;
    }

    /** The columns of which a surviving change lacks the value; one query for all, since each reads the changes anew. */
    private List<Integer> unlogged() {
        int count = schema.columns().size();
        String lacks =
                IntStream.range(0, count).mapToObj(i -> "bool_or(u" + i + ")").collect(Collectors.joining(", "));
        try (RowCursor cursor = database.query(
                "SELECT " + lacks + " FROM changes WHERE op <> 'delete' AND s IN (SELECT s FROM last)",
                Collections.nCopies(count, Carrier.BOOLEAN))) {
            RowImage row = Objects.requireNonNull(cursor.next());
            return IntStream.range(0, count)
                    .filter(i -> Boolean.TRUE.equals(row.value(i)))
                    .boxed()
                    .toList();
        }
    }

    private void find(int column) {
        String found = "found" + column;
        String unlogged = "u" + column;
        database.execute("CREATE OR REPLACE TEMP TABLE " + found + "(target BIGINT, v "
                + Sql.type(schema.columns().get(column).carrier()) + ")");
        database.execute("CREATE OR REPLACE TEMP TABLE open AS SELECT s AS target, s AS below, " + startKey()
                + " FROM changes WHERE " + unlogged + " AND op <> 'delete' AND s IN (SELECT s FROM last)");
        while (database.number("SELECT count(*) FROM open", 0) > 0) {
            database.execute(
                    "CREATE OR REPLACE TEMP TABLE hit AS SELECT o.target, max(e.s) AS s FROM open o JOIN changes e ON "
                            + projection.sameKey("e", "o", "c")
                            + " AND e.s < o.below WHERE e.op = 'insert' OR e.op = 'update' AND NOT e."
                            + unlogged + " GROUP BY o.target");
            refuseMissing(column);
            database.execute("INSERT INTO " + found + " SELECT h.target, e.c" + column
                    + " FROM hit h JOIN changes e ON e.s = h.s WHERE NOT e." + unlogged);
            database.execute("INSERT INTO " + found + " SELECT o.target, b.c" + column
                    + " FROM (FROM open o ANTI JOIN hit h ON h.target = o.target) o JOIN base b ON "
                    + projection.sameKey("b", "o", "c"));
            database.execute("CREATE OR REPLACE TEMP TABLE open AS SELECT h.target, e.s AS below, " + previousKey()
                    + " FROM hit h JOIN changes e ON e.s = h.s WHERE e." + unlogged);
        }
    }

    private void refuseMissing(int column) {
        long missing = database.number(
                "SELECT count(*) FROM (FROM open o ANTI JOIN hit h ON h.target = o.target) o ANTI JOIN base b ON "
                        + projection.sameKey("b", "o", "c"),
                0);
        if (missing > 0) {
            throw new FoldRefusedException(
                    table,
                    "the source did not log column '"
                            + schema.columns().get(column).name() + "' of " + missing
                            + " rows, and no earlier value of theirs is in the archive (key: "
                            + schema.keyColumns().stream()
                                    .map(each -> each.name())
                                    .toList() + ")");
        }
    }

    /** An insert that lacks a value is searched for under its previous key. */
    private String startKey() {
        return schema.keyFieldIds().stream()
                .map(schema::indexOfField)
                .map(i -> "CASE WHEN op = 'insert' THEN b" + i + " ELSE c" + i + " END AS c" + i)
                .collect(Collectors.joining(", "));
    }

    private String previousKey() {
        return schema.keyFieldIds().stream()
                .map(schema::indexOfField)
                .map(i -> "e.b" + i + " AS c" + i)
                .collect(Collectors.joining(", "));
    }
}
