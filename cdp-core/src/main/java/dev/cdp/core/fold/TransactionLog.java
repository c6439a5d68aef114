package dev.cdp.core.fold;

import dev.cdp.core.Carrier;
import dev.cdp.core.RowImage;
import dev.cdp.core.SourcePosition;
import dev.cdp.core.TableId;
import dev.cdp.core.archive.LedgerEntry.TransactionsFile;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The transactions of one source, in order, as its transactions files tell them. Reads only files that can hold the
 * answer, so that asking about a recent moment does not fetch old history, and each of them once. For one thread.
 */
public final class TransactionLog {
    private static final List<Carrier> ENTRY = List.of(
            Carrier.INT64, Carrier.INT64, Carrier.TEXT, Carrier.TEXT, Carrier.INT64, Carrier.INT64, Carrier.TEXT);

    private static final List<Carrier> PLACES = List.of(Carrier.INT64, Carrier.INT64, Carrier.INT64);

    private final FoldDatabase database;
    private final List<TransactionsFile> files;
    private final Function<TransactionsFile, Path> local;
    private final Map<TransactionsFile, Places> places = new HashMap<>();

    /**
     * One transaction.
     *
     * @param seq its last change's, its own number
     * @param mark the restore point it carries; empty for a heartbeat, null for other transactions
     */
    public record Entry(
            int epoch,
            long firstSeq,
            long seq,
            String nativeId,
            SourcePosition position,
            Instant commitTimestamp,
            @org.jspecify.annotations.Nullable String mark) {}

    /** @param local where a file stands on local disk; called only for files that are read */
    public TransactionLog(FoldDatabase database, List<TransactionsFile> files, Function<TransactionsFile, Path> local) {
        this.database = database;
        this.files = files.stream()
                .sorted(Comparator.comparingLong(TransactionsFile::firstSeq))
                .toList();
        this.local = local;
    }

    /** The number of the first transaction after {@code afterSeq} that was committed later than {@code time}. */
    public OptionalLong firstLaterThan(Instant time, long afterSeq) {
        long first = Long.MAX_VALUE;
        for (TransactionsFile file : files) {
            if (file.firstSeq() > first) {
                break;
            }
            if (file.lastSeq() > afterSeq && file.latestCommit().isAfter(time)) {
                first = Math.min(first, places(file).firstLaterThan(micros(time), afterSeq));
            }
        }
        return first == Long.MAX_VALUE ? OptionalLong.empty() : OptionalLong.of(first);
    }

    /** The last transaction whose number is below {@code seq}. */
    public Optional<Entry> lastBefore(long seq) {
        OptionalLong last = lastSeqBefore(seq);
        return last.isEmpty() ? Optional.empty() : holding(last.getAsLong());
    }

    /** The number of the last transaction below {@code seq}. */
    public OptionalLong lastSeqBefore(long seq) {
        long last = -1;
        List<TransactionsFile> newestFirst = files.stream()
                .filter(file -> file.firstSeq() < seq)
                .sorted(Comparator.comparingLong(TransactionsFile::lastSeq).reversed())
                .toList();
        for (TransactionsFile file : newestFirst) {
            if (file.lastSeq() <= last) {
                break;
            }
            last = Math.max(last, places(file).lastBefore(seq));
        }
        return last < 0 ? OptionalLong.empty() : OptionalLong.of(last);
    }

    /** The number of the transaction that change {@code seq} belongs to. */
    public OptionalLong seqHolding(long seq) {
        return files.stream()
                .filter(file -> file.firstSeq() <= seq && seq <= file.lastSeq())
                .mapToLong(file -> places(file).holding(seq))
                .filter(found -> found >= 0)
                .findFirst();
    }

    /** When the transaction that change {@code seq} belongs to was committed. */
    public Optional<Instant> committed(long seq) {
        return files.stream()
                .filter(file -> file.firstSeq() <= seq && seq <= file.lastSeq())
                .flatMap(file -> places(file).committed(seq).stream())
                .findFirst();
    }

