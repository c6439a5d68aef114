package dev.cdp.capture;

import dev.cdp.core.Json;
import dev.cdp.core.topic.ChangeTopicWriter;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The tables whose gap waits for a base, by native id. Used by the thread that records changes, but for {@link #ids}. */
final class TablesMissing {
    private final Map<String, Long> gaps = new HashMap<>();
    private final Map<String, String> reasons = new HashMap<>();
    private TablesDue kept = TablesDue.NONE;
    private volatile Set<String> ids = Set.of();

    /** As it was kept last. */
    static TablesMissing load(ChangeTopicWriter writer) {
        TablesMissing tables = new TablesMissing();
        writer.state(TablesDue.KEY)
                .map(json -> Json.read(json, TablesDue.class))
                .ifPresent(due -> {
                    tables.gaps.putAll(due.gaps());
                    tables.reasons.putAll(due.reasons());
                    tables.kept = due;
                });
        tables.changed();
        return tables;
    }

    /** Safe for use by any thread. */
    Set<String> ids() {
        return ids;
    }

    /** A gap of these tables took this number. */
    void add(Collection<String> nativeIds, long seq) {
        nativeIds.forEach(nativeId -> gaps.put(nativeId, seq));
        changed();
    }

    /** The gap of that number is because of a value that cannot be carried. */
    void add(String nativeId, long seq, String reason) {
        reasons.put(nativeId, reason);
        add(Set.of(nativeId), seq);
    }

    boolean says(String nativeId, String reason) {
        return reason.equals(reasons.get(nativeId));
    }

    /** Whether the gap of a table is known to outlast a base of that number. */
    boolean outlasts(String nativeId, long baseSeq) {
        return gaps.getOrDefault(nativeId, -1L) > baseSeq;
    }

    void ended(String nativeId) {
        gaps.remove(nativeId);
        reasons.remove(nativeId);
        changed();
    }

    /** A base of that number holds these tables. */
    void copied(Set<String> nativeIds, long baseSeq) {
        gaps.entrySet().removeIf(gap -> nativeIds.contains(gap.getKey()) && gap.getValue() <= baseSeq);
        reasons.keySet().retainAll(gaps.keySet());
        changed();
    }

    private void changed() {
        ids = Set.copyOf(gaps.keySet());
    }

    /** What to keep, if it is not what was kept last. */
    Optional<TablesDue> unkept() {
        TablesDue now = new TablesDue(gaps, reasons);
        if (now.equals(kept)) {
            return Optional.empty();
        }
        kept = now;
        return Optional.of(now);
    }
}
