package dev.cdp.capture;

import java.util.Map;

/**
 * The tables whose recorded gap waits for a base, in capture's state: a base that was asked for before a stop is still
 * taken after it.
 *
 * @param gaps native id of a table to the number its newest gap took; a base from that number on ends it
 */
record TablesDue(Map<String, Long> gaps) {
    static final String KEY = "tables-due";

    TablesDue {
        gaps = Map.copyOf(gaps);
    }
}
