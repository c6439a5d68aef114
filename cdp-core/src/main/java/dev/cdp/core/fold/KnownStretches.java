package dev.cdp.core.fold;

import dev.cdp.core.ChangeEvent.BaseSnapshot;
import dev.cdp.core.ChangeEvent.BaseTable;
import dev.cdp.core.TableId;
import dev.cdp.core.TableName;
import dev.cdp.core.archive.ArchiveState;
import dev.cdp.core.archive.LedgerEntry;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The history of one table, cut into stretches in which every change of it is known and stretches in which changes are
 * missing or in doubt. A stretch is known from a base, or from the creation of the table, up to the next gap. Bases
 * inside of a known stretch add nothing and begin none.
 */
final class KnownStretches {
    private final ArchiveState state;
    private final TableId table;
    private final long ended;
    private final List<Stretch> known = new ArrayList<>();

    /** What is known of the changes in a stretch. */
    enum Knowledge {
        ALL,
        /** What is archived of them; others may be missing. */
        IN_PART
    }

    /**
     * The changes of transactions with numbers in ({@code after}, {@code upTo}].
     *
     * @param base what the table held at {@code after}; null when it was empty, or when that is not known
     * @param gaps why changes are missing; empty for a known stretch, and for what is older than everything known
     */
    record Stretch(
            Knowledge knowledge,
            long after,
            long upTo,
            @Nullable BaseSnapshot base,
            List<LedgerEntry.Gap> gaps) {
        boolean covers(long transaction) {
            return after < transaction && transaction <= upTo;
        }
    }

    /** Something that begins or ends what is known; of several at one number the lowest rank comes first. */
    private record Boundary(long seq, int rank, @Nullable BaseSnapshot base, LedgerEntry.@Nullable Gap gap) {}

    private KnownStretches(ArchiveState state, TableId table) {
        this.state = state;
        this.table = table;
        this.ended = dropped(state, table).orElse(Long.MAX_VALUE);
    }

    /** The transaction that dropped the table. */
    static OptionalLong dropped(ArchiveState state, TableId table) {
        return state.droppedTables().stream()
                .filter(dropped -> dropped.table().equals(table))
                .mapToLong(LedgerEntry.DroppedTable::seq)
                .findFirst();
    }

    /** Every stretch of an incarnation of a table, in order and without holes up to its end. */
    static List<Stretch> of(ArchiveState state, TableId table) {
        return new KnownStretches(state, table).all();
    }

    /** The table's part of a base. */
    static BaseTable part(BaseSnapshot base, TableId table) {
        return base.tables().stream()
                .filter(each -> each.schema().tableId().equals(table))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("Base " + base.id() + " has no table " + table));
    }

    private List<Stretch> all() {
        List<LedgerEntry.Gap> gaps = gaps();
        boundaries(gaps).forEach(this::pass);
        List<Stretch> all = new ArrayList<>();
        long reached = 0;
        for (Stretch stretch : known) {
            if (stretch.after() > reached) {
                all.add(unknown(reached, stretch.after(), gaps));
            }
            all.add(stretch);
            reached = stretch.upTo();
        }
        if (reached < ended) {
            all.add(unknown(reached, ended, gaps));
        }
        return all;
    }

    private static Stretch unknown(long after, long upTo, List<LedgerEntry.Gap> gaps) {
        return new Stretch(
                Knowledge.IN_PART,
                after,
                upTo,
                null,
                gaps.stream()
                        .filter(gap -> gap.seq() > after && gap.seq() <= upTo)
                        .toList());
    }

    private List<LedgerEntry.Gap> gaps() {
        Set<TableName> names = state.schemas().stream()
                .filter(schema -> schema.tableId().equals(table))
                .map(schema -> schema.name())
                .collect(Collectors.toSet());
        long begun = state.schemaVersions().stream()
                .filter(announced -> announced.schema().tableId().equals(table))
                .mapToLong(LedgerEntry.SchemaVersion::seq)
                .min()
                .orElse(0);
        return state.gaps().stream()
                .filter(gap -> gap.tables().isEmpty() || gap.tables().stream().anyMatch(names::contains))
                .filter(gap -> begun < gap.seq() && gap.seq() <= ended)
                .sorted(Comparator.comparingLong(LedgerEntry.Gap::seq))
                .toList();
    }

    private List<Boundary> boundaries(List<LedgerEntry.Gap> gaps) {
        List<Boundary> boundaries = new ArrayList<>();
        gaps.forEach(gap -> boundaries.add(new Boundary(gap.seq(), 0, null, gap)));
        state.bases().stream()
                .filter(base -> base.seq() < ended)
                .filter(base -> base.tables().stream()
                        .anyMatch(each -> each.schema().tableId().equals(table)))
                .forEach(base -> boundaries.add(new Boundary(base.seq(), 1, base, null)));
        created().ifPresent(seq -> boundaries.add(new Boundary(seq, 2, null, null)));
        boundaries.sort(Comparator.comparingLong(Boundary::seq).thenComparingInt(Boundary::rank));
        return boundaries;
    }

    /** A table first seen behind a base that replaces all was created there, if nothing is missing between the two. */
    private OptionalLong created() {
        long first = state.schemaVersions().stream()
                .filter(announced -> announced.schema().tableId().equals(table))
                .mapToLong(LedgerEntry.SchemaVersion::seq)
                .min()
                .orElse(0);
        long lastGap = state.gaps().stream()
                .filter(gap -> gap.tables().isEmpty() && gap.seq() <= first)
                .mapToLong(LedgerEntry.Gap::seq)
                .max()
                .orElse(0);
        boolean certain = state.bases().stream()
                .anyMatch(base -> base.replacesAll() && base.seq() < first && base.seq() >= lastGap);
        return certain ? OptionalLong.of(first) : OptionalLong.empty();
    }

    private void pass(Boundary boundary) {
        LedgerEntry.Gap gap = boundary.gap();
        if (gap != null) {
            end(gap.tables().isEmpty() ? gap.knownBefore() - 1 : TableGap.brokenBy(state, gap) - 1);
        } else if (known.isEmpty() || known.get(known.size() - 1).upTo() < ended) {
            BaseSnapshot base = boundary.base();
            // The transaction that creates a table may fill it as well.
            long after = base == null ? boundary.seq() - 1 : base.seq();
            known.add(new Stretch(Knowledge.ALL, after, ended, base, List.of()));
        }
    }

    /** Doubt may reach back over bases that were taken after the last certain transaction. */
    private void end(long lastKnown) {
        while (!known.isEmpty() && known.get(known.size() - 1).after() > lastKnown) {
            known.remove(known.size() - 1);
        }
        if (!known.isEmpty()) {
            Stretch last = known.remove(known.size() - 1);
            long upTo = Math.min(last.upTo(), lastKnown);
            known.add(new Stretch(last.knowledge(), last.after(), upTo, last.base(), List.of()));
        }
    }
}
