package dev.cdp.core.fold;

import dev.cdp.core.archive.LedgerEntry;
import java.time.Instant;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A stretch of time in which changes are missing or in doubt.
 *
 * @param afterSeq the last transaction of which all is known
 * @param from its time, by the source's clock; null when nothing is known before
 * @param to when a base was taken from which on all is known again; null while it is still to come
 * @param gaps what was recorded about it
 */
public record MissingStretch(
        long afterSeq, @Nullable Instant from, @Nullable Instant to, List<LedgerEntry.Gap> gaps) {
    public MissingStretch {
        gaps = List.copyOf(gaps);
    }

    public String reason() {
        return gaps.stream().map(LedgerEntry.Gap::reason).distinct().collect(Collectors.joining("; "));
    }
}
