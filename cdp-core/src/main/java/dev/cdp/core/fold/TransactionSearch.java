package dev.cdp.core.fold;

import dev.cdp.core.Carrier;
import dev.cdp.core.RowImage;
import dev.cdp.core.SourceId;
import dev.cdp.core.TransactionId;
import dev.cdp.core.archive.LedgerEntry.TransactionsFile;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Finds transactions by what they did. */
public final class TransactionSearch {
    private static final List<Carrier> FOUND = List.of(
            Carrier.INT64,
            Carrier.TEXT,
            Carrier.INT64,
            Carrier.TEXT,
            Carrier.INT64,
            Carrier.INT64,
            Carrier.INT64,
            Carrier.INT64,
            Carrier.FLOAT64);

    private final FoldDatabase database;
    private final SourceId source;

    /** A kind of change. */
    public enum Kind {
        INSERTS,
        UPDATES,
        DELETES,
        TRUNCATES
    }

    /** Which side comes first. */
    public enum Ranking {
        /** The newest transaction. */
        NEWEST,
        /** The one that touched most rows, measured by what is usual for the table. */
        UNUSUAL
    }

    /**
     * What to look for; null means any.
     *
     * @param table as {@code schema.name}
     * @param transactions numbers of those to choose from
     * @param least rows touched, by the kind if one is given
     */
    public record Query(
            @Nullable String table,
            @Nullable Kind kind,
            @Nullable Instant since,
            @Nullable Instant until,
            @Nullable Set<Long> transactions,
            long least,
            Ranking ranking,
            int limit) {
        public Query {
            transactions = transactions == null ? null : Set.copyOf(transactions);
        }

        /** The same among some transactions alone. */
        public Query among(Set<Long> chosen) {
            return new Query(table, kind, since, until, chosen, least, ranking, limit);
        }
    }

    /**
     * What one transaction did to one table.
     *
     * @param unusual rows touched, as a multiple of the table's median transaction
     */
    public record Found(
            TransactionId transaction,
            String nativeId,
            Instant commitTimestamp,
            String table,
            long inserts,
            long updates,
            long deletes,
            long truncates,
            double unusual) {}

    public TransactionSearch(FoldDatabase database, SourceId source) {
        this.database = database;
        this.source = source;
    }

    public List<Found> find(List<TransactionsFile> files, Function<TransactionsFile, Path> local, Query query) {
        List<Path> paths = files.stream()
                .filter(file -> query.since() == null || !file.latestCommit().isBefore(query.since()))
                .filter(file -> query.until() == null || !file.earliestCommit().isAfter(query.until()))
                .map(local)
                .toList();
        List<Found> found = new ArrayList<>();
        if (paths.isEmpty()) {
            return found;
        }
        try (RowCursor cursor = database.query(sql(paths, query), FOUND)) {
            for (RowImage row = cursor.next(); row != null; row = cursor.next()) {
                found.add(found(row));
            }
        }
        return found;
    }

    private static String sql(List<Path> paths, Query query) {
        String counted = query.kind() == null ? "touched" : query.kind().name().toLowerCase(java.util.Locale.ROOT);
        String conditions = counted + " >= " + Math.max(1, query.least())
                + (query.table() == null ? "" : " AND tab = " + Sql.text(query.table()))
                + (query.since() == null ? "" : " AND committed >= " + TransactionLog.micros(query.since()))
                + (query.until() == null ? "" : " AND committed <= " + TransactionLog.micros(query.until()))
                + (query.transactions() == null ? "" : " AND " + among(query.transactions()));
        String order =
                switch (query.ranking()) {
                    case NEWEST -> "seq DESC";
                    case UNUSUAL -> "unusual DESC, seq DESC";
                };
        return "WITH each AS (SELECT seq, native_id, epoch_us(commit_timestamp) AS committed, t.\"table\" AS tab, t.inserts AS inserts,"
                + " t.updates AS updates, t.deletes AS deletes, t.truncates AS truncates,"
                + " t.inserts + t.updates + t.deletes + t.truncates AS touched"
                + " FROM (SELECT seq, native_id, commit_timestamp, unnest(tables) AS t FROM " + Sql.scan(paths) + ")),"
                + " usual AS (SELECT tab AS usual_tab, greatest(median(touched), 1) AS usually FROM each GROUP BY tab)"
                + " SELECT seq, native_id, committed, tab, inserts, updates, deletes, truncates, (touched / usually)::DOUBLE AS unusual"
                + " FROM each JOIN usual ON tab = usual_tab WHERE " + conditions + " ORDER BY " + order + " LIMIT "
                + query.limit();
    }

    private static String among(Set<Long> transactions) {
        return transactions.isEmpty()
                ? "false"
                : "seq IN (" + transactions.stream().map(String::valueOf).collect(Collectors.joining(", ")) + ")";
    }

    private Found found(RowImage row) {
        return new Found(
                new TransactionId(source, number(row, 0)),
                (String) Objects.requireNonNull(row.value(1)),
                Instant.EPOCH.plus(number(row, 2), ChronoUnit.MICROS),
                (String) Objects.requireNonNull(row.value(3)),
                number(row, 4),
                number(row, 5),
                number(row, 6),
                number(row, 7),
                (Double) Objects.requireNonNull(row.value(8)));
    }

    private static long number(RowImage row, int index) {
        return (Long) Objects.requireNonNull(row.value(index));
    }
}
