package dev.cdp.restore.cut;

import dev.cdp.core.ChangeEvent.BaseSnapshot;
import dev.cdp.core.Cut;
import dev.cdp.core.SourceId;
import dev.cdp.core.archive.LedgerEntry;
import dev.cdp.core.fold.FoldDatabase;
import dev.cdp.core.fold.TableFiles;
import dev.cdp.core.fold.TableGap;
import dev.cdp.core.fold.TransactionLog;
import dev.cdp.restore.GapPolicy;
import dev.cdp.restore.MissingChanges;
import dev.cdp.restore.RestorableWindow;
import dev.cdp.restore.RestorableWindow.Span;
import dev.cdp.restore.reading.SourceHistory;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** Finds the place in one source that a moment, a transaction or a mark stands for. */
final class PointInSource {
    private final SourceHistory history;
    private final TransactionLog transactions;
    private final RestorableWindow window;
    private final GapPolicy gaps;
    private final List<MissingChanges> missing = new ArrayList<>();

    PointInSource(SourceHistory history, FoldDatabase database, GapPolicy gaps) {
        this.gaps = gaps;
        this.history = history;
        this.transactions = history.transactions(database);
        this.window = RestorableWindow.of(history.state());
        if (window.spans().isEmpty()) {
            throw OutsideWindowException.noBase(source());
        }
    }

    /** Forgets what was left out of the cut before. */
    void begin() {
        missing.clear();
    }

    SourceId source() {
        return history.state().source();
    }

    SourceHistory history() {
        return history;
    }

    Span newestSpan() {
        return window.spans().get(window.spans().size() - 1);
    }

    /**
     * The last transaction of the longest run from the start in which none was committed after {@code time}.
     *
     * @throws OutsideWindowException when {@code time} is earlier or later than all that is known
     */
    long at(Instant time, String wanted) {
        Span newest = newestSpan();
        if (time.isAfter(newest.latest().plus(resolution()))) {
            throw OutsideWindowException.after(source(), wanted, newest.latest(), history.tailMissing());
        }
        return lastUpTo(time, wanted);
    }

    /** The same, or the newest transaction when {@code time} is later than all that is known. */
    long lastUpTo(Instant time, String wanted) {
        Span span = spanOf(time, wanted);
        Instant whole = time.minus(resolution());
        OptionalLong first = transactions.firstLaterThan(whole, span.earliestSeq());
        if (first.isEmpty() || !span.covers(first.getAsLong())) {
            return span.latestSeq();
        }
        return before(first.getAsLong(), span);
    }

    /** MariaDB's commit times are seconds: a second counts when all of it has passed. */
    private Duration resolution() {
        return switch (history.state().engine()) {
            case POSTGRESQL, MYSQL -> Duration.ZERO;
            case MARIADB -> Duration.ofSeconds(1);
        };
    }

    private Span spanOf(Instant time, String wanted) {
        List<Span> spans = window.spans();
        if (time.isBefore(spans.get(0).earliest())) {
            throw OutsideWindowException.before(source(), wanted, spans.get(0).earliest());
        }
        Span last = spans.get(0);
        for (Span next : spans.subList(1, spans.size())) {
            if (time.isBefore(next.earliest())) {
                break;
            }
            last = next;
        }
        if (!last.endedBy().isEmpty() && time.isAfter(last.latest())) {
            leaveOut(missingAfter(last), wanted);
        }
        return last;
    }

    /** Notes that the operator allowed this, or refuses. */
    private void leaveOut(MissingChanges gap, String wanted) {
        if (gaps == GapPolicy.REFUSE) {
            throw new InGapException(gap, wanted);
        }
        if (!missing.contains(gap)) {
            missing.add(gap);
        }
    }

    private MissingChanges missingAfter(Span span) {
        int index = window.spans().indexOf(span);
        Optional<Span> next =
                index + 1 < window.spans().size() ? Optional.of(window.spans().get(index + 1)) : Optional.empty();
        List<LedgerEntry.Gap> between = history.state().gaps().stream()
                .filter(gap -> gap.tables().isEmpty() && gap.seq() > span.latestSeq())
                .filter(gap -> next.isEmpty() || gap.seq() <= next.get().earliestSeq())
                .toList();
        return new MissingChanges(
                source(),
                span.latest(),
                next.map(Span::earliest).orElse(null),
                between.get(0).from(),
                next.isEmpty() ? null : between.get(between.size() - 1).to(),
                between.size(),
                span.endedBy(),
                List.of());
    }

