package dev.cdp.core.fold;

import dev.cdp.core.ChangeEvent.BaseSnapshot;
import dev.cdp.core.ChangeEvent.BaseTable;
import dev.cdp.core.StoredObject;
import dev.cdp.core.TableId;
import dev.cdp.core.TableName;
import dev.cdp.core.TableSchema;
import dev.cdp.core.archive.ArchiveState;
import dev.cdp.core.archive.LedgerEntry;
import dev.cdp.core.archive.LedgerEntry.HistoryFile;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The files that hold the state of one table at a cut: its newest base at or before the cut, and the history after it.
 *
 * @param schema in force at the cut
 * @param base null for a table that was created later than the last base: it began empty
 * @param baseSeq the base's, or where the table begins without one
 * @param cutSeq the cut
 * @param history every file with changes in ({@code baseSeq}, {@code cutSeq}], in order
 * @param versions the schemas that the history files follow
 */
public record TableFiles(
        TableSchema schema,
        @Nullable BaseTable base,
        long baseSeq,
        long cutSeq,
        List<HistoryFile> history,
        Map<Integer, TableSchema> versions) {

    public TableFiles {
        history = List.copyOf(history);
        versions = Map.copyOf(versions);
    }

    /**
     * Chooses the files of every table that exists at a cut.
     *
     * @param seq of a transaction
     * @throws FoldRefusedException when changes of a table are missing between its last base and the cut
     */
    public static List<TableFiles> at(ArchiveState state, long seq) {
        return new Choice(state, seq).tables();
    }

    /** Rows that the files hold at most: the base's and one for each change. */
    public long estimatedRows() {
        return (base == null ? 0 : base.rowCount())
                + history.stream().mapToLong(file -> file.object().rowCount()).sum();
    }

    /** Every object to be read. */
    public List<StoredObject> objects() {
        return Stream.concat(
                        base == null ? Stream.of() : base.files().stream(),
                        history.stream().map(HistoryFile::object))
                .toList();
    }

    boolean hasUnresolved() {
        return history.stream().anyMatch(file -> file.unresolved() > 0);
    }

    /** One run over a state. */
    private static final class Choice {
        private final ArchiveState state;
        private final long cut;
        private final BaseSnapshot first;

        Choice(ArchiveState state, long cut) {
            this.state = state;
            this.cut = cut;
            this.first = state.bases().stream()
                    .filter(base -> base.replacesAll() && base.seq() <= cut && base.seq() >= lastGap())
                    .max(Comparator.comparingLong(BaseSnapshot::seq))
                    .orElseThrow(() -> new IllegalArgumentException(
                            "No base of source '" + state.source() + "' at or before change " + cut));
        }

        private long lastGap() {
            return state.gaps().stream()
                    .filter(gap -> gap.tables().isEmpty() && gap.seq() <= cut)
                    .mapToLong(LedgerEntry.Gap::seq)
                    .max()
                    .orElse(0);
        }

        List<TableFiles> tables() {
            Map<TableId, TableSchema> inForce = new LinkedHashMap<>();
            for (LedgerEntry.SchemaVersion announced : state.schemaVersions()) {
                TableId id = announced.schema().tableId();
                if (announced.seq() <= cut && isKnown(id)) {
                    inForce.merge(id, announced.schema(), (old, next) -> next.version() > old.version() ? next : old);
                }
            }
            state.droppedTables().stream()
                    .filter(dropped -> dropped.seq() <= cut)
                    .forEach(dropped -> inForce.remove(dropped.table()));
            return inForce.values().stream().map(this::choose).toList();
        }

        /** A base that replaces all knows every table; what is first seen after it was created since. */
        private boolean isKnown(TableId table) {
            return newestBase(table).isPresent()
                    || state.schemaVersions().stream()
                            .filter(announced -> announced.schema().tableId().equals(table))
                            .allMatch(announced -> announced.seq() > first.seq());
        }

        private Optional<BaseSnapshot> newestBase(TableId table) {
            return state.bases().stream()
                    .filter(base -> base.seq() <= cut && base.seq() >= first.seq())
                    .filter(base -> table(base, table).isPresent())
                    .max(Comparator.comparingLong(BaseSnapshot::seq));
        }

        private static Optional<BaseTable> table(BaseSnapshot base, TableId id) {
            return base.tables().stream()
                    .filter(each -> each.schema().tableId().equals(id))
                    .findFirst();
        }

        private TableFiles choose(TableSchema schema) {
            Optional<BaseSnapshot> base = newestBase(schema.tableId());
            long baseSeq = base.map(BaseSnapshot::seq).orElse(first.seq());
            refuseGap(schema, baseSeq);
            List<HistoryFile> history = new ArrayList<>();
            Map<Integer, TableSchema> versions = new LinkedHashMap<>();
            for (HistoryFile file : state.history()) {
                if (file.table().equals(schema.tableId()) && file.lastSeq() > baseSeq && file.firstSeq() <= cut) {
                    history.add(file);
                    versions.computeIfAbsent(file.schemaVersion(), version -> announced(schema, version));
                }
            }
            history.sort(Comparator.comparingLong(HistoryFile::firstSeq));
            return new TableFiles(
                    schema,
                    base.flatMap(each -> table(each, schema.tableId())).orElse(null),
                    baseSeq,
                    cut,
                    history,
                    versions);
        }

        private void refuseGap(TableSchema table, long baseSeq) {
            Set<TableName> names = state.schemas().stream()
                    .filter(each -> each.tableId().equals(table.tableId()))
                    .map(TableSchema::name)
                    .collect(Collectors.toSet());
            state.gaps().stream()
                    .filter(gap -> gap.seq() > baseSeq && gap.tables().stream().anyMatch(names::contains))
                    .filter(gap -> lastBefore(gap) <= cut)
                    .findFirst()
                    .ifPresent(gap -> {
                        throw new FoldRefusedException(
                                state.source() + "." + table.name(),
                                "changes are missing since " + gap.recordedAt() + " (" + gap.reason() + ")");
                    });
        }

        /**
         * The number of the last transaction before a gap of some tables: the one that changed them without logging it.
         * Nothing but gaps takes numbers between the two.
         */
        private long lastBefore(LedgerEntry.Gap gap) {
            Set<Long> gaps = state.gaps().stream().map(LedgerEntry.Gap::seq).collect(Collectors.toSet());
            long last = gap.seq() - 1;
            while (gaps.contains(last)) {
                last--;
            }
            return last;
        }

        private TableSchema announced(TableSchema table, int version) {
            return state.schema(table.tableId(), version)
                    .orElseThrow(() -> new FoldRefusedException(
                            state.source() + "." + table.name(),
                            "version " + version + " of its schema is not in the archive"));
        }
    }
}
