package dev.cdp.core.fold;

import dev.cdp.core.Carrier;
import dev.cdp.core.Column;
import dev.cdp.core.RowImage;
import dev.cdp.core.StoredObject;
import dev.cdp.core.TableId;
import dev.cdp.core.TableSchema;
import dev.cdp.core.archive.ArchiveState;
import dev.cdp.core.archive.LedgerEntry.HistoryFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * What it takes to undo transactions in one table: the rows they wrote, who else wrote them since, and how those rows
 * were before. Before images come from folding the state before a transaction, never from its changes, which hold no
 * more than the key under the usual replica identity.
 *
 * <p>A row's first undone transaction decides: the row is put back as it was before that one, so every later change of
 * it goes as well. Each instance uses tables of its own database, which nobody else may use meanwhile.
 */
public final class Reversal {
    /** Each costs two folds of the rows it wrote. */
    private static final int MOST_MOMENTS = 200;

    private final FoldDatabase database;
    private final ArchiveState state;
    private final String name;
    private final TableFiles now;
    private final TableSchema schema;
    private final Projection projection;
    private final Function<StoredObject, Path> local;
    private final Map<Long, Long> undone = new TreeMap<>();

    /**
     * One row to be put back.
     *
     * @param now as the archive knows it, null when it is not there
     * @param then as it was, null when it was not there; in the columns of {@code now}
     */
    public record Row(@Nullable RowImage now, @Nullable RowImage then) {}

    /** @param now the table at the newest moment that is known; with a key */
    public Reversal(FoldDatabase database, ArchiveState state, TableFiles now, Function<StoredObject, Path> local) {
        this.database = database;
        this.state = state;
        this.now = now;
        this.schema = now.schema();
        this.name = state.source() + "." + schema.name();
        this.projection = new Projection(schema);
        this.local = local;
        if (!schema.hasKey()) {
            throw new FoldRefusedException(name, "it has no primary key, so its rows cannot be told apart");
        }
        database.execute("CREATE OR REPLACE TEMP TABLE undone(tx BIGINT, first_seq BIGINT)");
        database.execute("CREATE OR REPLACE TEMP TABLE left_out AS SELECT " + keys(Fill.NULLS) + " WHERE false");
    }

    /** The table in its newest version. */
    public TableSchema schema() {
        return schema;
    }

    /**
     * Adds transactions to those that are undone.
     *
     * @param firstSeqs of each one's first change, by the transaction's number
     */
    public void add(Map<Long, Long> firstSeqs) {
        undone.putAll(firstSeqs);
        database.execute("DELETE FROM undone");
        database.execute("INSERT INTO undone VALUES "
                + undone.entrySet().stream()
                        .map(each -> "(" + each.getKey() + ", " + each.getValue() + ")")
                        .collect(Collectors.joining(", ")));
        readChanges();
        database.execute("CREATE OR REPLACE TEMP TABLE truncated AS SELECT " + keys(Fill.NULLS)
                + ", 0::BIGINT AS tx WHERE false");
        for (long truncating : truncatesAmongUndone()) {
            String before =
                    Fold.stateQuery(database, name, files(Objects.requireNonNull(undone.get(truncating))), local, null);
            database.execute("INSERT INTO truncated SELECT " + keys(Fill.CHANGED) + ", " + truncating + " FROM ("
                    + before + ")");
        }
        database.execute("CREATE OR REPLACE TEMP TABLE touched AS SELECT " + keys(Fill.NAMES)
                + ", min(tx) AS tx FROM (SELECT " + keys(Fill.CHANGED)
                + ", tx FROM written WHERE op <> 'truncate' AND tx IN (SELECT tx FROM undone)"
                + " UNION ALL SELECT * FROM truncated) GROUP BY " + keys(Fill.NAMES));
    }

    /** {@code written}: the keys of all changes since the first undone one. */
    private void readChanges() {
        long first = Collections.min(undone.values());
        Map<Integer, TableSchema> versions = new HashMap<>();
        Map<Integer, List<Path>> files = new TreeMap<>();
        for (HistoryFile file : state.history()) {
            if (file.table().equals(schema.tableId()) && file.lastSeq() >= first) {
                versions.computeIfAbsent(file.schemaVersion(), this::version);
                files.computeIfAbsent(file.schemaVersion(), each -> new ArrayList<>())
                        .add(local.apply(file.object()));
            }
        }
        database.execute("CREATE OR REPLACE TEMP TABLE written AS SELECT s, tx, op, " + projection.key("c") + " FROM ("
                + projection.changes(versions, files, first - 1, now.cutSeq()) + ")");
    }

