package dev.cdp.capture;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The tables whose recorded gap waits for a base, in capture's state: a base that was asked for before a stop is still
 * taken after it.
 *
 * @param gaps native id of a table to the number its newest gap took; a base from that number on ends it
 * @param reasons of those that hold a value which cannot be carried: what the newest gap says of it
 */
record TablesDue(Map<String, Long> gaps, Map<String, String> reasons) {
    static final String KEY = "tables-due";
    static final TablesDue NONE = new TablesDue(Map.of(), Map.of());

    /** @param reasons null in what an earlier version stored */
    TablesDue(Map<String, Long> gaps, @Nullable Map<String, String> reasons) {
        this.gaps = Map.copyOf(gaps);
        this.reasons = reasons == null ? Map.of() : Map.copyOf(reasons);
    }
}
