package dev.cdp.restore.cut;

import dev.cdp.core.SourceId;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;

/**
 * Finds the greatest cut at or before a given one in which every effect of a link has its cause.
 *
 * <p>While some source holds an effect whose cause lies after another source's cut, that source moves back to just
 * before the transaction of its first such effect. A source only moves because some closed cut must not hold that
 * transaction, so no move goes too far; positions only fall, so it ends; and since the highest position of each source
 * over all closed cuts is itself a closed cut, the result is unique, whatever the order of the moves.
 */
final class CutSolver {
    private CutSolver() {}

    /** What is recorded of one link. */
    interface Facts {
        SourceId from();

        SourceId to();

        /** The first transaction of {@code from} up to {@code fromCut} with an effect whose cause is after {@code toCut}. */
        OptionalLong earliestViolation(long fromCut, long toCut);
    }

    /** Knows the transactions of all sources. */
    interface Steps {
        /** The cut just before a transaction. */
        long before(SourceId source, long transactionSeq, Facts because);
    }

    static Map<SourceId, Long> solve(Map<SourceId, Long> start, List<? extends Facts> links, Steps steps) {
        Map<SourceId, Long> cut = new TreeMap<>(start);
        boolean moved = true;
        while (moved) {
            moved = false;
            for (Facts link : links) {
                OptionalLong violation = link.earliestViolation(at(cut, link.from()), at(cut, link.to()));
                if (violation.isPresent()) {
                    cut.put(link.from(), steps.before(link.from(), violation.getAsLong(), link));
                    moved = true;
                }
            }
        }
        return cut;
    }

    private static long at(Map<SourceId, Long> cut, SourceId source) {
        Long seq = cut.get(source);
        if (seq == null) {
            throw new IllegalArgumentException("Source '" + source + "' is linked and not part of " + cut.keySet());
        }
        return seq;
    }
}
