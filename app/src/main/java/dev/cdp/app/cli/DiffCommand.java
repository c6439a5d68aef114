package dev.cdp.app.cli;

import dev.cdp.app.config.Configuration;
import dev.cdp.app.config.ConfigurationFile;
import dev.cdp.app.moment.RestorePointParser;
import dev.cdp.app.wiring.Archives;
import dev.cdp.app.wiring.Restores;
import dev.cdp.app.wiring.Sources;
import dev.cdp.core.ExitCode;
import dev.cdp.core.SourceId;
import dev.cdp.core.TableName;
import dev.cdp.core.archive.ArchiveState;
import dev.cdp.core.archive.ObjectStore;
import dev.cdp.restore.RestoreGroup;
import dev.cdp.restore.RestoreSettings;
import dev.cdp.restore.find.ComparedSource;
import dev.cdp.restore.find.StateComparison;
import dev.cdp.restore.reading.ArchiveReader;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code cdp diff}: what changed between two restore points. */
@Command(name = "diff", description = "Show what changed between two restore points, table by table.")
final class DiffCommand implements Callable<Integer> {
    @ParentCommand
    private CdpCommand cdp;

    @Parameters(
            arity = "0..1",
            paramLabel = "SOURCE[.SCHEMA.TABLE]",
            description = "Such as orders.public.orders; else every source of the group.")
    private @Nullable String where;

    @Option(names = "--from", required = true, paramLabel = "POINT", description = "The earlier restore point.")
    private String from;

    @Option(names = "--to", paramLabel = "POINT", description = "The later one; the latest unless given.")
    private String to = "latest";

    @Option(names = "--group", paramLabel = "GROUP", description = "Which group; may be left out when there is one.")
    private @Nullable String group;

    @Option(names = "--samples", paramLabel = "N", description = "Rows of each kind to show; 3 unless given.")
    private int samples = 3;

    @Option(names = "--exit-code", description = "End with exit code 20 when something differs.")
    private boolean exitCode;

    @Override
    public Integer call() {
        Console console = cdp.console();
        ConfigurationFile file = cdp.configuration(console);
        Configuration configuration = file.configuration();
        RestorePointParser points = cdp.restorePoints(file);
        String[] place = where == null ? new String[0] : where.split("\\.", 2);
        Optional<SourceId> source = place.length == 0
                ? Optional.empty()
                : Optional.of(Sources.named(configuration, place[0]).id());
        RestoreGroup members =
                source.map(RestoreGroup::of).orElseGet(() -> Restores.group(configuration, group, List.of()));
        try (ObjectStore archive = Archives.open(configuration.archive())) {
            RestoreSettings settings = Restores.settings(configuration, archive, console.now());
            Predicate<TableName> tables = place.length < 2 ? DiffCommand::isShown : only(settings, place);
            StateComparison.Result result = new StateComparison(settings)
                    .compare(
                            members,
                            points.parse(from),
                            points.parse(to),
                            new StateComparison.Scope(tables, Math.max(0, samples)));
            DiffText text = new DiffText(result, configuration.timeZone(), console.now());
            console.answer(text.document(from, to), () -> text.print(console));
            return exitCode(result.sources()).code();
        }
    }

    private static boolean isShown(TableName table) {
        return !KnownTables.isOurs(table.toString());
    }

    private static Predicate<TableName> only(RestoreSettings settings, String[] place) {
        Optional<ArchiveState> state =
                new ArchiveReader(settings.store(), null, settings.workDirectory()).state(new SourceId(place[0]));
        return state.<Predicate<TableName>>map(
                        known -> KnownTables.require(known, place[1], "diff --from POINT --to POINT")::equals)
                .orElse(table -> false); // comparing says that there is no archive
    }

    private ExitCode exitCode(List<ComparedSource> sources) {
        if (!sources.stream().allMatch(ComparedSource::isKnown)) {
            return ExitCode.PARTIAL;
        }
        boolean differs = sources.stream().anyMatch(ComparedSource::isDifferent);
        return exitCode && differs ? ExitCode.DIFFERENCES : ExitCode.DONE;
    }
}
