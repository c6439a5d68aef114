package dev.cdp.restore;

import dev.cdp.core.SourceId;

/** Hears how far a restore is. Called often, from the restoring thread. */
@FunctionalInterface
public interface RestoreProgress {
    RestoreProgress SILENT = (source, step, rows) -> {};

    /**
     * @param step what is being done, such as {@code load public.item}
     * @param rows done in this step so far, 0 at its begin
     */
    void at(SourceId source, String step, long rows);

    /** Whether to stop at the next place from which the same plan can go on; asked for as often. */
    default boolean wantsStop() {
        return false;
    }
}
