package dev.cdp.app.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cdp.app.config.Configuration;
import dev.cdp.app.config.ConfigurationFile;
import dev.cdp.app.moment.Moments;
import dev.cdp.app.moment.RestorePointParser;
import dev.cdp.app.wiring.Archives;
import dev.cdp.app.wiring.Restores;
import dev.cdp.app.wiring.Sources;
import dev.cdp.core.ExitCode;
import dev.cdp.core.SourceId;
import dev.cdp.core.TableName;
import dev.cdp.core.archive.ArchiveState;
import dev.cdp.core.archive.ObjectStore;
import dev.cdp.core.fold.FoldDatabase;
import dev.cdp.core.fold.MissingStretch;
import dev.cdp.core.fold.TransactionSearch;
import dev.cdp.core.fold.TransactionSearch.Found;
import dev.cdp.core.fold.TransactionSearch.Kind;
import dev.cdp.core.fold.TransactionSearch.Query;
import dev.cdp.core.fold.TransactionSearch.Ranking;
import dev.cdp.restore.RestorableWindow;
import dev.cdp.restore.RestoreSettings;
import dev.cdp.restore.find.ChangeFinder;
import dev.cdp.restore.reading.ArchiveReader;
import dev.cdp.restore.reading.SourceHistory;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code cdp find}: which transactions did something unusual. */
@Command(name = "find", description = "Find the transactions that changed unusually many rows.")
final class FindCommand implements Callable<Integer> {
    /** Markers are transactions as well; they are left out of the answer. */
    private static final int ROOM_FOR_OUR_OWN = 5;

    @ParentCommand
    private CdpCommand cdp;

    @Spec
    private CommandSpec spec;

    @Parameters(arity = "0..1", paramLabel = "SOURCE[.SCHEMA.TABLE]", description = "Such as orders.public.orders.")
    private @Nullable String where;

    @Option(names = "--op", paramLabel = "OP", description = "insert, update, delete or truncate; else any.")
    private @Nullable Operation operation;

    @Option(names = "--key", paramLabel = "KEY", description = "Only those that touched the row with this key.")
    private @Nullable String key;

    @Option(names = "--min-rows", paramLabel = "N", description = "Only those that touched N rows or more.")
    private long minRows = 1;

    @Option(names = "--newest", description = "The newest first; else the most unusual for its table.")
    private boolean newest;

    @Option(names = "--since", paramLabel = "TIME", description = "Such as \"2 hours ago\", the default.")
    private String since = "2 hours ago";

    @Option(names = "--until", paramLabel = "TIME", description = "Such as \"10 minutes ago\"; else now.")
    private @Nullable String until;

    @Option(names = "--limit", paramLabel = "N", description = "How many; 10 unless given.")
    private int limit = 10;

    /** What a row change is called on the command line. */
    enum Operation {
        INSERT(Kind.INSERTS),
        UPDATE(Kind.UPDATES),
        DELETE(Kind.DELETES),
        TRUNCATE(Kind.TRUNCATES);

        private final Kind kind;

        Operation(Kind kind) {
            this.kind = kind;
        }
    }

    @Override
    public Integer call() {
        Console console = cdp.console();
        ConfigurationFile file = cdp.configuration(console);
        Configuration configuration = file.configuration();
        RestorePointParser times = cdp.restorePoints(file);
        Instant from = times.parseTime(since);
        Instant to = until == null ? console.now() : times.parseTime(until);
        String[] place = where == null ? new String[0] : where.split("\\.", 2);
        List<SourceId> sources = place.length == 0
                ? List.copyOf(configuration.sources().keySet())
                : List.of(Sources.named(configuration, place[0]).id());
        Query query = query(place, from, to);
        if (key != null && query.table() == null) {
            throw new ParameterException(spec.commandLine(), "--key needs a table, such as orders.public.orders");
        }
        Gathered gathered = new Gathered(new ArrayList<>(), new TreeMap<>(), new TreeMap<>());
        try (ObjectStore archive = Archives.open(configuration.archive())) {
            RestoreSettings settings = Restores.settings(configuration, archive, console.now());
            ArchiveReader reader = new ArchiveReader(archive, settings.kafka(), settings.workDirectory());
            for (SourceId source : sources) {
                try (SourceHistory history = reader.open(source)) {
                    gather(settings, history, query, gathered);
                }
            }
        }
        List<Found> best = gathered.found().stream()
                .filter(each -> !KnownTables.isOurs(each.table()))
                .sorted(
                        newest
                                ? Comparator.comparing(Found::commitTimestamp).reversed()
                                : Comparator.comparingDouble(Found::unusual).reversed())
                .limit(limit)
                .toList();
        console.answer(document(best, from, to, gathered), () -> {
            print(console, best);
            gathered.gaps()
                    .forEach((source, gaps) -> gaps.forEach(
                            gap -> console.line(console.bad("gap     " + source + ": " + MissingText.text(gap)))));
            gathered.tails().forEach((source, why) -> console.line("note    " + source + ": " + MissingText.tail(why)));
        });
        return ExitCode.DONE.code();
    }

