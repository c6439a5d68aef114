package dev.cdp.app.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cdp.app.config.Configuration;
import dev.cdp.app.wiring.Archives;
import dev.cdp.app.wiring.Restores;
import dev.cdp.app.wiring.Sources;
import dev.cdp.core.CdpException;
import dev.cdp.core.ErrorCode;
import dev.cdp.core.ExitCode;
import dev.cdp.core.SourceId;
import dev.cdp.core.TransactionId;
import dev.cdp.core.archive.ObjectStore;
import dev.cdp.core.fold.TransactionLog;
import dev.cdp.restore.live.LiveRepair;
import dev.cdp.restore.live.LiveRepair.Outlook;
import dev.cdp.restore.live.LiveRepair.Triggers;
import dev.cdp.restore.live.RepairStatements;
import dev.cdp.restore.live.TableRepair;
import dev.cdp.restore.target.TargetServer;
import dev.cdp.restore.undo.Dependents;
import dev.cdp.restore.undo.UndoPlan;
import dev.cdp.restore.undo.UndoService;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code cdp undo}: shows what undoing transactions takes, and does it in the live database when told twice. */
@Command(name = "undo", description = "Put back the rows that transactions changed, in the database in use.")
final class UndoCommand implements Callable<Integer> {
    private static final int STATEMENTS_SHOWN = 3;

    @ParentCommand
    private CdpCommand cdp;

    @Spec
    private CommandSpec spec;

    @Parameters(
            arity = "1..*",
            paramLabel = "TRANSACTION",
            description = "Such as tx/orders/4711, as cdp find and cdp history show it.")
    private List<String> transactions;

    @Option(
            names = "--dependents",
            paramLabel = "WHAT",
            description = "When others wrote the same rows later: refuse (unless given), cascade (undo them as well),"
                    + " non-conflicting (leave those rows alone), force (put them back all the same).")
    private String dependents = "refuse";

    @Option(
            names = "--triggers",
            paramLabel = "HOW",
            description = "silent (unless given): the triggers of these tables do not fire; fire: they do.")
    private String triggers = "silent";

    @Option(names = "--sql", paramLabel = "FILE", description = "Write every statement to a new file, for reading.")
    private @Nullable Path sql;

    @Option(names = "--apply", paramLabel = "PLAN", description = "Do it, if it is still what PLAN (u-…) was.")
    private @Nullable String apply;

    @Option(
            names = "--confirm",
            paramLabel = "DATABASE@HOST",
            description = "Which database is written to; --apply needs it.")
    private @Nullable String confirm;

    @Override
    public Integer call() {
        Console console = cdp.console();
        Configuration configuration = cdp.configuration(console).configuration();
        List<TransactionId> ids = ids();
        Configuration.Source source =
                Sources.named(configuration, ids.get(0).source().name());
        Triggers firing = choice(Triggers.values(), triggers, "--triggers");
        requireConfirmed(source);
        try (ObjectStore archive = Archives.open(configuration.archive())) {
            UndoPlan plan = new UndoService(Restores.settings(configuration, archive, console.now()))
                    .plan(
                            source.id(),
                            ids.stream().map(TransactionId::seq).toList(),
                            choice(Dependents.values(), dependents, "--dependents"));
            TargetServer server = Restores.server(source);
            writeStatements(plan);
            if (apply == null) {
                return show(console, plan, source, LiveRepair.look(server, source.database(), plan.tables()));
            }
            requireSame(plan);
            LiveRepair.apply(server, source.database(), plan.tables(), firing);
            console.answer(
                    document(plan, List.of()).put("applied", true),
                    () -> console.line("undone         " + Words.count(plan.rowCount(), "row") + " in " + place(source)
                            + ", in one transaction"));
            return ExitCode.DONE.code();
        }
    }

