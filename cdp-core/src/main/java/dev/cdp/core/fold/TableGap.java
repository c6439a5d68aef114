package dev.cdp.core.fold;

import dev.cdp.core.ChangeEvent.BaseSnapshot;
import dev.cdp.core.TableName;
import dev.cdp.core.TableSchema;
import dev.cdp.core.archive.ArchiveState;
import dev.cdp.core.archive.LedgerEntry;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Changes of one table that are missing at a cut, although the rest of the source is known there.
 *
 * @param table as it is at the cut
 * @param brokenBy number of the transaction that changed the table without logging it: before it all is known
 * @param mendedAt when the base was taken from which on the table is known again; empty while it is to come
 */
public record TableGap(TableSchema table, LedgerEntry.Gap gap, long brokenBy, Optional<Instant> mendedAt) {

    /** The first gap of the table between its newest base at or before a cut and the cut. */
    static Optional<TableGap> of(ArchiveState state, TableSchema table, long baseSeq, long cut) {
        Set<TableName> names = state.schemas().stream()
                .filter(each -> each.tableId().equals(table.tableId()))
                .map(TableSchema::name)
                .collect(Collectors.toSet());
        return state.gaps().stream()
                .filter(gap -> gap.seq() > baseSeq && gap.tables().stream().anyMatch(names::contains))
                .filter(gap -> brokenBy(state, gap) <= cut)
                .min(Comparator.comparingLong(LedgerEntry.Gap::seq))
                .map(gap -> new TableGap(table, gap, brokenBy(state, gap), mendedAt(state, table, gap)));
    }

    /** Where the gap says so, that is a transaction before it: of a table that the first base could not copy, the base's. */
    static long brokenBy(ArchiveState state, LedgerEntry.Gap gap) {
        return Math.min(lastBefore(state, gap), gap.knownBefore());
    }

    /**
     * The number of the last transaction before a gap of some tables: the one that changed them without logging it.
     * Nothing but gaps takes numbers between the two.
     */
    private static long lastBefore(ArchiveState state, LedgerEntry.Gap gap) {
        Set<Long> gaps = state.gaps().stream().map(LedgerEntry.Gap::seq).collect(Collectors.toSet());
        long last = gap.seq() - 1;
        while (gaps.contains(last)) {
            last--;
        }
        return last;
    }

    private static Optional<Instant> mendedAt(ArchiveState state, TableSchema table, LedgerEntry.Gap gap) {
        return bases(state, table).stream()
                .filter(base -> base.seq() >= gap.seq())
                .min(Comparator.comparingLong(BaseSnapshot::seq))
                .map(BaseSnapshot::takenAt);
    }

    private static List<BaseSnapshot> bases(ArchiveState state, TableSchema table) {
        return state.bases().stream()
                .filter(base -> base.tables().stream()
                        .anyMatch(each -> each.schema().tableId().equals(table.tableId())))
                .toList();
    }
}
