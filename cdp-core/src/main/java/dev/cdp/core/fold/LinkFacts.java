package dev.cdp.core.fold;

import dev.cdp.core.Carrier;
import dev.cdp.core.ChangeEvent.BaseTable;
import dev.cdp.core.Column;
import dev.cdp.core.RowImage;
import dev.cdp.core.StoredObject;
import dev.cdp.core.TableSchema;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.function.Function;

/**
 * What the archive records of one declared link: which transactions of the one source gave rows a value (effects), and
 * which transaction of the other first made a row of that value (the cause). Values compare as text, so that two
 * engines may carry them differently.
 *
 * <p>An effect is an insert, or an update that changes the value; a value in the base is no effect. A cause that stands
 * in the base is older than any cut.
 */
public final class LinkFacts {
    private final FoldDatabase database;
    private final String pairs;

    /** One side of a link: a column of a table, and the whole history of that table that the archive has. */
    public record Side(TableFiles files, Column column, Function<StoredObject, Path> local) {}

    private LinkFacts(FoldDatabase database, String pairs) {
        this.database = database;
        this.pairs = pairs;
    }

    /** @param name tells the temporary tables of several links in one database apart */
    public static LinkFacts read(FoldDatabase database, String name, Side from, Side to) {
        String pairs = "pairs_" + name;
        database.execute("CREATE OR REPLACE TEMP TABLE " + pairs + " AS SELECT e.tx AS effect, c.tx AS cause FROM ("
                + effects(from) + ") e LEFT JOIN (" + causes(to) + ") c ON c.v = e.v");
        return new LinkFacts(database, pairs);
    }

    /** The first transaction up to {@code fromCut} with an effect whose cause lies after {@code toCut}. */
    public OptionalLong earliestViolation(long fromCut, long toCut) {
        long found = database.number(
                "SELECT min(effect) FROM " + pairs + " WHERE effect <= " + fromCut + " AND cause > " + toCut, -1);
        return found < 0 ? OptionalLong.empty() : OptionalLong.of(found);
    }

    /**
     * What is known at a cut.
     *
     * @param effects up to the cut
     * @param violations of those, effects whose cause lies after the other side's cut
     * @param dangling of those, effects whose cause is nowhere in the archive
     */
    public record Counts(long effects, long violations, long dangling) {}

    public Counts counts(long fromCut, long toCut) {
        try (RowCursor cursor = database.query(
                "SELECT count(*), count(*) FILTER (cause > " + toCut + "), count(*) FILTER (cause IS NULL) FROM "
                        + pairs + " WHERE effect <= " + fromCut,
                List.of(Carrier.INT64, Carrier.INT64, Carrier.INT64))) {
            RowImage row = Objects.requireNonNull(cursor.next());
            return new Counts(count(row, 0), count(row, 1), count(row, 2));
        }
    }

    private static long count(RowImage row, int index) {
        return (Long) Objects.requireNonNull(row.value(index));
    }

    /** Per key, values in order; what equals the value before it is no effect. Without a key every after image is. */
    private static String effects(Side side) {
        TableSchema schema = side.files().schema();
        int column = schema.indexOfField(side.column().fieldId());
        Projection projection = new Projection(schema);
        String changes = changes(projection, side);
        String value = "c" + column + "::VARCHAR";
        if (!schema.hasKey()) {
            return "SELECT tx, " + value + " AS v FROM (" + changes + ") WHERE op IN ('insert', 'update') AND c"
                    + column
                    + " IS NOT NULL AND NOT (op = 'update' AND has_before AND b" + column + " IS NOT DISTINCT FROM c"
                    + column
                    + ")";
        }
        String key = projection.key("c");
        return "SELECT tx, v FROM (SELECT tx, op, v, lag(v) OVER (PARTITION BY " + key
                + " ORDER BY s) AS earlier FROM (SELECT s, tx, op, "
                + key + ", CASE WHEN op = 'delete' THEN NULL ELSE " + value + " END AS v FROM (" + changes
                + ") WHERE NOT u" + column
                + " OR op = 'delete' UNION ALL SELECT 0, 0, 'base', " + key + ", " + value + " FROM ("
                + base(projection, side)
                + "))) WHERE op IN ('insert', 'update') AND v IS NOT NULL AND v IS DISTINCT FROM earlier";
    }

    private static String causes(Side side) {
        TableSchema schema = side.files().schema();
        int column = schema.indexOfField(side.column().fieldId());
        Projection projection = new Projection(schema);
        String value = "c" + column + "::VARCHAR";
        return "SELECT v, min(tx) AS tx FROM (SELECT " + value + " AS v, tx FROM (" + changes(projection, side)
                + ") WHERE op IN ('insert', 'update') AND NOT u" + column + " UNION ALL SELECT " + value + ", 0 FROM ("
                + base(projection, side) + ")) WHERE v IS NOT NULL GROUP BY v";
    }

    private static String changes(Projection projection, Side side) {
        Map<Integer, List<Path>> byVersion = new HashMap<>();
        side.files().history().forEach(file -> byVersion
                .computeIfAbsent(file.schemaVersion(), version -> new ArrayList<>())
                .add(side.local().apply(file.object())));
        return projection.changes(
                side.files().versions(),
                byVersion,
                side.files().baseSeq(),
                side.files().cutSeq());
    }

    private static String base(Projection projection, Side side) {
        BaseTable base = side.files().base();
        return base == null
                ? projection.noRows()
                : projection.base(
                        base.schema(), base.files().stream().map(side.local()).toList());
    }
}
