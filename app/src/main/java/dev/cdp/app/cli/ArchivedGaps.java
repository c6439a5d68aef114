package dev.cdp.app.cli;

import dev.cdp.capture.CheckFinding;
import dev.cdp.core.SourceId;
import dev.cdp.core.archive.ArchiveState;
import dev.cdp.core.archive.Ledger;
import dev.cdp.core.archive.LedgerEntry;
import dev.cdp.core.archive.ObjectStore;
import dev.cdp.core.fold.TableFiles;
import dev.cdp.core.fold.TableGap;
import java.util.Comparator;
import java.util.List;

/** What a check says of tables whose newest changes the archive lacks: the database itself does not show that. */
final class ArchivedGaps {
    private ArchivedGaps() {}

    /** Nothing for a source that has no archive yet. */
    static List<CheckFinding> of(ObjectStore archive, SourceId source) {
        return Ledger.openExisting(archive, source)
                .map(Ledger::state)
                .filter(state -> TableFiles.hasBase(state, Long.MAX_VALUE))
                .map(state -> TableFiles.gaps(state, Long.MAX_VALUE).stream()
                        .map(gap -> finding(state, gap))
                        .toList())
                .orElse(List.of());
    }

    private static CheckFinding finding(ArchiveState state, TableGap gap) {
        LedgerEntry.Gap newest = state.gaps().stream()
                .filter(each -> each.tables().contains(gap.table().name()))
                .max(Comparator.comparingLong(LedgerEntry.Gap::seq))
                .orElse(gap.gap());
        return CommandCheck.TABLE_GAP.wrong(
                "Table " + gap.table().name() + ": changes since " + gap.gap().recordedAt() + " cannot be restored: "
                        + newest.reason(),
                "Nothing where a base is being taken: the gap ends with it. A value that cannot be carried has to be"
                        + " mended first");
    }
}
