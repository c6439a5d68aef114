package dev.cdp.app.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cdp.app.config.Configuration;
import dev.cdp.app.config.ConfigurationFile;
import dev.cdp.app.wiring.Archives;
import dev.cdp.app.wiring.Restores;
import dev.cdp.core.CdpException;
import dev.cdp.core.ErrorCode;
import dev.cdp.core.Json;
import dev.cdp.core.archive.ObjectStore;
import dev.cdp.restore.RestoreService;
import dev.cdp.restore.plan.RestorePlan;
import dev.cdp.restore.verify.RestoreReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code cdp restore}: into new databases beside the originals, verified; nothing existing is touched. */
@Command(name = "restore", description = "Restore into new databases beside the originals, and prove it.")
final class RestoreCommand implements Callable<Integer> {
    @ParentCommand
    private CdpCommand cdp;

    @Spec
    private CommandSpec spec;

    @Parameters(arity = "0..1", paramLabel = "PLAN", description = "A plan that cdp plan saved; else give --to.")
    private @Nullable Path plan;

    @Mixin
    private RestoreOptions options;

    @Override
    public Integer call() {
        if ((plan == null) == (options.to == null)) {
            throw new ParameterException(spec.commandLine(), "either PLAN or --to POINT is needed");
        }
        Console console = cdp.console();
        ConfigurationFile file = cdp.configuration(console);
        Configuration configuration = file.configuration();
        try (ObjectStore archive = Archives.open(configuration.archive())) {
            RestoreService service =
                    new RestoreService(Restores.settings(configuration, archive, console.now()), console.clock());
            RestorePlan chosen =
                    plan != null ? load(plan) : options.plan(cdp, file, service, String.valueOf(options.to));
            Progress progress = console.progress();
            RestoreReport report = service.restore(
                    chosen,
                    Restores.servers(configuration, chosen),
                    (source, step, rows) ->
                            progress.status(source + ": " + step + (rows == 0 ? "" : ", " + Words.count(rows, "row"))));
            console.answer(document(report), () -> print(console, report));
            return report.exitCode().code();
        }
    }

    private static RestorePlan load(Path path) {
        try {
            return RestorePlan.fromJson(Files.readString(path));
        } catch (IOException | IllegalArgumentException e) {
            throw new CdpException(
                    ErrorCode.USAGE_WRONG, "The plan " + path + " cannot be read: " + e, "cdp plan --to POINT", e);
        }
    }

    private static void print(Console console, RestoreReport report) {
        report.toText().lines().forEach(console::line);
        report.sources().forEach(source -> console.line(source.connect()));
    }

    private static ObjectNode document(RestoreReport report) {
        ObjectNode document = Console.document("cdp.restore/v1");
        document.setAll((ObjectNode) Json.mapper().valueToTree(report));
        return document.put("rows", report.rowCount())
                .put("exit_code", report.exitCode().code());
    }
}
