package dev.cdp.capture;

import java.util.HashMap;
import java.util.Map;

/** Where in this run's log tables were defined last. Used by the thread that records changes, but for {@link #last}. */
final class DefinitionPlaces {
    private final Map<String, Long> byNativeId = new HashMap<>();
    private volatile long last;

    /** A statement has this number, whatever it was about. */
    void statement(long seq) {
        last = seq;
    }

    /** The last statement was about this table. */
    void defined(String nativeId) {
        byNativeId.put(nativeId, last);
    }

    void ended(String nativeId) {
        byNativeId.remove(nativeId);
    }

    /** The number of the newest statement of this run; safe for use by any thread. */
    long last() {
        return last;
    }

    /** Whether what the view of a base shows was defined anew behind it. One of some tables is concerned by those only. */
    boolean outdate(PendingBase base, long baseSeq) {
        return switch (base.kind()) {
            case REPLACES_ALL -> last > baseSeq;
            case SOME_TABLES ->
                base.nativeIds().stream().anyMatch(nativeId -> byNativeId.getOrDefault(nativeId, 0L) > baseSeq);
        };
    }
}