    /** The transaction that change {@code seq} belongs to. */
    public Optional<Entry> holding(long seq) {
        return files.stream()
                .filter(file -> file.firstSeq() <= seq && seq <= file.lastSeq())
                .flatMap(file -> entries(file, "first_seq <= " + seq + " AND " + seq + " <= seq").stream())
                .findFirst();
    }

    /** Some transactions by their own numbers; those that are not known are left out. */
    public Map<Long, Entry> all(Collection<Long> seqs) {
        Map<Long, Entry> found = new HashMap<>();
        for (TransactionsFile file : files) {
            String among = seqs.stream()
                    .filter(seq -> file.firstSeq() <= seq && seq <= file.lastSeq())
                    .map(String::valueOf)
                    .collect(Collectors.joining(", "));
            if (!among.isEmpty()) {
                entries(file, "seq IN (" + among + ")").forEach(entry -> found.put(entry.seq(), entry));
            }
        }
        return found;
    }

    /** What some transactions did to one table. */
    public record Activity(
            TableId table, long transactions, long inserts, long updates, long deletes, long truncates) {}

    /** What the transactions in ({@code after}, {@code upTo}] did, table by table. */
    public List<Activity> activity(long after, long upTo) {
        List<Path> paths = between(after, upTo);
        List<Activity> activity = new ArrayList<>();
        if (paths.isEmpty()) {
            return activity;
        }
        String sql = "SELECT t.table_id::BIGINT, count(*), sum(t.inserts)::BIGINT, sum(t.updates)::BIGINT,"
                + " sum(t.deletes)::BIGINT, sum(t.truncates)::BIGINT FROM (SELECT unnest(tables) AS t FROM "
                + Sql.scan(paths) + " WHERE seq > " + after + " AND seq <= " + upTo + ") GROUP BY ALL ORDER BY 1";
        List<Carrier> carriers = Collections.nCopies(6, Carrier.INT64);
        try (RowCursor cursor = database.query(sql, carriers)) {
            for (RowImage row = cursor.next(); row != null; row = cursor.next()) {
                activity.add(new Activity(
                        new TableId((int) number(row, 0)),
                        number(row, 1),
                        number(row, 2),
                        number(row, 3),
                        number(row, 4),
                        number(row, 5)));
            }
        }
        return activity;
    }

    /** How many transactions in ({@code after}, {@code upTo}] changed rows of some tables. */
    public long count(long after, long upTo, Collection<TableId> tables) {
        List<Path> paths = between(after, upTo);
        if (paths.isEmpty() || tables.isEmpty()) {
            return 0;
        }
        String among = tables.stream().map(TableId::toString).collect(Collectors.joining(", "));
        return database.number(
                "SELECT count(DISTINCT seq) FROM (SELECT seq, unnest(tables) AS t FROM " + Sql.scan(paths)
                        + " WHERE seq > " + after + " AND seq <= " + upTo + ") WHERE t.table_id IN (" + among + ")",
                0);
    }

    private List<Path> between(long after, long upTo) {
        return files.stream()
                .filter(file -> file.lastSeq() > after && file.firstSeq() <= upTo)
                .map(local)
                .toList();
    }

    private Places places(TransactionsFile file) {
        return places.computeIfAbsent(file, this::readPlaces);
    }

    private Places readPlaces(TransactionsFile file) {
        int rows = Math.toIntExact(file.object().rowCount());
        long[] seq = new long[rows];
        long[] firstSeq = new long[rows];
        long[] commitMicros = new long[rows];
        int row = 0;
        try (RowCursor cursor = database.query(
                "SELECT seq, first_seq, epoch_us(commit_timestamp) FROM " + scan(file) + " ORDER BY seq", PLACES)) {
            for (RowImage image = cursor.next(); image != null; image = cursor.next()) {
                seq[row] = number(image, 0);
                firstSeq[row] = number(image, 1);
                commitMicros[row] = number(image, 2);
                row++;
            }
        }
        if (row != rows) {
            throw new IllegalStateException(file.object().key() + " has " + row + " rows, not " + rows);
        }
        return new Places(seq, firstSeq, commitMicros);
    }

