package dev.cdp.restore.find;

import dev.cdp.core.CdpException;
import dev.cdp.core.Column;
import dev.cdp.core.ErrorCode;
import dev.cdp.core.SourceId;
import dev.cdp.core.TableName;
import dev.cdp.core.TableSchema;
import dev.cdp.core.TransactionId;
import dev.cdp.core.fold.FoldDatabase;
import dev.cdp.core.fold.RowHistory;
import dev.cdp.core.fold.TransactionLog;
import dev.cdp.core.fold.TransactionSearch;
import dev.cdp.restore.RestoreSettings;
import dev.cdp.restore.reading.ArchiveReader;
import dev.cdp.restore.reading.SourceHistory;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** Finds transactions and the versions of single rows. Reads only; used by one thread. */
public final class ChangeFinder {
    private final RestoreSettings settings;
    private final ArchiveReader reader;

    public ChangeFinder(RestoreSettings settings) {
        this.settings = settings;
        this.reader = new ArchiveReader(settings.store(), settings.kafka(), settings.workDirectory());
    }

    /** Transactions of several sources that match, in the order the query asks for, at most as many as it asks for. */
    public List<TransactionSearch.Found> find(List<SourceId> sources, TransactionSearch.Query query) {
        List<TransactionSearch.Found> found = new ArrayList<>();
        for (SourceId source : sources) {
            try (SourceHistory history = reader.open(source);
                    FoldDatabase database = database()) {
                found.addAll(new TransactionSearch(database, source)
                        .find(history.state().transactions(), file -> history.local(file.object()), query));
            }
        }
        Comparator<TransactionSearch.Found> order =
                switch (query.ranking()) {
                    case NEWEST -> Comparator.comparing(TransactionSearch.Found::commitTimestamp);
                    case UNUSUAL -> Comparator.comparingDouble(TransactionSearch.Found::unusual);
                };
        return found.stream().sorted(order.reversed()).limit(query.limit()).toList();
    }

    /** One transaction; empty when it is not known. */
    public Optional<TransactionLog.Entry> transaction(TransactionId id) {
        try (SourceHistory history = reader.open(id.source());
                FoldDatabase database = database()) {
            return history.transactions(database).holding(id.seq());
        }
    }

    /**
     * Every archived change of the row with a key, oldest first.
     *
     * @param key the key's values as text, in key order
     */
    public List<RowHistory.Version> history(SourceId source, TableName table, List<String> key) {
        try (SourceHistory history = reader.open(source);
                FoldDatabase database = database()) {
            TableSchema schema = schema(history, table);
            if (key.isEmpty() || schema.keyFieldIds().size() != key.size()) {
                throw new CdpException(
                        ErrorCode.USAGE_WRONG,
                        "The key of " + source + "." + table + " has "
                                + schema.keyFieldIds().size() + " columns, and " + key.size() + " values were given",
                        "Give one value for each of: "
                                + schema.keyColumns().stream().map(Column::name).toList());
            }
            return RowHistory.read(database, history.state(), schema, key, file -> history.local(file.object()));
        }
    }

    private static TableSchema schema(SourceHistory history, TableName table) {
        return history.state().schemas().stream()
                .filter(each -> each.name().equals(table))
                .reduce((older, newer) -> newer)
                .orElseThrow(() -> new CdpException(
                        ErrorCode.USAGE_WRONG,
                        "No table " + table + " of source '" + history.state().source() + "' is in the archive",
                        "Write it as source.schema.table; 'cdp status' lists what is protected"));
    }

    private FoldDatabase database() {
        return FoldDatabase.open(new FoldDatabase.Limits(
                settings.memory(), settings.threads(), settings.workDirectory().resolve("spill")));
    }
}
