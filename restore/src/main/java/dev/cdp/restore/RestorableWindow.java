package dev.cdp.restore;

import dev.cdp.core.ChangeEvent.BaseSnapshot;
import dev.cdp.core.ChangeEvent.LastWhole;
import dev.cdp.core.SourceId;
import dev.cdp.core.archive.ArchiveState;
import dev.cdp.core.archive.LedgerEntry;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The moments a source can be restored to: one span for each unbroken history, from its first base to its last known
 * transaction, oldest first. Between two spans changes are missing.
 */
public record RestorableWindow(SourceId source, List<Span> spans) {

    /**
     * @param earliest when the first base was taken, which holds the effects of transactions up to {@code earliestSeq}
     * @param latest the latest commit time up to transaction {@code latestSeq}, or {@code earliest} when there is none yet
     * @param endedBy why changes are missing after it; empty for the present
     */
    public record Span(int epoch, long earliestSeq, Instant earliest, long latestSeq, Instant latest, String endedBy) {
        public boolean covers(long seq) {
            return earliestSeq <= seq && seq <= latestSeq;
        }
    }

    public RestorableWindow {
        spans = List.copyOf(spans);
    }

    /** What an archive's state says, without reading any file. */
    public static RestorableWindow of(ArchiveState state) {
        List<LedgerEntry.Gap> gaps = state.gaps().stream()
                .filter(gap -> gap.tables().isEmpty())
                .sorted(Comparator.comparingLong(LedgerEntry.Gap::seq))
                .toList();
        List<Span> spans = new ArrayList<>();
        long from = 0;
        for (LedgerEntry.Gap gap : gaps) {
            span(state, from, gap.knownBefore(), gap.reason())
                    .map(span -> reaching(span, gap.lastWhole()))
                    .ifPresent(spans::add);
            from = gap.seq();
        }
        span(state, from, Long.MAX_VALUE, "").ifPresent(spans::add);
        return new RestorableWindow(state.source(), spans);
    }

    private static Optional<Span> span(ArchiveState state, long from, long before, String endedBy) {
        Optional<BaseSnapshot> base = state.bases().stream()
                .filter(each -> each.replacesAll() && each.seq() >= from && each.seq() < before)
                .min(Comparator.comparingLong(BaseSnapshot::seq));
        return base.map(first -> span(state, first, before, endedBy));
    }

    /** The file that holds the last transaction that is whole may hold others behind it. */
    private static Span reaching(Span span, @Nullable LastWhole last) {
        if (last == null || last.seq() <= span.latestSeq()) {
            return span;
        }
        Instant latest = last.commitTimestamp().isAfter(span.latest()) ? last.commitTimestamp() : span.latest();
        return new Span(span.epoch(), span.earliestSeq(), span.earliest(), last.seq(), latest, span.endedBy());
    }

    private static Span span(ArchiveState state, BaseSnapshot base, long before, String endedBy) {
        long latestSeq = base.seq();
        Instant latest = base.takenAt();
        int epoch = state.epoch();
        for (LedgerEntry.TransactionsFile file : state.transactions()) {
            if (file.lastSeq() < before && file.lastSeq() >= base.seq()) {
                epoch = file.epoch();
                latestSeq = Math.max(latestSeq, file.lastSeq());
                latest = file.latestCommit().isAfter(latest) ? file.latestCommit() : latest;
            }
        }
        return new Span(epoch, base.seq(), base.takenAt(), latestSeq, latest, endedBy);
    }

    /** The span that reaches to the present. */
    public Optional<Span> present() {
        return spans.stream().filter(span -> span.endedBy().isEmpty()).findFirst();
    }
}