    private TableSchema version(int number) {
        TableSchema found = state.schema(schema.tableId(), number)
                .orElseThrow(() -> new FoldRefusedException(name, "version " + number + " of its schema is not known"));
        if (!found.keyFieldIds().equals(schema.keyFieldIds())) {
            throw new FoldRefusedException(name, "its primary key changed since");
        }
        return found;
    }

    private List<Long> truncatesAmongUndone() {
        return numbers("SELECT DISTINCT tx FROM written WHERE op = 'truncate' AND tx IN (SELECT tx FROM undone)");
    }

    /** The table just before a change. */
    private TableFiles files(long firstSeq) {
        if (!TableFiles.hasBase(state, firstSeq - 1)) {
            throw new FoldRefusedException(name, "the archive does not reach back to the moment before that");
        }
        return TableFiles.of(state, firstSeq - 1, schema.tableId())
                .orElseThrow(() -> new FoldRefusedException(name, "it was created by what is to be undone"));
    }

    /** Other transactions that wrote one of the rows after it was first written by an undone one: how many of them each. */
    public Map<Long, Long> laterWriters() {
        return pairs("SELECT tx, count(*) FROM (" + othersWrites("w.tx > t.tx") + ") GROUP BY tx");
    }

    /** How many of the rows somebody wrote since. */
    public long rowsWrittenLater() {
        return database.number("SELECT count(*) FROM (" + writtenLater() + ")", 0);
    }

    /** Leaves the rows alone that somebody wrote since. */
    public void leaveOutRowsWrittenLater() {
        database.execute("CREATE OR REPLACE TEMP TABLE left_out AS " + writtenLater());
    }

    private String writtenLater() {
        return "SELECT DISTINCT " + keys(Fill.NAMES) + " FROM (" + othersWrites("w.tx > t.tx") + ")";
    }

    /**
     * Which rows other transactions wrote, as a query with the key and {@code tx}, each pair once. A truncate wrote them
     * all, and has no key.
     */
    private String othersWrites(String when) {
        String others = "w.tx NOT IN (SELECT tx FROM undone) AND " + when;
        return "SELECT DISTINCT " + keys(Fill.OF_T) + ", w.tx FROM written w JOIN touched t ON " + onKey("w", "t")
                + " WHERE w.op <> 'truncate' AND " + others + " UNION SELECT DISTINCT " + keys(Fill.OF_T)
                + ", w.tx FROM (SELECT DISTINCT tx FROM written WHERE op = 'truncate') w JOIN touched t ON " + when
                + " WHERE " + others;
    }

    /**
     * The rows that differ now from what they were, by key.
     *
     * @throws FoldRefusedException when one of the states is not determined
     */
    public List<Row> rows() {
        List<Row> rows = new ArrayList<>();
        for (long moment : moments()) {
            database.execute("CREATE OR REPLACE TEMP TABLE among AS SELECT " + keys(Fill.NAMES)
                    + " FROM placed WHERE moment = " + moment);
            rows.addAll(rowsAt(moment));
        }
        return rows;
    }

    /**
     * {@code placed}: before which transaction each row is looked up. The first of all serves for every row that nobody
     * else wrote between that one and its own.
     */
    private List<Long> moments() {
        long first = undone.keySet().iterator().next();
        String names = keys(Fill.NAMES);
        database.execute("CREATE OR REPLACE TEMP TABLE placed AS SELECT p.* EXCLUDE (tx), CASE WHEN o.between_them THEN"
                + " p.tx ELSE " + first + " END AS moment FROM (SELECT * FROM touched ANTI JOIN left_out USING ("
                + names
                + ")) p LEFT JOIN (SELECT DISTINCT " + names + ", true AS between_them FROM ("
                + othersWrites("w.tx < t.tx") + ")) o ON " + sameKey("o", "p"));
        List<Long> moments = numbers("SELECT DISTINCT moment FROM placed ORDER BY moment");
        if (moments.size() > MOST_MOMENTS) {
            throw new FoldRefusedException(
                    name,
                    "its rows would have to be put back to " + moments.size() + " different moments (at most "
                            + MOST_MOMENTS + ")");
        }
        return moments;
    }

