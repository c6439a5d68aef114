package dev.cdp.restore.find;

import dev.cdp.core.ChangeEvent.BaseSnapshot;
import dev.cdp.core.Cut;
import dev.cdp.core.TableId;
import dev.cdp.core.TableName;
import dev.cdp.core.TableSchema;
import dev.cdp.core.archive.ArchiveState;
import dev.cdp.core.archive.LedgerEntry;
import dev.cdp.core.fold.FoldDatabase;
import dev.cdp.core.fold.FoldRefusedException;
import dev.cdp.core.fold.MissingStretch;
import dev.cdp.core.fold.TableDifference;
import dev.cdp.core.fold.TableFiles;
import dev.cdp.core.fold.TableGap;
import dev.cdp.core.fold.TransactionLog;
import dev.cdp.restore.reading.SourceHistory;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BiPredicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Compares the tables of one source at two cuts. A table is folded only when something may have happened to it: the
 * transactions between the two changed rows of it, it was created or dropped, or changes of it are missing in between.
 */
final class SourceComparison {
    private final SourceHistory history;
    private final ArchiveState state;
    private final FoldDatabase database;
    private final TransactionLog transactions;
    private final Cut.SourceCut from;
    private final Cut.SourceCut to;
    private final StateComparison.Scope scope;

    /** One table at both cuts; null where it is not there. */
    private record Pair(
            @Nullable TableSchema from, @Nullable TableSchema to) {
        TableName name() {
            return Objects.requireNonNull(to != null ? to : from).name();
        }

        List<TableId> ids() {
            return Stream.of(from, to)
                    .flatMap(Stream::ofNullable)
                    .map(TableSchema::tableId)
                    .distinct()
                    .toList();
        }

        List<TableName> names() {
            return Stream.of(from, to)
                    .flatMap(Stream::ofNullable)
                    .map(TableSchema::name)
                    .toList();
        }
    }

    SourceComparison(
            SourceHistory history,
            FoldDatabase database,
            Cut.SourceCut from,
            Cut.SourceCut to,
            StateComparison.Scope scope) {
        this.history = history;
        this.state = history.state();
        this.database = database;
        this.transactions = history.transactions(database);
        this.from = from;
        this.to = to;
        this.scope = scope;
    }

    ComparedSource compare() {
        List<LedgerEntry.Gap> gaps = gaps();
        Map<TableId, TransactionLog.Activity> activity = new HashMap<>();
        transactions.activity(from.seq(), to.seq()).forEach(each -> activity.put(each.table(), each));
        List<Pair> pairs = pairs().stream()
                .filter(pair -> pair.names().stream().anyMatch(scope.tables()))
                .toList();
        List<ComparedSource.Table> tables = pairs.stream()
                .filter(pair -> mayDiffer(pair, activity, gaps))
                .map(pair -> compare(pair, activity))
                .sorted(Comparator.comparing(ComparedSource.Table::name))
                .toList();
        List<TableId> ids = pairs.stream().flatMap(pair -> pair.ids().stream()).toList();
        return new ComparedSource(
                state.source(),
                from,
                to,
                transactions.count(from.seq(), to.seq(), ids),
                missing(gaps, pairs),
                history.tailMissing(),
                tables,
                pairs.size() - tables.size());
    }

    /** Tables that are the same, or that stand in for each other: made anew with the same columns. */
    private List<Pair> pairs() {
        List<TableSchema> earlier = new ArrayList<>(TableFiles.schemas(state, from.seq()));
        List<TableSchema> later = new ArrayList<>(TableFiles.schemas(state, to.seq()));
        List<Pair> pairs = new ArrayList<>();
        match(earlier, later, (one, other) -> one.tableId().equals(other.tableId()), pairs);
        match(
                earlier,
                later,
                (one, other) -> one.name().equals(other.name()) && TableDifference.isComparable(one, other),
                pairs);
        earlier.forEach(gone -> pairs.add(new Pair(gone, null)));
        later.forEach(made -> pairs.add(new Pair(null, made)));
        return pairs;
    }