    private Query query(String[] place, Instant from, Instant to) {
        return new Query(
                place.length < 2 ? null : place[1],
                operation == null ? null : operation.kind,
                from,
                to,
                null,
                minRows,
                newest ? Ranking.NEWEST : Ranking.UNUSUAL,
                limit * ROOM_FOR_OUR_OWN);
    }

    /** What was found, and what may have happened besides. */
    private record Gathered(List<Found> found, Map<SourceId, String> tails, Map<SourceId, List<MissingStretch>> gaps) {}

    private void gather(RestoreSettings settings, SourceHistory history, Query query, Gathered gathered) {
        SourceId source = history.state().source();
        Query narrowed = query;
        if (query.table() != null) {
            TableName table = KnownTables.require(history.state(), query.table(), "find");
            if (key != null) {
                narrowed = query.among(new ChangeFinder(settings)
                        .history(history, table, key)
                        .transactions()
                        .keySet());
            }
        }
        gathered.found().addAll(search(settings, source, history, narrowed));
        if (history.tailMissing() != null) {
            gathered.tails().put(source, history.tailMissing());
        }
        gathered.gaps().put(source, gaps(history.state(), query));
    }

    /** Where changes of the whole source are missing in the time that was asked for. */
    private static List<MissingStretch> gaps(ArchiveState state, Query query) {
        List<RestorableWindow.Span> spans = RestorableWindow.of(state).spans();
        List<MissingStretch> gaps = new ArrayList<>();
        for (int i = 0; i < spans.size(); i++) {
            RestorableWindow.Span span = spans.get(i);
            Instant mended = i + 1 < spans.size() ? spans.get(i + 1).earliest() : null;
            boolean overlaps = (query.until() == null || !span.latest().isAfter(query.until()))
                    && (query.since() == null || mended == null || !mended.isBefore(query.since()));
            if (!span.endedBy().isEmpty() && overlaps) {
                long nextSeq = i + 1 < spans.size() ? spans.get(i + 1).earliestSeq() : Long.MAX_VALUE;
                gaps.add(new MissingStretch(
                        span.latestSeq(),
                        span.latest(),
                        mended,
                        state.gaps().stream()
                                .filter(gap -> gap.tables().isEmpty())
                                .filter(gap -> gap.seq() > span.latestSeq() && gap.seq() <= nextSeq)
                                .toList()));
            }
        }
        return gaps;
    }

    private static List<Found> search(RestoreSettings settings, SourceId source, SourceHistory history, Query query) {
        try (FoldDatabase database = FoldDatabase.open(new FoldDatabase.Limits(
                settings.memory(), settings.threads(), settings.workDirectory().resolve("spill")))) {
            return new TransactionSearch(database, source)
                    .find(history.state().transactions(), file -> history.local(file.object()), query);
        }
    }

    private static void print(Console console, List<Found> found) {
        if (found.isEmpty()) {
            console.line("no such transaction in this time");
            return;
        }
        TextTable table = new TextTable("TRANSACTION", "NATIVE ID", "WHEN", "TABLE", "INSERTS", "UPDATES", "DELETES");
        for (Found each : found) {
            table.row(
                    each.transaction(),
                    each.nativeId(),
                    Moments.brief(each.commitTimestamp(), console.now()),
                    each.table(),
                    Words.number(each.inserts()),
                    Words.number(each.updates()),
                    each.truncates() > 0 ? "all" : Words.number(each.deletes()));
        }
        console.table(table);
        console.line("next: cdp plan --to before:" + found.get(0).transaction());
    }

    private static ObjectNode document(List<Found> found, Instant from, Instant to, Gathered gathered) {
        ObjectNode document =
                Console.document("cdp.find/v1").put("since", from.toString()).put("until", to.toString());
        ArrayNode transactions = document.putArray("transactions");
        for (Found each : found) {
            transactions
                    .addObject()
                    .put("transaction", each.transaction().toString())
                    .put("native_id", each.nativeId())
                    .put("at", each.commitTimestamp().toString())
                    .put("table", each.table())
                    .put("inserts", each.inserts())
                    .put("updates", each.updates())
                    .put("deletes", each.deletes())
                    .put("truncates", each.truncates())
                    .put("times_usual", each.unusual());
        }
        ObjectNode tails = document.putObject("tail_missing");
        gathered.tails().forEach((source, why) -> tails.put(source.name(), why));
        ObjectNode missing = document.putObject("missing");
        gathered.gaps().forEach((source, gaps) -> missing.set(source.name(), MissingText.document(gaps)));
        return document;
    }
}