    /** Where the transactions of one file are, in order: 24 bytes for each, so that asking again reads nothing. */
    private static final class Places {
        private final long[] seq;
        private final long[] firstSeq;
        private final long[] commitMicros;

        Places(long[] seq, long[] firstSeq, long[] commitMicros) {
            this.seq = seq;
            this.firstSeq = firstSeq;
            this.commitMicros = commitMicros;
        }

        /** {@code Long.MAX_VALUE} when there is none. */
        long firstLaterThan(long micros, long afterSeq) {
            for (int i = atOrAfter(afterSeq + 1); i < seq.length; i++) {
                if (commitMicros[i] > micros) {
                    return seq[i];
                }
            }
            return Long.MAX_VALUE;
        }

        /** -1 when there is none. */
        long lastBefore(long below) {
            int next = atOrAfter(below);
            return next == 0 ? -1 : seq[next - 1];
        }

        /** -1 when there is none. */
        long holding(long change) {
            int found = atOrAfter(change);
            return found < seq.length && firstSeq[found] <= change ? seq[found] : -1;
        }

        Optional<Instant> committed(long change) {
            int found = atOrAfter(change);
            return found < seq.length && firstSeq[found] <= change
                    ? Optional.of(Instant.EPOCH.plus(commitMicros[found], ChronoUnit.MICROS))
                    : Optional.empty();
        }

        private int atOrAfter(long number) {
            int found = Arrays.binarySearch(seq, number);
            return found >= 0 ? found : -found - 1;
        }
    }

    /** The last transaction at or before a position, which need not be the end of one. */
    public Optional<Entry> lastUpTo(SourcePosition position) {
        Entry last = null;
        for (int i = files.size() - 1; i >= 0; i--) {
            TransactionsFile file = files.get(i);
            if (last != null && file.lastSeq() < last.seq()) {
                continue;
            }
            for (Entry entry : entries(file, "true")) {
                boolean covered =
                        switch (entry.position().orderAgainst(position)) {
                            case BEFORE, SAME -> true;
                            case AFTER, DIVERGED -> false;
                        };
                last = covered && (last == null || entry.seq() > last.seq()) ? entry : last;
            }
        }
        return Optional.ofNullable(last);
    }

    private List<Entry> entries(TransactionsFile file, String condition) {
        String sql =
                "SELECT seq, first_seq, native_id, commit_position, epoch_us(commit_timestamp), epoch::BIGINT, mark"
                        + " FROM "
                        + scan(file) + " WHERE " + condition + " ORDER BY seq";
        List<Entry> entries = new ArrayList<>();
        try (RowCursor cursor = database.query(sql, ENTRY)) {
            for (RowImage row = cursor.next(); row != null; row = cursor.next()) {
                entries.add(entry(row));
            }
        }
        return entries;
    }

    private static Entry entry(RowImage row) {
        return new Entry(
                (int) number(row, 5),
                number(row, 1),
                number(row, 0),
                text(row, 2),
                SourcePosition.parse(text(row, 3)),
                Instant.EPOCH.plus(number(row, 4), ChronoUnit.MICROS),
                (String) row.value(6));
    }

    private static long number(RowImage row, int index) {
        return (Long) Objects.requireNonNull(row.value(index));
    }

    private static String text(RowImage row, int index) {
        return (String) Objects.requireNonNull(row.value(index));
    }

    private String scan(TransactionsFile file) {
        return Sql.scan(List.of(local.apply(file)));
    }

    static long micros(Instant time) {
        return ChronoUnit.MICROS.between(Instant.EPOCH, time);
    }
}