    /** Moves tables that belong together from both lists into pairs. */
    private static void match(
            List<TableSchema> earlier,
            List<TableSchema> later,
            BiPredicate<TableSchema, TableSchema> same,
            List<Pair> pairs) {
        for (TableSchema each : List.copyOf(later)) {
            earlier.stream().filter(one -> same.test(one, each)).findFirst().ifPresent(one -> {
                pairs.add(new Pair(one, each));
                earlier.remove(one);
                later.remove(each);
            });
        }
    }

    private static boolean mayDiffer(
            Pair pair, Map<TableId, TransactionLog.Activity> activity, List<LedgerEntry.Gap> gaps) {
        return pair.ids().stream().anyMatch(activity::containsKey)
                || pair.from() == null
                || pair.to() == null
                || pair.ids().size() > 1
                || gaps.stream().anyMatch(gap -> concerns(gap, pair));
    }

    private static boolean concerns(LedgerEntry.Gap gap, Pair pair) {
        return gap.tables().isEmpty() || gap.tables().stream().anyMatch(pair.names()::contains);
    }

    /** Gaps between the two cuts, and those of tables that reach over the later one. */
    private List<LedgerEntry.Gap> gaps() {
        Stream<LedgerEntry.Gap> between =
                state.gaps().stream().filter(gap -> gap.seq() > from.seq() && gap.knownBefore() <= to.seq());
        Stream<LedgerEntry.Gap> open = Stream.of(from, to)
                .flatMap(cut -> TableFiles.gaps(state, cut.seq()).stream())
                .map(TableGap::gap);
        return Stream.concat(between, open)
                .distinct()
                .sorted(Comparator.comparingLong(LedgerEntry.Gap::seq))
                .toList();
    }

    private ComparedSource.Table compare(Pair pair, Map<TableId, TransactionLog.Activity> activity) {
        long count = pair.ids().stream()
                .map(activity::get)
                .flatMap(Stream::ofNullable)
                .mapToLong(TransactionLog.Activity::transactions)
                .sum();
        try {
            TableDifference difference = TableDifference.between(
                    database,
                    state.source() + "." + pair.name(),
                    files(pair.from(), from.seq()),
                    files(pair.to(), to.seq()),
                    history::local,
                    scope.sampleCount());
            return new ComparedSource.Table(pair.name(), pair.from(), pair.to(), count, difference, "");
        } catch (FoldRefusedException e) {
            return new ComparedSource.Table(
                    pair.name(), pair.from(), pair.to(), count, null, String.valueOf(e.getMessage()));
        }
    }

    private @Nullable TableFiles files(@Nullable TableSchema table, long seq) {
        return table == null ? null : TableFiles.of(state, seq, table.name()).orElse(null);
    }

    /** The gaps, those that one base mends together as one. */
    private List<MissingStretch> missing(List<LedgerEntry.Gap> gaps, List<Pair> pairs) {
        Map<String, List<LedgerEntry.Gap>> together = new LinkedHashMap<>();
        for (LedgerEntry.Gap gap : gaps) {
            if (pairs.stream().anyMatch(pair -> concerns(gap, pair))) {
                String mend = mend(gap).map(BaseSnapshot::id).orElse("");
                together.computeIfAbsent(gap.tables() + mend, each -> new ArrayList<>())
                        .add(gap);
            }
        }
        return together.values().stream().map(this::missing).toList();
    }

    private MissingStretch missing(List<LedgerEntry.Gap> together) {
        long known =
                together.stream().mapToLong(LedgerEntry.Gap::knownBefore).min().orElseThrow();
        Optional<TransactionLog.Entry> last = transactions.lastBefore(known);
        Instant end = mend(together.get(0)).map(BaseSnapshot::takenAt).orElse(null);
        return new MissingStretch(
                known - 1, last.map(TransactionLog.Entry::commitTimestamp).orElse(null), end, together);
    }

    private Optional<BaseSnapshot> mend(LedgerEntry.Gap gap) {
        return state.bases().stream()
                .filter(base -> base.seq() >= gap.seq())
                .filter(base -> gap.tables().isEmpty()
                        ? base.replacesAll()
                        : base.tables().stream().anyMatch(table -> gap.tables()
                                .contains(table.schema().name())))
                .min(Comparator.comparingLong(BaseSnapshot::seq));
    }
}
