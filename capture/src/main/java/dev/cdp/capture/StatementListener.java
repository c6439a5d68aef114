package dev.cdp.capture;

import dev.cdp.capture.source.ValueNotCarriedException;
import dev.cdp.core.TableName;
import java.util.Map;
import java.util.Set;

/** Told of what was recorded that other parts of a run act on, in the recording thread. */
@FunctionalInterface
interface StatementListener {
    /**
     * A data definition statement.
     *
     * @param appeared tables that were not known before and may have rows that were not logged, by native id
     * @param rewritten tables whose rows it changed without logging them, by native id
     */
    void recorded(String tag, Map<String, TableName> appeared, Map<String, TableName> rewritten);

    /** A marker; its counter is {@link ChangeRecorder#markerCounter}. */
    default void marked() {}

    /** A committed transaction has a row of this table that cannot be carried. */
    default void refused(String nativeId, ValueNotCarriedException why) {}

    /** Values that could not be carried may have gone from tables, by native id, with a committed transaction. */
    default void mayBeMended(Set<String> nativeIds) {}
}
