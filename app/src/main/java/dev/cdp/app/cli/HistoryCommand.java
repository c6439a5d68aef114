package dev.cdp.app.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cdp.app.config.Configuration;
import dev.cdp.app.wiring.Archives;
import dev.cdp.app.wiring.Restores;
import dev.cdp.app.wiring.Sources;
import dev.cdp.core.ExitCode;
import dev.cdp.core.SourceId;
import dev.cdp.core.TableName;
import dev.cdp.core.TransactionId;
import dev.cdp.core.archive.ObjectStore;
import dev.cdp.core.fold.MissingStretch;
import dev.cdp.core.fold.RowLife;
import dev.cdp.core.fold.RowLife.Event;
import dev.cdp.core.fold.TransactionLog;
import dev.cdp.restore.RestoreSettings;
import dev.cdp.restore.find.ChangeFinder;
import dev.cdp.restore.find.ChangeFinder.FoundRow;
import dev.cdp.restore.reading.ArchiveReader;
import dev.cdp.restore.reading.SourceHistory;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code cdp history}: the life of one row. */
@Command(name = "history", description = "Show the life of one row: every change of it, with its transaction.")
final class HistoryCommand implements Callable<Integer> {
    @ParentCommand
    private CdpCommand cdp;

    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "SOURCE.SCHEMA.TABLE", description = "Such as orders.public.orders.")
    private String where;

    @Option(
            names = "--key",
            required = true,
            paramLabel = "KEY",
            description = "Such as 42, or 1,2 in the order of the key's columns, or id=1,line=2. A value with a comma"
                    + " stands in double quotes.")
    private String key;

    @Override
    public Integer call() {
        String[] place = where.split("\\.", 2);
        if (place.length < 2) {
            throw new ParameterException(spec.commandLine(), "a table is needed, such as " + where + ".public.orders");
        }
        Console console = cdp.console();
        Configuration configuration = cdp.configuration(console).configuration();
        SourceId source = Sources.named(configuration, place[0]).id();
        try (ObjectStore archive = Archives.open(configuration.archive())) {
            RestoreSettings settings = Restores.settings(configuration, archive, console.now());
            ArchiveReader reader = new ArchiveReader(archive, settings.kafka(), settings.workDirectory());
            try (SourceHistory history = reader.open(source)) {
                TableName table = KnownTables.require(history.state(), place[1], "history");
                FoundRow found = new ChangeFinder(settings).history(history, table, key);
                Answer answer = new Answer(source, table, found, history.tailMissing());
                console.answer(answer.document(), () -> answer.print(console));
                return (found.life().missing().isEmpty() ? ExitCode.DONE : ExitCode.PARTIAL).code();
            }
        }
    }

    /** What is told of a row. */
    private record Answer(
            SourceId source,
            TableName table,
            FoundRow found,
            @Nullable String tailMissing) {
        private RowLife life() {
            return found.life();
        }

        void print(Console console) {
            console.line(source + "." + table + "  " + RowText.key(life().table(), life().key()));
            if (console.form() == Console.Form.PLAIN) {
                console.table(records());
            } else {
                Deque<MissingStretch> missing = new ArrayDeque<>(life().missing());
                for (Event event : life().events()) {
                    while (!missing.isEmpty() && missing.element().afterSeq() < event.seq()) {
                        printMissing(console, missing.remove());
                    }
                    print(console, event);
                }
                missing.forEach(each -> printMissing(console, each));
            }
            printRest(console);
        }

        private static void printMissing(Console console, MissingStretch missing) {
            console.line(console.bad("gap     " + MissingText.text(missing)));
        }

        private void print(Console console, Event event) {
            String doubt = event.certainty() == RowLife.Certainty.IN_DOUBT ? "  in doubt" : "";
            console.line((event.at() + "  " + word(event) + "  " + transaction(event) + doubt).stripTrailing());
            details(event).forEach(detail -> console.line("    " + detail));
        }

        private void printRest(Console console) {
            life().notes().forEach(note -> console.line("note    " + note));
            if (tailMissing != null) {
                console.line("note    " + MissingText.tail(tailMissing));
            }
            String since = life().knownFrom() == null ? "" : ", since " + life().knownFrom();
            if (life().events().isEmpty()) {
                console.line(
                        life().missing().isEmpty()
                                ? "no row had this key" + since
                                : "no row had this key where the history is known" + since);
                return;
            }
            Event last = life().events().get(life().events().size() - 1);
            if (last.transaction() != null) {
                console.line("next: cdp plan --to before:" + new TransactionId(source, last.transaction()));
            }
        }

        private TextTable records() {
            TextTable records = new TextTable("AT", "WHAT", "TRANSACTION", "NATIVE ID", "CERTAINTY", "KEY", "DETAILS");
            for (Event event : life().events()) {
                records.row(
                        event.at(),
                        word(event),
                        event.transaction() == null ? "-" : new TransactionId(source, event.transaction()),
                        nativeId(event) == null ? "-" : Objects.requireNonNull(nativeId(event)),
                        event.certainty().name().toLowerCase(Locale.ROOT),
                        RowText.key(event.schema(), event.key()),
                        String.join("; ", details(event)));
            }
            life().missing()
                    .forEach(each -> records.row(
                            each.from() == null ? "-" : each.from(),
                            "gap",
                            "-",
                            "-",
                            "-",
                            "-",
                            MissingText.text(each)));
            return records;
        }

        private static String word(Event event) {
            return switch (event.kind()) {
                case AT_BASE -> "was there at the base";
                case GONE_AT_BASE -> "was gone at the base";
                case INSERT -> "insert";
                case UPDATE -> "update";
                case KEY_CHANGE -> "key change";
                case DELETE -> "delete";
                case TRUNCATE -> "truncate";
                case TABLE_DROPPED -> "table dropped";
            };
        }

        private String transaction(Event event) {
            if (event.transaction() == null) {
                return "";
            }
            String nativeId = nativeId(event);
            return new TransactionId(source, event.transaction()) + (nativeId == null ? "" : " (" + nativeId + ")");
        }

        private TransactionLog.@Nullable Entry entry(Event event) {
            return event.transaction() == null ? null : found.transactions().get(event.transaction());
        }

        private @Nullable String nativeId(Event event) {
            TransactionLog.Entry entry = entry(event);
            return entry == null ? null : entry.nativeId();
        }

        private static List<String> details(Event event) {
            List<String> details = new ArrayList<>();
            for (int i : event.changedColumns()) {
                String column = event.schema().columns().get(i).name();
                if (event.before() != null && event.after() != null) {
                    details.add(RowText.change(
                            column, event.before().value(i), event.after().value(i)));
                } else if (event.before() != null || event.after() != null) {
                    Object value =
                            (event.after() != null ? event.after() : Objects.requireNonNull(event.before())).value(i);
                    details.add(column + ": " + RowText.value(value));
                }
            }
            return details;
        }

        ObjectNode document() {
            ObjectNode document = Console.document("cdp.history/v1")
                    .put("source", source.name())
                    .put("table", table.toString());
            document.set("key", RowText.keyDocument(life().table(), life().key()));
            document.put("known_from", MissingText.text(life().knownFrom()))
                    .put("complete", life().missing().isEmpty())
                    .put("tail_missing", tailMissing)
                    .put("files_read", life().filesRead())
                    .put("files", life().fileCount());
            ArrayNode events = document.putArray("events");
            life().events().forEach(event -> fill(events.addObject(), event));
            document.set("missing", MissingText.document(life().missing()));
            ArrayNode notes = document.putArray("notes");
            life().notes().forEach(notes::add);
            return document;
        }

        private void fill(ObjectNode node, Event event) {
            TransactionLog.Entry entry = entry(event);
            node.put("what", event.kind().name().toLowerCase(Locale.ROOT))
                    .put("at", event.at().toString())
                    .put("seq", event.seq())
                    .put(
                            "transaction",
                            event.transaction() == null
                                    ? null
                                    : new TransactionId(source, event.transaction()).toString())
                    .put("native_id", entry == null ? null : entry.nativeId())
                    .put("position", entry == null ? null : entry.position().nativeText())
                    .put("certainty", event.certainty().name().toLowerCase(Locale.ROOT));
            node.set("key", RowText.keyDocument(event.schema(), event.key()));
            ArrayNode changed = node.putArray("changed");
            if (event.before() != null && event.after() != null) {
                event.changedColumns()
                        .forEach(
                                i -> changed.add(event.schema().columns().get(i).name()));
            }
            node.set("before", RowText.rowDocument(event.schema(), event.before()));
            node.set("before_not_known", RowText.notKnown(event.schema(), event.before()));
            node.set("after", RowText.rowDocument(event.schema(), event.after()));
            node.set("after_not_known", RowText.notKnown(event.schema(), event.after()));
        }
    }
}
