package dev.cdp.app.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cdp.app.config.Configuration;
import dev.cdp.app.config.ConfigurationFile;
import dev.cdp.app.wiring.Archives;
import dev.cdp.app.wiring.Restores;
import dev.cdp.core.CdpException;
import dev.cdp.core.ErrorCode;
import dev.cdp.core.ExitCode;
import dev.cdp.core.Json;
import dev.cdp.core.SourceId;
import dev.cdp.core.archive.ObjectStore;
import dev.cdp.restore.GapPolicy;
import dev.cdp.restore.MissingChanges;
import dev.cdp.restore.RestoreProgress;
import dev.cdp.restore.RestoreService;
import dev.cdp.restore.plan.RestorePlan;
import dev.cdp.restore.verify.RestoreReport;
import dev.cdp.restore.verify.RestoreReport.Outcome;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code cdp restore}: into new databases beside the originals, verified; nothing existing is touched. */
@Command(name = "restore", description = "Restore into new databases beside the originals, and prove it.")
final class RestoreCommand implements Callable<Integer> {
    private static final Set<ExitCode> WORTH_RESUMING = Set.of(ExitCode.UNREACHABLE, ExitCode.CANCELLED);

    @ParentCommand
    private CdpCommand cdp;

    @Spec
    private CommandSpec spec;

    @Parameters(arity = "0..1", paramLabel = "PLAN", description = "A plan that cdp plan saved; else give --to.")
    private @Nullable Path plan;

    @Option(
            names = "--resume",
            paramLabel = "ID",
            description = "Go on with an interrupted restore; it printed its ID. What is loaded stays.")
    private @Nullable String resume;

    @Mixin
    private RestoreOptions options;

    @Override
    public Integer call() {
        if (Stream.of(plan, resume, options.to).filter(Objects::nonNull).count() != 1) {
            throw new ParameterException(spec.commandLine(), "either PLAN, --to POINT or --resume ID is needed");
        }
        Console console = cdp.console();
        ConfigurationFile file = cdp.configuration(console);
        Configuration configuration = file.configuration();
        try (ObjectStore archive = Archives.open(configuration.archive())) {
            RestoreService service =
                    new RestoreService(Restores.settings(configuration, archive, console.now()), console.clock());
            RestorePlan chosen = plan(file, service);
            requireAllowed(chosen);
            PlanText.warnings(chosen).forEach(console::warning);
            new SavedPlans(configuration).keep(chosen);
            RestoreReport report = restore(console, configuration, service, chosen);
            console.answer(document(report), () -> print(console, report));
            return report.exitCode().code();
        }
    }

    /** A saved plan that leaves something out must not pass for a whole one. */
    private void requireAllowed(RestorePlan chosen) {
        if (chosen.leavesOut() && options.gaps() == GapPolicy.REFUSE) {
            throw new CdpException(
                    ErrorCode.CONFIRMATION_MISSING,
                    "Plan " + chosen.id() + " leaves changes out\n"
                            + chosen.missing().stream()
                                    .map(MissingChanges::text)
                                    .collect(Collectors.joining("\n")),
                    "Give --allow-gap as well to restore without them: it ends with exit code 5");
        }
    }

    private RestorePlan plan(ConfigurationFile file, RestoreService service) {
        if (resume != null) {
            return new SavedPlans(file.configuration()).named(resume);
        }
        return plan != null ? SavedPlans.read(plan) : options.plan(cdp, file, service, String.valueOf(options.to));
    }

    private static RestoreReport restore(
            Console console, Configuration configuration, RestoreService service, RestorePlan plan) {
        Progress progress = console.progress();
        try (StopSignals signals =
                new StopSignals(() -> progress.step("stopping at the next safe place; once more stops at once"))) {
            return service.restore(plan, Restores.servers(configuration, plan), new Shown(progress, signals));
        } catch (CdpException e) {
            boolean worth = WORTH_RESUMING.contains(e.code().exitCode()) || e.code() == ErrorCode.WORK_DIRECTORY_FAILED;
            throw worth
                    ? new CdpException(
                            e.code(),
                            String.valueOf(e.getMessage()),
                            e.next() + "\n" + resumeCommand(plan.id(), plan.leavesOut()),
                            e)
                    : e;
        }
    }

    /** Shows how far a restore is, and tells it of signals. */
    private record Shown(Progress progress, StopSignals signals) implements RestoreProgress {
        @Override
        public void at(SourceId source, String step, long rows) {
            progress.status(source + ": " + step + (rows == 0 ? "" : ", " + Words.count(rows, "row")));
        }

        @Override
        public boolean wantsStop() {
            return signals.wantsStop();
        }
    }

    private static String resumeCommand(String planId, boolean leavesOut) {
        return "cdp restore --resume " + planId + (leavesOut ? " --allow-gap" : "");
    }

    private static void print(Console console, RestoreReport report) {
        report.toText().lines().forEach(console::line);
        report.sources().stream()
                .filter(source -> source.outcome() == Outcome.RESTORED)
                .forEach(source -> console.line(source.connect()));
        if (hasFailed(report)) {
            console.line(
                    "next: " + resumeCommand(report.planId(), !report.missing().isEmpty()));
        }
    }

    private static boolean hasFailed(RestoreReport report) {
        return report.sources().stream().anyMatch(source -> source.outcome() == Outcome.FAILED);
    }

    private static ObjectNode document(RestoreReport report) {
        ObjectNode document = Console.document("cdp.restore/v1");
        document.setAll((ObjectNode) Json.mapper().valueToTree(report));
        if (hasFailed(report)) {
            document.put(
                    "resume", resumeCommand(report.planId(), !report.missing().isEmpty()));
        }
        return document.put("rows", report.rowCount())
                .put("exit_code", report.exitCode().code());
    }
}
