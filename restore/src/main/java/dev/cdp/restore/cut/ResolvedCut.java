package dev.cdp.restore.cut;

import dev.cdp.core.Cut;
import dev.cdp.core.SourceId;
import dev.cdp.restore.Link;
import dev.cdp.restore.MissingChanges;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A cut, and what was found on the way to it.
 *
 * @param moves for each source how far closure moved it
 * @param links what is known of each declared link at the cut
 * @param warnings sentences for the operator
 * @param missing what is left out because gaps are allowed
 */
public record ResolvedCut(
        Cut cut, List<Move> moves, List<LinkFinding> links, List<String> warnings, List<MissingChanges> missing) {

    public ResolvedCut {
        moves = List.copyOf(moves);
        links = List.copyOf(links);
        warnings = List.copyOf(warnings);
        missing = List.copyOf(missing);
    }

    /**
     * @param fromSeq the last transaction at or before the asked moment
     * @param toSeq the last visible one
     * @param from commit time of the former; null when it is the base
     */
    public record Move(
            SourceId source,
            long fromSeq,
            long toSeq,
            @Nullable Instant from,
            @Nullable Instant to) {
        public boolean isMoved() {
            return fromSeq != toSeq;
        }
    }

    /**
     * @param effects visible effects
     * @param violations of those, effects whose cause is in the archive and not visible: none at a closed cut
     * @param dangling of those, effects whose cause is nowhere in the archive
     */
    public record LinkFinding(Link link, long effects, long violations, long dangling) {}
}
