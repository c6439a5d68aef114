package dev.cdp.core.fold;

import dev.cdp.core.Carrier;
import dev.cdp.core.RowImage;
import dev.cdp.core.SourcePosition;
import dev.cdp.core.archive.LedgerEntry.TransactionsFile;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;

/**
 * The transactions of one source, in order, as its transactions files tell them. Reads only files that can hold the
 * answer, so that asking about a recent moment does not fetch old history.
 */
public final class TransactionLog {
    private static final List<Carrier> ENTRY = List.of(
            Carrier.INT64, Carrier.INT64, Carrier.TEXT, Carrier.TEXT, Carrier.INT64, Carrier.INT64, Carrier.TEXT);

    private final FoldDatabase database;
    private final List<TransactionsFile> files;
    private final Function<TransactionsFile, Path> local;

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

    /** The first transaction after {@code afterSeq} that was committed later than {@code time}. */
    public Optional<Entry> firstLaterThan(Instant time, long afterSeq) {
        OptionalLong first = OptionalLong.empty();
        for (TransactionsFile file : files) {
            if (first.isPresent() && file.firstSeq() > first.getAsLong()) {
                break;
            }
            if (file.lastSeq() > afterSeq && file.latestCommit().isAfter(time)) {
                long found = database.number(
                        "SELECT min(seq) FROM " + scan(file) + " WHERE seq > " + afterSeq
                                + " AND epoch_us(commit_timestamp) > " + micros(time),
                        Long.MAX_VALUE);
                first = OptionalLong.of(Math.min(found, first.orElse(Long.MAX_VALUE)));
            }
        }
        return first.isEmpty() || first.getAsLong() == Long.MAX_VALUE ? Optional.empty() : at(first.getAsLong());
    }

    /** The last transaction whose number is below {@code seq}. */
    public Optional<Entry> lastBefore(long seq) {
        long last = -1;
        List<TransactionsFile> newestFirst = files.stream()
                .filter(file -> file.firstSeq() < seq)
                .sorted(Comparator.comparingLong(TransactionsFile::lastSeq).reversed())
                .toList();
        for (TransactionsFile file : newestFirst) {
            if (file.lastSeq() <= last) {
                break;
            }
            last = Math.max(last, database.number("SELECT max(seq) FROM " + scan(file) + " WHERE seq < " + seq, -1));
        }
        return last < 0 ? Optional.empty() : at(last);
    }

    /** The transaction that change {@code seq} belongs to. */
    public Optional<Entry> holding(long seq) {
        return files.stream()
                .filter(file -> file.firstSeq() <= seq && seq <= file.lastSeq())
                .flatMap(file -> entries(file, "first_seq <= " + seq + " AND " + seq + " <= seq").stream())
                .findFirst();
    }

    private Optional<Entry> at(long seq) {
        return holding(seq);
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
                "SELECT seq, first_seq, native_id, commit_position, epoch_us(commit_timestamp), epoch::BIGINT, mark FROM "
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
