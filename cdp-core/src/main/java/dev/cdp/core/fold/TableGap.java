package dev.cdp.core.fold;

import dev.cdp.core.ChangeEvent.BaseSnapshot;
import dev.cdp.core.TableId;
import dev.cdp.core.TableName;
import dev.cdp.core.TableSchema;
import dev.cdp.core.archive.ArchiveState;
import dev.cdp.core.archive.LedgerEntry;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
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

    /**
     * The first gap of a table up to a cut.
     *
     * @param announced every version of the table's schema
     * @param named gaps behind the table's newest base that name a table as this one was ever called
     */
    static Optional<TableGap> of(
            ArchiveState state,
            TableSchema table,
            List<LedgerEntry.SchemaVersion> announced,
            Collection<LedgerEntry.Gap> named,
            long cut) {
        return named.stream()
                .filter(gap -> concerns(state, gap, announced))
                .filter(gap -> brokenBy(state, gap) <= cut)
                .min(Comparator.comparingLong(LedgerEntry.Gap::seq))
                .map(gap -> new TableGap(table, gap, brokenBy(state, gap), mendedAt(state, table, gap)));
    }

    /** Where the gap says so, that is a transaction before it: of a table that the first base could not copy, the base's. */
    static long brokenBy(ArchiveState state, LedgerEntry.Gap gap) {
        return Math.min(lastBefore(state, gap), gap.knownBefore());
    }

    /**
     * Whether a gap is one of this table: gaps name tables as they were called then, and a name may have gone to another
     * table since. A table that is first announced behind the gap had it only if no other one had its name by then.
     */
    private static boolean concerns(
            ArchiveState state, LedgerEntry.Gap gap, List<LedgerEntry.SchemaVersion> announced) {
        Set<TableName> names = names(announced, gap.seq());
        if (names.isEmpty()) {
            names = names(announced, Long.MAX_VALUE);
            names.removeAll(namesInForce(state, gap.seq()));
        }
        return gap.tables().stream().anyMatch(names::contains);
    }

    /** Every name that a table had up to then. */
    static Set<TableName> names(List<LedgerEntry.SchemaVersion> announced, long seq) {
        return announced.stream()
                .filter(version -> version.seq() <= seq)
                .map(version -> version.schema().name())
                .collect(Collectors.toCollection(HashSet::new));
    }

    private static Set<TableName> namesInForce(ArchiveState state, long seq) {
        Map<TableId, TableSchema> inForce = new HashMap<>();
        state.schemaVersions().stream()
                .filter(announced -> announced.seq() <= seq)
                .map(LedgerEntry.SchemaVersion::schema)
                .forEach(schema -> inForce.merge(
                        schema.tableId(), schema, (old, next) -> next.version() > old.version() ? next : old));
        state.droppedTables().stream()
                .filter(dropped -> dropped.seq() <= seq)
                .forEach(dropped -> inForce.remove(dropped.table()));
        return inForce.values().stream().map(TableSchema::name).collect(Collectors.toSet());
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
