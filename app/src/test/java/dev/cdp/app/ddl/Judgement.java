package dev.cdp.app.ddl;

import dev.cdp.core.DataSize;
import dev.cdp.core.RowImage;
import dev.cdp.core.TableId;
import dev.cdp.core.TableName;
import dev.cdp.core.TableSchema;
import dev.cdp.core.archive.ArchiveState;
import dev.cdp.core.archive.LedgerEntry;
import dev.cdp.core.fold.Fold;
import dev.cdp.core.fold.FoldDatabase;
import dev.cdp.core.fold.FoldRefusedException;
import dev.cdp.core.fold.FoldedRows;
import dev.cdp.core.fold.TableFiles;
import dev.cdp.core.fold.TableGap;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Compares the archive with what was seen, at every transaction. A table is folded anew where the database or the
 * archive says that it changed; where neither does, it is what it was at the transaction before.
 */
final class Judgement implements AutoCloseable {
    private static final Pattern GTID = Pattern.compile("0-1-(\\d+)");

    private final Function<TableName, OptionalInt> cases;
    private final ArchiveState state;
    private final Path archive;
    private final FoldDatabase fold;
    private final Map<String, Long> seqs = new HashMap<>();
    private final Map<TableId, NavigableSet<Long>> changes = new HashMap<>();
    private final Map<TableName, Compared> compared = new HashMap<>();
    private final Map<Integer, Found> found = new TreeMap<>();
    private final List<String> differences = new ArrayList<>();
    private final NavigableMap<Long, Witness> whole = new TreeMap<>();
    private Map<TableName, TableSchema> tables = Map.of();
    private Map<TableName, TableGap> gaps = Map.of();
    private long cut;
    private int foldCount;

    /** The last comparison of a table that found no difference. */
    private record Compared(TableState state, TableId id, long cut) {}

    /** What became of the tables of one case. */
    static final class Found {
        private int states;
        private boolean reBased;
        private boolean leftOut;

        /** How many states of tables were compared. */
        int states() {
            return states;
        }

        DdlCase.Expected outcome() {
            return leftOut ? DdlCase.Expected.LEFT_OUT : reBased ? DdlCase.Expected.RE_BASED : DdlCase.Expected.RIGHT;
        }
    }

    /** @param cases which case a table is of */
    Judgement(Function<TableName, OptionalInt> cases, ProtectedDatabase source) throws SQLException {
        this.cases = cases;
        this.state = source.state();
        this.archive = source.archive();
        this.fold = FoldDatabase.open(new FoldDatabase.Limits(DataSize.ofMebibytes(256), 1, source.scratch()));
        this.cut = state.bases().stream()
                .filter(base -> base.replacesAll())
                .mapToLong(base -> base.seq())
                .max()
                .orElseThrow();
        try (Connection duckDb = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = duckDb.createStatement()) {
            readTransactions(statement);
            readChanges(statement);
        }
    }

    private void readTransactions(Statement statement) throws SQLException {
        NavigableMap<Long, String> bySeq = new TreeMap<>();
        for (LedgerEntry.TransactionsFile file : state.transactions()) {
            try (ResultSet row = statement.executeQuery("SELECT native_id, seq FROM read_parquet('"
                    + archive.resolve(file.object().key()) + "')")) {
                while (row.next()) {
                    seqs.put(row.getString(1), row.getLong(2));
                    bySeq.put(row.getLong(2), row.getString(1));
                }
            }
        }
        requireOrder(bySeq.values());
    }

    /** A server that is nobody's replica numbers its transactions as it commits them. */
    private void requireOrder(Collection<String> nativeIds) {
        long last = 0;
        for (String id : nativeIds) {
            Matcher gtid = GTID.matcher(id);
            if (gtid.matches()) {
                long number = Long.parseLong(gtid.group(1));
                if (number <= last) {
                    differences.add("the archive has transaction " + id + " behind " + last);
                }
                last = number;
            }
        }
    }

    private void readChanges(Statement statement) throws SQLException {
        for (LedgerEntry.HistoryFile file : state.history()) {
            try (ResultSet row = statement.executeQuery("SELECT DISTINCT _cdp_seq FROM read_parquet('"
                    + archive.resolve(file.object().key()) + "')")) {
                while (row.next()) {
                    changes.computeIfAbsent(file.table(), id -> new TreeSet<>()).add(row.getLong(1));
                }
            }
        }
    }

    /** Every difference, the first ones printed whole; empty when there are none. */
    List<String> judge(List<Witness> witnesses) {
        for (Witness witness : witnesses) {
            String id = witness.nativeId();
            Long seq = id == null ? null : seqs.get(id);
            if (seq != null && seq < cut) {
                differences.add("case " + witness.caseNumber() + ", transaction " + id + " is " + seq
                        + ", which is before " + cut);
            }
            if (seq != null && seq > cut || tables.isEmpty()) {
                cut = seq == null ? cut : Math.max(cut, seq);
                readTables();
            }
            judge(witness);
            if (seq != null && TableFiles.gaps(state, cut).isEmpty()) {
                whole.put(cut, witness);
            }
        }
        return differences;
    }

    private void readTables() {
        tables = TableFiles.schemas(state, cut).stream().collect(Collectors.toMap(TableSchema::name, table -> table));
        gaps = TableFiles.gaps(state, cut).stream()
                .collect(Collectors.toMap(gap -> gap.table().name(), gap -> gap, (one, other) -> one));
    }

