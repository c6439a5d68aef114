package dev.cdp.restore.find;

import dev.cdp.core.CdpException;
import dev.cdp.core.RowImage;
import dev.cdp.core.SourceId;
import dev.cdp.core.TableName;
import dev.cdp.core.TableSchema;
import dev.cdp.core.TransactionId;
import dev.cdp.core.fold.FoldDatabase;
import dev.cdp.core.fold.RowLife;
import dev.cdp.core.fold.RowLifeReader;
import dev.cdp.core.fold.TransactionLog;
import dev.cdp.core.fold.TransactionSearch;
import dev.cdp.restore.RestoreSettings;
import dev.cdp.restore.reading.ArchiveReader;
import dev.cdp.restore.reading.SourceHistory;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

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
     * A row's life and the transactions in it.
     *
     * @param transactions by their own numbers, those that the archive knows
     */
    public record FoundRow(RowLife life, Map<Long, TransactionLog.Entry> transactions) {
        public FoundRow {
            transactions = Map.copyOf(transactions);
        }
    }

    /**
     * The life of the rows that had a key.
     *
     * @param table one that the archive knows or knew
     * @param key as people write it: {@code 42}, {@code 1,2} in key order, or {@code line=2,id=1}
     * @throws CdpException {@code KEY_WRONG} when the key does not fit, or the table has none
     */
    public FoundRow history(SourceHistory history, TableName table, String key) {
        TableSchema schema = RowLifeReader.newest(history.state(), table)
                .orElseThrow(() -> new IllegalArgumentException("The archive has no table " + table));
        RowImage parsed = KeyText.parse(history.state().source() + "." + table, schema, key);
        try (FoldDatabase database = database()) {
            TransactionLog log = history.transactions(database);
            RowLife life =
                    new RowLifeReader(database, history.state(), log, history::local).read(table, schema, parsed);
            List<Long> numbers = life.events().stream()
                    .map(RowLife.Event::transaction)
                    .flatMap(Stream::ofNullable)
                    .distinct()
                    .toList();
            return new FoundRow(life, log.all(numbers));
        }
    }

    private FoldDatabase database() {
        return FoldDatabase.open(new FoldDatabase.Limits(
                settings.memory(), settings.threads(), settings.workDirectory().resolve("spill")));
    }
}