    private List<TransactionId> ids() {
        try {
            List<TransactionId> ids =
                    transactions.stream().map(TransactionId::parse).distinct().toList();
            List<SourceId> sources =
                    ids.stream().map(TransactionId::source).distinct().toList();
            if (sources.size() > 1) {
                throw new ParameterException(
                        spec.commandLine(), "Transactions of one source at a time, not of " + sources);
            }
            return ids;
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage());
        }
    }

    private <T extends Enum<T>> T choice(T[] values, String text, String option) {
        for (T value : values) {
            if (word(value).equals(text)) {
                return value;
            }
        }
        throw new ParameterException(
                spec.commandLine(),
                option + " is one of "
                        + Arrays.stream(values).map(UndoCommand::word).collect(Collectors.joining(", "))
                        + ", not " + text);
    }

    private static String word(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static String place(Configuration.Source source) {
        return source.database() + "@" + source.server().host();
    }

    /** No combination of options writes to a database that was not named here. */
    private void requireConfirmed(Configuration.Source source) {
        if (apply != null && !place(source).equals(confirm)) {
            throw new CdpException(
                    ErrorCode.CONFIRMATION_MISSING,
                    confirm == null
                            ? "This writes to the live database " + place(source)
                            : "--confirm names \"" + confirm + "\", and this writes to " + place(source),
                    "Add --confirm " + place(source) + " if that is what you want");
        }
    }

    private void requireSame(UndoPlan plan) {
        if (plan.isBlocked()) {
            throw new CdpException(
                    ErrorCode.UNDO_BLOCKED,
                    plan.dependents().size() + " later transactions wrote the same rows",
                    "Look at them without --apply, then choose --dependents cascade, non-conflicting or force");
        }
        if (!plan.id().equals(apply)) {
            throw new CdpException(
                    ErrorCode.PLAN_STALE,
                    "What would be done now is plan " + plan.id() + ", not " + apply + ": rows changed since",
                    "Look again without --apply");
        }
    }

    private void writeStatements(UndoPlan plan) {
        if (sql == null) {
            return;
        }
        if (Files.exists(sql)) {
            throw new CdpException(
                    ErrorCode.FILE_EXISTS, "There is a file " + sql + " already", "Choose another name for --sql");
        }
        RepairStatements statements = new RepairStatements(plan.engine());
        try {
            Files.write(sql, () -> plan.tables().stream()
                    .flatMap(
                            table -> table.rows().stream().map(row -> (CharSequence) statements.of(table.table(), row)))
                    .iterator());
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot write " + sql, e);
        }
    }

    private int show(Console console, UndoPlan plan, Configuration.Source source, Outlook outlook) {
        console.answer(document(plan, outlook.conflicts()), () -> print(console, plan, source, outlook));
        if (plan.isBlocked()) {
            return ErrorCode.UNDO_BLOCKED.exitCode().code();
        }
        return outlook.conflicts().isEmpty()
                ? ExitCode.DONE.code()
                : ErrorCode.LIVE_CONFLICT.exitCode().code();
    }

    private void print(Console console, UndoPlan plan, Configuration.Source source, Outlook outlook) {
        plan.asked().forEach(entry -> console.line("undo           " + told(plan, entry)));
        TextTable table = new TextTable("TABLE", "BACK", "GONE", "CHANGED");
        plan.tables().forEach(each -> table.row(each.table().name(), each.inserts(), each.deletes(), each.updates()));
        plan.unwritten().forEach(name -> table.row(name, 0, 0, 0));
        console.table(table);
        for (UndoPlan.Dependent dependent : plan.dependents()) {
            console.line("later          " + told(plan, dependent.transaction()) + " wrote "
                    + dependent.rows().entrySet().stream()
                            .map(each -> Words.count(each.getValue(), "row") + " of " + each.getKey())
                            .sorted()
                            .collect(Collectors.joining(", ")));
        }
        if (plan.leftOut() > 0) {
            console.line("left alone     " + Words.count(plan.leftOut(), "row") + " written later");
        }
        if (plan.tailMissing() != null) {
            console.line("note           " + MissingText.tail(plan.tailMissing()));
        }
        outlook.conflicts().forEach(conflict -> console.line(console.bad("conflict       " + conflict)));
        outlook.triggers().forEach(trigger -> console.line("trigger        " + trigger));
        statements(console, plan);
        next(console, plan, source, outlook);
    }

    private static String told(UndoPlan plan, TransactionLog.Entry entry) {
        return new TransactionId(plan.source(), entry.seq()) + " (" + entry.nativeId() + ") of "
                + entry.commitTimestamp();
    }

    private static void statements(Console console, UndoPlan plan) {
        RepairStatements statements = new RepairStatements(plan.engine());
        for (TableRepair table : plan.tables()) {
            table.rows().stream()
                    .limit(STATEMENTS_SHOWN)
                    .forEach(row -> console.line("sql            " + statements.of(table.table(), row)));
            if (table.rows().size() > STATEMENTS_SHOWN) {
                console.line("               and " + Words.number(table.rows().size() - STATEMENTS_SHOWN) + " more for "
                        + table.table().name() + "; --sql FILE writes them all");
            }
        }
    }

    private void next(Console console, UndoPlan plan, Configuration.Source source, Outlook outlook) {
        console.line("plan           " + plan.id() + ": nothing was written");
        if (plan.isBlocked()) {
            console.line("next: choose --dependents cascade, non-conflicting or force");
        } else if (plan.rowCount() == 0) {
            console.line("next: nothing to do, every row is as it was");
        } else if (outlook.conflicts().isEmpty()) {
            console.line("next: cdp undo " + String.join(" ", transactions)
                    + (dependents.equals("refuse") ? "" : " --dependents " + dependents)
                    + (triggers.equals("silent") ? "" : " --triggers " + triggers) + " --apply " + plan.id()
                    + " --confirm " + place(source));
        } else {
            console.line("next: look again once capture has seen these changes (cdp status)");
        }
    }

    private static ObjectNode document(UndoPlan plan, List<String> conflicts) {
        ObjectNode document = Console.document("cdp.undo/v1")
                .put("plan", plan.id())
                .put("source", plan.source().name())
                .put("dependents", word(plan.policy()))
                .put("blocked", plan.isBlocked())
                .put("rows_left_alone", plan.leftOut())
                .put("tail_missing", plan.tailMissing());
        ArrayNode asked = document.putArray("transactions");
        plan.asked().forEach(entry -> asked.add(new TransactionId(plan.source(), entry.seq()).toString()));
        ArrayNode tables = document.putArray("tables");
        plan.tables().forEach(table -> tables.addObject()
                .put("table", table.table().name().toString())
                .put("back", table.inserts())
                .put("gone", table.deletes())
                .put("changed", table.updates()));
        ArrayNode later = document.putArray("later");
        plan.dependents().forEach(dependent -> {
            ObjectNode node = later.addObject()
                    .put(
                            "transaction",
                            new TransactionId(
                                            plan.source(),
                                            dependent.transaction().seq())
                                    .toString())
                    .put("at", dependent.transaction().commitTimestamp().toString());
            ObjectNode rows = node.putObject("rows");
            dependent.rows().forEach((name, count) -> rows.put(name.toString(), count));
        });
        ArrayNode told = document.putArray("conflicts");
        conflicts.forEach(told::add);
        return document;
    }
}
