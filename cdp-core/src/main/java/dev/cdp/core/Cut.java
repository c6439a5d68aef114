package dev.cdp.core;

import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One position per source of a group: exactly the transactions at or before it are visible.
 *
 * @param asked the moment it was resolved from, null when it was not asked for as a moment
 */
public record Cut(Consistency consistency, @Nullable Instant asked, Map<SourceId, SourceCut> sources) {

    /** What is known about effects whose causes lie in another source. */
    public enum Consistency {
        /** Each source at its last transaction at or before the moment; nothing is known across sources. */
        TIME_ALIGNED,
        /** No visible effect of a declared link lacks its cause. */
        CAUSALLY_CLOSED,
        /** Taken while the declared tables were locked. */
        QUIESCED
    }

    /**
     * One source's part of a cut.
     *
     * @param seq the last visible transaction's, 0 for none since the epoch's first base
     * @param position that transaction's
     * @param commitTimestamp that transaction's, by the source's clock; null when only the base is visible
     */
    public record SourceCut(
            int epoch,
            long seq,
            SourcePosition position,
            @Nullable Instant commitTimestamp) {}

    public Cut {
        sources = java.util.Collections.unmodifiableMap(new TreeMap<>(sources));
    }

    public SourceCut of(SourceId source) {
        SourceCut cut = sources.get(source);
        if (cut == null) {
            throw new IllegalArgumentException("Source '" + source + "' is not part of the cut " + sources.keySet());
        }
        return cut;
    }
}
