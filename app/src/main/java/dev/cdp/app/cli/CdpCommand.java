package dev.cdp.app.cli;

import dev.cdp.app.config.ConfigurationFile;
import dev.cdp.app.moment.RestorePointParser;
import java.nio.file.Path;
import java.time.ZoneId;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** {@code cdp}: every command, and the options they share. */
@Command(
        name = "cdp",
        description = "Continuous data protection for groups of databases.",
        mixinStandardHelpOptions = false,
        versionProvider = VersionCommand.Line.class,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            RunCommand.class,
            DemoCommand.class,
            CheckCommand.class,
            SourceCommand.class,
            StatusCommand.class,
            FindCommand.class,
            UndoCommand.class,
            HistoryCommand.class,
            DiffCommand.class,
            MarkCommand.class,
            PlanCommand.class,
            RestoreCommand.class,
            VerifyCommand.class,
            ConfigCommand.class,
            ExplainCommand.class,
            VersionCommand.class
        })
public final class CdpCommand implements Runnable {
    private final Surroundings surroundings;

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--config",
            paramLabel = "FILE",
            scope = ScopeType.INHERIT,
            description = "The configuration; else CDP_CONFIG, else ./cdp.yaml.")
    private @Nullable Path config;

    @Option(names = "--json", scope = ScopeType.INHERIT, description = "Answer with one JSON document.")
    private boolean json;

    @Option(names = "--plain", scope = ScopeType.INHERIT, description = "One record per line, for grep and awk.")
    private boolean plain;

    @Option(names = "--no-color", scope = ScopeType.INHERIT, description = "No colour, like NO_COLOR.")
    private boolean noColor;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            scope = ScopeType.INHERIT,
            description = "Print this text.")
    private boolean help;

    @Option(
            names = {"-V", "--version"},
            versionHelp = true,
            description = "Print the version.")
    private boolean version;

    @SuppressWarnings("NullAway.Init") // picocli sets spec before anything runs
    CdpCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "a command is missing");
    }

    Surroundings surroundings() {
        return surroundings;
    }

    Console console() {
        Console.Form form = json ? Console.Form.JSON : plain ? Console.Form.PLAIN : Console.Form.TEXT;
        boolean colour = surroundings.screen() == Surroundings.Screen.TERMINAL
                && !noColor
                && surroundings.environment().getOrDefault("NO_COLOR", "").isEmpty()
                && !"dumb".equals(surroundings.environment().get("TERM"));
        return new Console(surroundings, form, colour ? Console.Palette.COLOUR : Console.Palette.NONE);
    }

    Path configurationPath() {
        return ConfigurationFile.locate(config, surroundings.environment());
    }

    /** Reads the configuration and says on stderr what is questionable in it. */
    ConfigurationFile configuration(Console console) {
        ConfigurationFile file = ConfigurationFile.read(configurationPath(), surroundings.environment());
        file.warnings().forEach(console::warning);
        return file;
    }

    RestorePointParser restorePoints(ConfigurationFile file) {
        return new RestorePointParser(
                surroundings.clock(),
                file.configuration().timeZone(),
                ZoneId.systemDefault(),
                file.configuration().sources().values().stream()
                        .collect(Collectors.toMap(s -> s.id(), s -> s.server().engine())));
    }

    /** The command line of a command's parent, for one that only groups others. */
    static ParameterException subcommandMissing(CommandSpec spec) {
        CommandLine line = spec.commandLine();
        return new ParameterException(
                line,
                "a subcommand is missing: "
                        + String.join(", ", line.getSubcommands().keySet()));
    }
}