    /**
     * What is missing of single tables at a cut; each such table is left at its latest state before.
     *
     * @throws InGapException unless gaps are allowed
     */
    List<MissingChanges> missingAt(long seq, String wanted) {
        List<MissingChanges> found = new ArrayList<>(missing);
        for (TableGap gap : TableFiles.gaps(history.state(), seq)) {
            Optional<TransactionLog.Entry> whole = transactions.lastBefore(gap.brokenBy());
            Span span = spanOf(seq, wanted);
            boolean isKnown = gap.brokenBy() > span.earliestSeq(); // otherwise not even the first base has it
            long own = isKnown
                    ? Math.max(whole.map(TransactionLog.Entry::seq).orElse(0L), span.earliestSeq())
                    : gap.brokenBy() - 1;
            Instant from = whole.filter(entry -> entry.seq() >= span.earliestSeq())
                    .map(TransactionLog.Entry::commitTimestamp)
                    .orElse(span.earliest());
            MissingChanges left = new MissingChanges(
                    source(),
                    from,
                    gap.mendedAt().orElse(null),
                    gap.gap().from(),
                    gap.gap().to(),
                    1,
                    isKnown ? gap.gap().reason() : gap.gap().reason() + "; no base has it, so it stays empty",
                    List.of(new MissingChanges.HeldBack(
                            gap.table().tableId(), gap.table().name(), own)));
            if (gaps == GapPolicy.REFUSE) {
                throw new InGapException(left, wanted);
            }
            found.add(left);
        }
        return found;
    }

    TransactionLog.Entry transaction(long seq, String wanted) {
        TransactionLog.Entry entry =
                transactions.holding(seq).orElseThrow(() -> OutsideWindowException.unknown(source(), wanted));
        return certain(entry, wanted);
    }

    /** The entry, or the last one before the gap that puts it in doubt, if that is allowed. */
    private TransactionLog.Entry certain(TransactionLog.Entry entry, String wanted) {
        Optional<Span> before = spanBeforeDoubt(entry.seq());
        if (before.isPresent()) {
            leaveOut(missingAfter(before.get()), wanted);
            return transactions
                    .holding(before.get().latestSeq())
                    .orElseThrow(() -> OutsideWindowException.unknown(source(), wanted));
        }
        spanOf(entry.seq(), wanted);
        return entry;
    }

    private Optional<Span> spanBeforeDoubt(long seq) {
        return history.state().gaps().stream()
                .filter(gap -> gap.tables().isEmpty() && gap.knownBefore() <= seq && seq < gap.seq())
                .findFirst()
                .flatMap(gap -> window.spans().stream()
                        .filter(span -> span.latestSeq() < gap.knownBefore())
                        .reduce((earlier, later) -> later));
    }

    Span spanOf(long seq, String wanted) {
        return window.spans().stream()
                .filter(span -> span.covers(seq))
                .findFirst()
                .orElseThrow(() -> OutsideWindowException.before(
                        source(), wanted, window.spans().get(0).earliest()));
    }

    /** @throws OutsideWindowException when the transaction is part of the first base */
    long before(TransactionLog.Entry transaction, String wanted) {
        if (newestBaseAt(transaction.seq()).isEmpty()) {
            throw OutsideWindowException.before(source(), wanted, newestSpan().earliest());
        }
        Span span = spanOf(transaction.seq(), wanted);
        if (transaction.seq() <= span.earliestSeq()) {
            throw OutsideWindowException.before(source(), wanted, span.earliest());
        }
        return before(transaction.seq(), span);
    }

    private long before(long transaction, Span span) {
        return Math.max(transactions.lastSeqBefore(transaction).orElse(0L), span.earliestSeq());
    }

    /** The cut just before a transaction, empty when that is before the base of its span. */
    Optional<Long> stepBefore(long seq) {
        OptionalLong transaction = transactions.seqHolding(seq);
        return transaction.isEmpty()
                ? Optional.empty()
                : window.spans().stream()
                        .filter(span ->
                                span.covers(transaction.getAsLong()) && transaction.getAsLong() > span.earliestSeq())
                        .findFirst()
                        .map(span -> before(transaction.getAsLong(), span));
    }

    TransactionLog.Entry at(dev.cdp.core.SourcePosition position, String wanted) {
        TransactionLog.Entry entry =
                transactions.lastUpTo(position).orElseThrow(() -> OutsideWindowException.unknown(source(), wanted));
        return certain(entry, wanted);
    }

    List<LedgerEntry.Mark> marks(String name) {
        return history.state().marks().stream()
                .filter(mark -> mark.name().equals(name))
                .toList();
    }

    private Optional<BaseSnapshot> newestBaseAt(long seq) {
        return history.state().bases().stream()
                .filter(base -> base.seq() <= seq)
                .reduce((first, second) -> second.seq() >= first.seq() ? second : first);
    }

    /** When the last transaction of a cut was committed; empty when that is the base. */
    Optional<Instant> committed(long seq) {
        return transactions.committed(seq);
    }

    /** The full description of a cut of this source. */
    Cut.SourceCut describe(long seq) {
        Optional<TransactionLog.Entry> entry = transactions.holding(seq);
        Span span = spanOf(seq, "change " + seq);
        if (entry.isPresent()) {
            return new Cut.SourceCut(
                    entry.get().epoch(),
                    seq,
                    entry.get().position(),
                    entry.get().commitTimestamp());
        }
        BaseSnapshot base = newestBaseAt(seq).orElseThrow(() -> OutsideWindowException.noBase(source()));
        return new Cut.SourceCut(span.epoch(), seq, base.position(), null);
    }
}
