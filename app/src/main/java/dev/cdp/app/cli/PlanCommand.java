package dev.cdp.app.cli;

import dev.cdp.app.config.Configuration;
import dev.cdp.app.config.ConfigurationFile;
import dev.cdp.app.status.ClockSpread;
import dev.cdp.app.wiring.Archives;
import dev.cdp.app.wiring.Restores;
import dev.cdp.core.CdpException;
import dev.cdp.core.ErrorCode;
import dev.cdp.core.ExitCode;
import dev.cdp.core.archive.ObjectStore;
import dev.cdp.restore.RestoreService;
import dev.cdp.restore.plan.RestorePlan;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code cdp plan}: resolves a restore point and prints everything a restore to it will do. */
@Command(name = "plan", description = "Show what a restore will do, and save it as a plan; nothing is changed.")
final class PlanCommand implements Callable<Integer> {
    @ParentCommand
    private CdpCommand cdp;

    @Spec
    private CommandSpec spec;

    @Mixin
    private RestoreOptions options;

    @Option(names = "--save", paramLabel = "FILE", description = "Where to; else in the data directory.")
    private @Nullable Path save;

    @Override
    public Integer call() {
        if (options.to == null) {
            throw new ParameterException(spec.commandLine(), "--to POINT is missing");
        }
        Console console = cdp.console();
        ConfigurationFile file = cdp.configuration(console);
        Configuration configuration = file.configuration();
        try (ObjectStore archive = Archives.open(configuration.archive())) {
            RestoreService service =
                    new RestoreService(Restores.settings(configuration, archive, console.now()), console.clock());
            RestorePlan plan = options.plan(cdp, file, service, options.to);
            Path saved = save(configuration, plan);
            PlanText text = new PlanText(
                    plan,
                    configuration.timeZone(),
                    console.now(),
                    ClockSpread.of(configuration, plan.cut().sources().keySet(), console.now())
                            .orElse(null));
            console.answer(text.document().put("saved_as", saved.toString()), () -> {
                text.print(console);
                console.line("plan saved     " + saved);
                console.line("next: cdp restore " + saved + (plan.leavesOut() ? " --allow-gap" : ""));
            });
            return (plan.leavesOut() ? ExitCode.PARTIAL : ExitCode.DONE).code();
        }
    }

    private Path save(Configuration configuration, RestorePlan plan) {
        Path path = save != null ? save : new SavedPlans(configuration).file(plan.id());
        try {
            SavedPlans.write(path, plan);
            return path;
        } catch (IOException e) {
            throw new CdpException(
                    ErrorCode.FILE_EXISTS,
                    "The plan cannot be saved as " + path + ": " + e,
                    "cdp plan --save FILE with a file that is not there yet",
                    e);
        }
    }
}
