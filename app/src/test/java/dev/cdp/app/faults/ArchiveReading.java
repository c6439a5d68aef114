package dev.cdp.app.faults;

import dev.cdp.app.faults.SeenTransaction.Lines;
import dev.cdp.core.ChangeEvent;
import dev.cdp.core.SourceId;
import dev.cdp.core.SourcePosition;
import dev.cdp.core.TableId;
import dev.cdp.core.TableSchema;
import dev.cdp.core.archive.Ledger;
import dev.cdp.core.archive.LedgerEntry;
import dev.cdp.core.archive.ObjectStore;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The archive's history as its ledger entries make it visible, one after another, read with plain DuckDB. */
final class ArchiveReading implements AutoCloseable {
    private final ObjectStore archive;
    private final SourceId source;
    private final Path scratch;
    private final Connection duckDb;
    private final Map<TableId, String> tables = new HashMap<>();
    private final List<Long> gapSeqs = new ArrayList<>();
    private final List<String> faults = new ArrayList<>();
    private long lastEntry;
    private long lastSeq = -1;
    private Optional<Long> basePlace = Optional.empty();

    private record Found(String id, long firstSeq, TreeMap<Long, String> lines) {}

    ArchiveReading(ObjectStore archive, SourceId source, Path scratch) throws SQLException {
        this.archive = archive;
        this.source = source;
        this.scratch = scratch;
        this.duckDb = DriverManager.getConnection("jdbc:duckdb:");
    }

    /** The transactions that were archived since the last call, in order, without those of no table under test. */
    List<SeenTransaction> read() throws SQLException {
        List<SeenTransaction> transactions = new ArrayList<>();
        for (Optional<LedgerEntry> entry = next(); entry.isPresent(); entry = next()) {
            read(entry.get().content(), transactions);
            lastEntry++;
        }
        return transactions;
    }

    /** Where the first full copy stands in the source's log: from there on, nothing may be missing. */
    Optional<Long> basePlace() {
        return basePlace;
    }

    /** Holes and repeats in the archive's own numbering, and gaps of the whole source. */
    List<String> faults() {
        return List.copyOf(faults);
    }

    private Optional<LedgerEntry> next() {
        return Ledger.entry(archive, source, lastEntry + 1);
    }

    private void read(LedgerEntry.Content content, List<SeenTransaction> into) throws SQLException {
        content.schemas().forEach(version -> learn(version.schema()));
        content.bases().forEach(base -> base.tables().forEach(table -> learn(table.schema())));
        content.bases().stream()
                .filter(ChangeEvent.BaseSnapshot::replacesAll)
                .findFirst()
                .filter(base -> basePlace.isEmpty())
                .ifPresent(base -> basePlace = Optional.of(place(base.position())));
        content.gaps().stream()
                .filter(gap -> gap.tables().isEmpty())
                .forEach(gap -> faults.add("entry " + (lastEntry + 1) + " has a gap: " + gap));
        content.gaps().forEach(gap -> gapSeqs.add(gap.seq())); // possibly in an entry before the next transaction
        TreeMap<Long, Found> found = new TreeMap<>();
        for (LedgerEntry.TransactionsFile file : content.transactions()) {
            query("SELECT seq, first_seq, native_id FROM ", "seq", file.object().key(), row -> {
                Found before = found.put(row.getLong(1), new Found(row.getString(3), row.getLong(2), new TreeMap<>()));
                if (before != null) {
                    faults.add("transaction " + row.getLong(1) + " stands twice in entry " + (lastEntry + 1));
                }
            });
        }
        for (LedgerEntry.HistoryFile file : content.history()) {
            String table = tables.getOrDefault(file.table(), "unannounced-" + file.table());
            query("SELECT * FROM ", "_cdp_seq", file.object().key(), row -> change(table, row, found));
        }
        found.forEach((seq, transaction) -> {
            checkNumbers(seq, transaction);
            if (!transaction.lines().isEmpty()) {
                List<String> inOrder = List.copyOf(transaction.lines().values());
                into.add(new SeenTransaction(transaction.id(), seq, inOrder));
            }
        });
    }

    /** Numbers are unbroken, but for those that gaps of tables take. */
    private void checkNumbers(long seq, Found transaction) {
        long from = lastSeq;
        long taken = gapSeqs.stream()
                .filter(gapSeq -> gapSeq > from && gapSeq < transaction.firstSeq())
                .count();
        if (lastSeq >= 0 && transaction.firstSeq() != lastSeq + taken + 1) {
            faults.add("transaction " + transaction.firstSeq() + ".." + seq + " follows " + lastSeq + " in entry "
                    + (lastEntry + 1) + ", gaps between take " + taken);
        }
        lastSeq = seq;
    }

    private void change(String table, ResultSet row, TreeMap<Long, Found> transactions) throws SQLException {
        Found transaction = transactions.get(row.getLong("_cdp_tx"));
        if (transaction == null) {
            faults.add(
                    "change " + row.getLong("_cdp_seq") + " of " + table + " belongs to no transaction of its entry");
            return;
        }
        List<String> values = new ArrayList<>();
        for (int column = 1; column <= row.getMetaData().getColumnCount(); column++) {
            if (!row.getMetaData().getColumnName(column).startsWith("_cdp_")) {
                values.add(String.valueOf(row.getString(column)));
            }
        }
        Lines line = new Lines();
        switch (row.getString("_cdp_op")) {
            case "insert" -> line.inserted(table, values);
            case "update" -> line.updated(table, List.of(), values);
            case "delete" -> line.deleted(table, values);
            default -> faults.add("change " + row.getLong("_cdp_seq") + " is a " + row.getString("_cdp_op"));
        }
        for (String text : line.all()) {
            if (transaction.lines().put(row.getLong("_cdp_seq"), text) != null) {
                faults.add("change " + row.getLong("_cdp_seq") + " stands twice");
            }
        }
    }

    private void learn(TableSchema schema) {
        tables.put(schema.tableId(), schema.name().name());
    }

    private static long place(SourcePosition position) {
        if (position instanceof SourcePosition.Postgres postgres) {
            return postgres.lsn().value();
        }
        String gtids = ((SourcePosition.MariaDb) position).gtids().toString();
        return Long.parseLong(gtids.substring(gtids.lastIndexOf('-') + 1));
    }

    private interface RowReader {
        void read(ResultSet row) throws SQLException;
    }

    private void query(String select, String order, String key, RowReader reader) throws SQLException {
        Path local = scratch.resolve("object.parquet");
        if (!archive.download(key, local)) {
            faults.add("entry " + (lastEntry + 1) + " names " + key + ", which is not there");
            return;
        }
        try (Statement statement = duckDb.createStatement();
                ResultSet rows = statement.executeQuery(select + "read_parquet('" + local + "') ORDER BY " + order)) {
            while (rows.next()) {
                reader.read(rows);
            }
        } finally {
            local.toFile().delete();
        }
    }

    @Override
    public void close() throws SQLException {
        duckDb.close();
    }
}
