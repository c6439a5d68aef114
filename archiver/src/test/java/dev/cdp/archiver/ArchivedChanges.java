package dev.cdp.archiver;

import dev.cdp.core.ChangeEvent;
import dev.cdp.core.ChangeRecord;
import dev.cdp.core.SourceId;
import dev.cdp.core.archive.ArchiveState;
import dev.cdp.core.archive.Ledger;
import dev.cdp.core.archive.ObjectStore;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** What an archive on local disk holds of one source, read by DuckDB, one line per change and per transaction. */
record ArchivedChanges(List<String> changes, List<Long> transactions) {

    static ArchivedChanges read(ObjectStore store, Path root, SourceId source) throws SQLException {
        ArchiveState state =
                Ledger.openExisting(store, source).map(Ledger::state).orElseThrow();
        List<String> changes = new ArrayList<>();
        List<Long> transactions = new ArrayList<>();
        try (Connection duckDb = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = duckDb.createStatement()) {
            for (var file : state.history()) {
                String sql =
                        "select _cdp_seq, _cdp_op, _cdp_epoch, _cdp_tx from read_parquet('%s') order by file_row_number"
                                .formatted(root.resolve(file.object().key()));
                try (ResultSet rows = statement.executeQuery(sql.replace("')", "', file_row_number = true)"))) {
                    while (rows.next()) {
                        changes.add(line(rows.getLong(1), file.table().value(), rows.getString(2), rows.getInt(3)));
                    }
                }
            }
            for (var file : state.transactions()) {
                try (ResultSet rows = statement.executeQuery("select seq from read_parquet('%s')"
                        .formatted(root.resolve(file.object().key())))) {
                    while (rows.next()) {
                        transactions.add(rows.getLong(1));
                    }
                }
            }
        }
        return new ArchivedChanges(
                changes.stream().sorted().toList(),
                transactions.stream().sorted().toList());
    }

    /** What should be there: whole transactions only, each once. */
    static ArchivedChanges expected(List<ChangeRecord> records) {
        List<String> changes = new ArrayList<>();
        List<Long> transactions = new ArrayList<>();
        List<ChangeRecord> open = new ArrayList<>();
        for (ChangeRecord record : records) {
            ChangeEvent event = record.event();
            if (event instanceof ChangeEvent.StreamStart) {
                open.clear();
            } else if (event instanceof ChangeEvent.TransactionEnd) {
                open.forEach(each -> {
                    if (each.event() instanceof ChangeEvent.RowChange change) {
                        String operation = change.operation().name().toLowerCase(Locale.ROOT);
                        changes.add(line(each.seq(), change.table().value(), operation, each.epoch()));
                    } else if (each.event() instanceof ChangeEvent.Truncate truncate) {
                        changes.add(line(each.seq(), truncate.table().value(), "truncate", each.epoch()));
                    }
                });
                open.clear();
                transactions.add(record.seq());
            } else {
                open.add(record);
            }
        }
        return new ArchivedChanges(changes.stream().sorted().collect(Collectors.toList()), transactions);
    }

    private static String line(long seq, int table, String operation, int epoch) {
        return "%08d table %d %s epoch %d".formatted(seq, table, operation, epoch);
    }
}