    private List<Row> rowsAt(long transaction) {
        TableFiles then = files(Objects.requireNonNull(undone.get(transaction)));
        requireSameColumns(then.schema());
        Set<Integer> added = new HashSet<>();
        for (int i = 0; i < schema.columns().size(); i++) {
            if (then.schema().indexOfField(schema.columns().get(i).fieldId()) < 0) {
                added.add(i);
            }
        }
        TableDifference difference =
                TableDifference.between(database, name, then, now, local, Integer.MAX_VALUE, "among");
        return difference.samples().stream()
                .map(sample -> row(sample, added))
                .filter(row -> !Objects.equals(row.now(), row.then()))
                .toList();
    }

    /** What a row holds in columns that are younger stays. */
    private static Row row(TableDifference.Sample sample, Set<Integer> added) {
        RowImage then = sample.before();
        RowImage now = sample.after();
        if (then == null || now == null || added.isEmpty()) {
            return new Row(now, then);
        }
        Object[] values = then.toList().toArray();
        added.forEach(i -> values[i] = now.value(i));
        return new Row(now, RowImage.of(values));
    }

    private void requireSameColumns(TableSchema then) {
        for (Column column : schema.columns()) {
            boolean retyped = then.indexOfField(column.fieldId()) < 0
                    && then.columns().stream().anyMatch(each -> each.name().equals(column.name()));
            if (retyped) {
                throw new FoldRefusedException(
                        name, "column '" + column.name() + "' was made anew or changed its type since");
            }
        }
    }

    /** Which of {@code transactions} announced another definition of the table, or ended it. */
    public static boolean isRedefinedBy(ArchiveState state, TableId table, long firstSeq, long seq) {
        return state.schemaVersions().stream()
                        .anyMatch(each ->
                                each.schema().tableId().equals(table) && each.seq() >= firstSeq && each.seq() <= seq)
                || state.droppedTables().stream()
                        .anyMatch(each -> each.table().equals(table) && each.seq() >= firstSeq && each.seq() <= seq);
    }

    private List<Long> numbers(String sql) {
        List<Long> numbers = new ArrayList<>();
        try (RowCursor cursor = database.query(sql, List.of(Carrier.INT64))) {
            for (RowImage row = cursor.next(); row != null; row = cursor.next()) {
                numbers.add((Long) Objects.requireNonNull(row.value(0)));
            }
        }
        return numbers;
    }

    private Map<Long, Long> pairs(String sql) {
        Map<Long, Long> pairs = new TreeMap<>();
        try (RowCursor cursor = database.query(sql, List.of(Carrier.INT64, Carrier.INT64))) {
            for (RowImage row = cursor.next(); row != null; row = cursor.next()) {
                pairs.put((Long) Objects.requireNonNull(row.value(0)), (Long) Objects.requireNonNull(row.value(1)));
            }
        }
        return pairs;
    }

    /** How the key's columns are spelled: {@code k0..} is what they are called in tables of keys. */
    private enum Fill {
        NAMES,
        OF_T,
        CHANGED,
        NULLS
    }

    private String keys(Fill fill) {
        return IntStream.range(0, schema.keyFieldIds().size())
                .mapToObj(i -> {
                    int column = schema.indexOfField(schema.keyFieldIds().get(i));
                    return switch (fill) {
                        case NAMES -> "k" + i;
                        case OF_T -> "t.k" + i;
                        case CHANGED -> "c" + column + " AS k" + i;
                        case NULLS ->
                            "NULL::" + Sql.type(schema.columns().get(column).carrier()) + " AS k" + i;
                    };
                })
                .collect(Collectors.joining(", "));
    }

    private String sameKey(String left, String right) {
        return IntStream.range(0, schema.keyFieldIds().size())
                .mapToObj(i -> left + ".k" + i + " = " + right + ".k" + i)
                .collect(Collectors.joining(" AND "));
    }

    private String onKey(String changes, String keys) {
        return projection.isKey(changes, keys);
    }
}