    Map<Integer, Found> found() {
        return found;
    }

    /** Transactions behind which no table of the source had a gap, by their number. */
    NavigableMap<Long, Witness> whole() {
        return whole;
    }

    int foldCount() {
        return foldCount;
    }

    private void judge(Witness witness) {
        Found ofCase = found.computeIfAbsent(witness.caseNumber(), number -> new Found());
        Map<TableName, TableSchema> archived = new HashMap<>(tables);
        archived.keySet().removeIf(name -> !isLookedAt(witness, name));
        witness.tables().forEach((name, seen) -> {
            TableSchema schema = archived.remove(name);
            boolean isOurs = caseOf(name) == witness.caseNumber();
            if (seen.standing() == TableState.Standing.LOCKED) {
                return;
            }
            if (seen.standing() == TableState.Standing.LEFT_OUT) {
                ofCase.leftOut |= isOurs;
                if (schema != null && !gaps.containsKey(name)) {
                    differs(witness, name, "it is not protected, but the archive has it");
                }
            } else if (schema == null) {
                differs(witness, name, "the archive does not have it");
            } else if (gaps.containsKey(name)) {
                ofCase.reBased |= isOurs;
                requireEnd(witness, gaps.get(name));
            } else {
                ofCase.states += isOurs ? 1 : 0;
                compare(witness, schema, seen);
            }
        });
        archived.keySet().forEach(name -> differs(witness, name, "the archive has it, the database does not"));
    }

    private boolean isLookedAt(Witness witness, TableName name) {
        OptionalInt number = cases.apply(name);
        return number.isPresent() && witness.scope().covers(number.getAsInt());
    }

    private int caseOf(TableName name) {
        return cases.apply(name).orElse(-1);
    }

    /** With a new base, or with the table. */
    private void requireEnd(Witness witness, TableGap gap) {
        boolean dropped = state.droppedTables().stream()
                .anyMatch(each -> each.table().equals(gap.table().tableId()) && each.seq() > cut);
        if (gap.mendedAt().isEmpty() && !dropped) {
            differs(witness, gap.table().name(), "its gap does not end: " + gap.gap());
        }
    }

    private void compare(Witness witness, TableSchema schema, TableState seen) {
        TableName name = schema.name();
        List<String> columns = schema.columns().stream()
                .map(column -> column.name() + " " + column.sourceType())
                .toList();
        if (!columns.equals(seen.columns())) {
            differs(witness, name, "columns are " + columns + ", the database has " + seen.columns());
            return;
        }
        Compared last = compared.get(name);
        if (last != null && last.id().equals(schema.tableId()) && last.state().equals(seen) && !isChanged(last)) {
            return;
        }
        try {
            List<String> rows = rows(name);
            if (rows.equals(seen.rows())) {
                compared.put(name, new Compared(seen, schema.tableId(), cut));
            } else {
                differs(
                        witness,
                        name,
                        "rows only here are " + without(rows, seen.rows()) + ", only in the database "
                                + without(seen.rows(), rows));
            }
        } catch (FoldRefusedException e) {
            differs(witness, name, "refused: " + e.getMessage());
        }
    }

    private static List<String> without(List<String> rows, List<String> others) {
        List<String> rest = new ArrayList<>(rows);
        others.forEach(rest::remove);
        return rest.stream()
                .map(row -> row.length() > 150 ? row.substring(0, 150) + "…" : row)
                .toList();
    }

    private boolean isChanged(Compared last) {
        Long next = changes.getOrDefault(last.id(), new TreeSet<>()).higher(last.cut());
        return next != null && next <= cut;
    }

    private List<String> rows(TableName name) {
        foldCount++;
        TableFiles files = TableFiles.of(state, cut, name).orElseThrow();
        List<String> printed = new ArrayList<>();
        try (FoldedRows rows =
                Fold.open(fold, name.toString(), files, object -> archive.resolve(object.key()), Fold.Order.ANY)) {
            for (RowImage row = rows.next(); row != null; row = rows.next()) {
                printed.add(row.toList().stream().map(Judgement::printed).collect(Collectors.joining("|")));
            }
        }
        printed.sort(null);
        return printed;
    }

    private static String printed(@Nullable Object value) {
        if (value == null) {
            return TableState.NULL;
        }
        if (value instanceof Boolean bool) {
            return bool ? "t" : "f";
        }
        if (value instanceof byte[] bytes) {
            return "\\x" + HexFormat.of().formatHex(bytes);
        }
        return value.toString();
    }

    private void differs(Witness witness, TableName table, String how) {
        String what = witness.what().length() > 500 ? witness.what().substring(0, 500) + "…" : witness.what();
        String text = "case " + witness.caseNumber() + ", behind [" + what + "] (" + witness.nativeId() + ", cut " + cut
                + "): " + table + ": " + how;
        differences.add(text.length() > 2000 ? text.substring(0, 2000) + "…" : text);
    }

    /** Tables whose gap is still open at the archive's end. */
    static Set<TableName> openGaps(ArchiveState state) {
        long end = state.watermark().orElseThrow().seq();
        return TableFiles.gaps(state, end).stream()
                .map(gap -> gap.table().name())
                .collect(Collectors.toSet());
    }

    @Override
    public void close() {
        fold.close();
    }
}
