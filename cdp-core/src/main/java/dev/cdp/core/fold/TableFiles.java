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
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
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
        return at(state, seq, Map.of());
    }

    /**
     * The same, with some tables as they were earlier.
     *
     * @param earlier the cut of each such table; one that did not exist by then is left out
     */
    public static List<TableFiles> at(ArchiveState state, long seq, Map<TableId, Long> earlier) {
        Choice choice = new Choice(state, seq);
        List<TableFiles> chosen = new ArrayList<>();
        for (TableSchema table : choice.tables()) {
            Long cut = earlier.get(table.tableId());
            if (cut == null) {
                chosen.add(choice.choose(table));
            } else if (cut >= choice.first.seq()) {
                Choice before = new Choice(state, cut);
                before.tables().stream()
                        .filter(each -> each.tableId().equals(table.tableId()))
                        .map(before::choose)
                        .forEach(chosen::add);
            }
        }
        return chosen;
    }

    /**
     * One table at a cut, whatever is missing of others.
     *
     * @return empty when no table of that name exists there
     */
    public static Optional<TableFiles> of(ArchiveState state, long seq, TableName name) {
        Choice choice = new Choice(state, seq);
        return choice.tables().stream()
                .filter(table -> table.name().equals(name))
                .findFirst()
                .map(choice::choose);
    }

    /**
     * The same by its id.
     *
     * @return empty when it does not exist there
     */
    public static Optional<TableFiles> of(ArchiveState state, long seq, TableId id) {
        Choice choice = new Choice(state, seq);
        return choice.tables().stream()
                .filter(table -> table.tableId().equals(id))
                .findFirst()
                .map(choice::choose);
    }

    /**
     * The tables that exist at a cut.
     *
     * @return empty without a base of the whole source
     */
    public static List<TableSchema> schemas(ArchiveState state, long seq) {
        return hasBase(state, seq) ? new Choice(state, seq).tables() : List.of();
    }

    /** Whether a base of the whole source stands between the last gap of all tables and a cut. */
    public static boolean hasBase(ArchiveState state, long seq) {
        return Choice.first(state, seq).isPresent();
    }

    /** What is missing at a cut: {@link #at(ArchiveState, long)} refuses it because of these tables. */
    public static List<TableGap> gaps(ArchiveState state, long seq) {
        Choice choice = new Choice(state, seq);
        return choice.tables().stream()
                .map(choice::gap)
                .flatMap(Optional::stream)
                .toList();
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

    /**
     * One run over a state. What is asked of every table is put in order by table once: an archive has thousands of
     * versions, bases and gaps, and hundreds of thousands of files.
     */
    private static final class Choice {
        private final ArchiveState state;
        private final long cut;
        private final BaseSnapshot first;
        private final Map<TableId, List<LedgerEntry.SchemaVersion>> announced;
        private final Map<TableId, BaseSnapshot> newestBases = new HashMap<>();
        private final Map<TableName, List<LedgerEntry.Gap>> gaps = new HashMap<>();
        private @Nullable Map<TableId, List<HistoryFile>> history;

        Choice(ArchiveState state, long cut) {
            this.state = state;
            this.cut = cut;
            requireNoDoubt(state, cut);
            this.first = first(state, cut)
                    .orElseThrow(() -> new IllegalArgumentException(
                            "No base of source '" + state.source() + "' at or before change " + cut));
            this.announced = state.schemaVersions().stream()
                    .collect(Collectors.groupingBy(each -> each.schema().tableId()));
            state.bases().stream()
                    .filter(base -> base.seq() <= cut && base.seq() >= first.seq())
                    .forEach(base -> base.tables()
                            .forEach(table -> newestBases.merge(
                                    table.schema().tableId(),
                                    base,
                                    (old, next) -> next.seq() > old.seq() ? next : old)));
            state.gaps()
                    .forEach(gap -> gap.tables().forEach(name -> gaps.computeIfAbsent(name, absent -> new ArrayList<>())
                            .add(gap)));
        }

        private static void requireNoDoubt(ArchiveState state, long cut) {
            state.gaps().stream()
                    .filter(gap -> gap.tables().isEmpty() && gap.knownBefore() <= cut && cut < gap.seq())
                    .findFirst()
                    .ifPresent(gap -> {
                        throw new FoldRefusedException(
                                state.source().toString(),
                                "changes may be missing between change " + (gap.knownBefore() - 1) + " and change "
                                        + gap.seq() + " (" + gap.reason() + ")");
                    });
        }

        static Optional<BaseSnapshot> first(ArchiveState state, long cut) {
            long lastGap = lastGap(state, cut);
            return state.bases().stream()
                    .filter(base -> base.replacesAll() && base.seq() <= cut && base.seq() >= lastGap)
                    .max(Comparator.comparingLong(BaseSnapshot::seq));
        }

        private static long lastGap(ArchiveState state, long cut) {
            return state.gaps().stream()
                    .filter(gap -> gap.tables().isEmpty() && gap.seq() <= cut)
                    .mapToLong(LedgerEntry.Gap::seq)
                    .max()
                    .orElse(0);
        }

        List<TableSchema> tables() {
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
            return List.copyOf(inForce.values());
        }

        /** A base that replaces all knows every table; what is first seen after it was created since. */
        private boolean isKnown(TableId table) {
            return newestBases.containsKey(table)
                    || announced(table).stream().allMatch(version -> version.seq() > first.seq());
        }

        private List<LedgerEntry.SchemaVersion> announced(TableId table) {
            return announced.getOrDefault(table, List.of());
        }

        private Optional<BaseSnapshot> newestBase(TableId table) {
            return Optional.ofNullable(newestBases.get(table));
        }

        private static Optional<BaseTable> table(BaseSnapshot base, TableId id) {
            return base.tables().stream()
                    .filter(each -> each.schema().tableId().equals(id))
                    .findFirst();
        }

        TableFiles choose(TableSchema schema) {
            gap(schema).ifPresent(gap -> {
                throw new FoldRefusedException(
                        state.source() + "." + schema.name(),
                        "changes are missing since " + gap.gap().recordedAt() + " ("
                                + gap.gap().reason() + ")");
            });
            Optional<BaseSnapshot> base = newestBase(schema.tableId());
            long baseSeq = baseSeq(base);
            List<HistoryFile> chosen = new ArrayList<>();
            Map<Integer, TableSchema> versions = new LinkedHashMap<>();
            for (HistoryFile file : history(schema.tableId())) {
                if (file.lastSeq() > baseSeq && file.firstSeq() <= cut) {
                    chosen.add(file);
                    versions.computeIfAbsent(file.schemaVersion(), version -> announced(schema, version));
                }
            }
            chosen.sort(Comparator.comparingLong(HistoryFile::firstSeq));
            return new TableFiles(
                    schema,
                    base.flatMap(each -> table(each, schema.tableId())).orElse(null),
                    baseSeq,
                    cut,
                    chosen,
                    versions);
        }

        private List<HistoryFile> history(TableId table) {
            if (history == null) {
                history = state.history().stream().collect(Collectors.groupingBy(HistoryFile::table));
            }
            return history.getOrDefault(table, List.of());
        }

        Optional<TableGap> gap(TableSchema table) {
            long baseSeq = baseSeq(newestBase(table.tableId()));
            List<LedgerEntry.SchemaVersion> versions = announced(table.tableId());
            Set<LedgerEntry.Gap> named = new LinkedHashSet<>();
            TableGap.names(versions, Long.MAX_VALUE).forEach(name -> gaps.getOrDefault(name, List.of()).stream()
                    .filter(gap -> gap.seq() > baseSeq)
                    .forEach(named::add));
            return TableGap.of(state, table, versions, named, cut);
        }

        private long baseSeq(Optional<BaseSnapshot> base) {
            return base.map(BaseSnapshot::seq).orElse(first.seq());
        }

        private TableSchema announced(TableSchema table, int version) {
            return state.schema(table.tableId(), version)
                    .orElseThrow(() -> new FoldRefusedException(
                            state.source() + "." + table.name(),
                            "version " + version + " of its schema is not in the archive"));
        }
    }
}
