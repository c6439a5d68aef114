package dev.cdp.capture;

import dev.cdp.core.Json;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What capture knows that its state in the change topic does not say yet. Used by the thread that records changes. */
final class StateChanges {
    private final TableRegistry tables;
    private final TablesMissing missing;
    private final Map<String, String> atBoundary = new HashMap<>();
    private volatile @Nullable ArchiveSeen archiveSeen;
    private @Nullable ArchiveSeen archiveKept;

    StateChanges(TableRegistry tables, TablesMissing missing) {
        this.tables = tables;
        this.missing = missing;
    }

    /** Safe for use by any thread. */
    void archiveSeen(ArchiveSeen newest) {
        archiveSeen = newest;
    }

    /**
     * Takes what tables are by the last boundary. A transaction that is still open is sent again after a stop, so what it
     * changed must not be known by then: its statements would pass for ones that change nothing.
     */
    void keepTables() {
        atBoundary.putAll(tables.unsaved());
        tables.saved();
    }

    /** Only between two transactions, as {@link #keepTables}. */
    void keepMissing() {
        missing.unkept().ifPresent(due -> atBoundary.put(TablesDue.KEY, Json.write(due)));
    }

    /** By key, for the next commit; to be followed by {@link #written}. */
    Map<String, String> with(CaptureProgress progress) {
        Map<String, String> changes = new HashMap<>(atBoundary);
        changes.put(CaptureProgress.KEY, Json.write(progress));
        ArchiveSeen seen = archiveSeen;
        if (seen != null && !seen.equals(archiveKept)) {
            archiveKept = seen;
            changes.put(ArchiveSeen.KEY, Json.write(seen));
        }
        return changes;
    }

    void written() {
        atBoundary.clear();
    }
}
