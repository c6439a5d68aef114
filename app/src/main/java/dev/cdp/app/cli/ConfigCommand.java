package dev.cdp.app.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cdp.app.config.ConfigurationFile;
import dev.cdp.core.ExitCode;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code cdp config check} and {@code cdp config show}. */
@Command(
        name = "config",
        description = "Check or show the configuration.",
        subcommands = {ConfigCommand.Check.class, ConfigCommand.Show.class})
final class ConfigCommand implements Runnable {
    @ParentCommand
    private CdpCommand cdp;

    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw CdpCommand.subcommandMissing(spec);
    }

    @Command(name = "check", description = "Report every mistake in the configuration, with line and column.")
    static final class Check implements Callable<Integer> {
        @ParentCommand
        private ConfigCommand parent;

        @Override
        public Integer call() {
            Console console = parent.cdp.console();
            ConfigurationFile file = parent.cdp.configuration(console);
            ObjectNode document = Console.document("cdp.config-check/v1")
                    .put("path", file.path().toString())
                    .put("sources", file.configuration().sources().size())
                    .put("groups", file.configuration().groups().size());
            ArrayNode warnings = document.putArray("warnings");
            file.warnings().forEach(warnings::add);
            console.answer(
                    document,
                    () -> console.line(file.path() + " is " + console.good("valid") + ": "
                            + Words.count(file.configuration().sources().size(), "source") + ", "
                            + Words.count(file.configuration().groups().size(), "group")));
            return ExitCode.DONE.code();
        }
    }

    @Command(name = "show", description = "Print every setting in effect and where it comes from; secrets as ***.")
    static final class Show implements Callable<Integer> {
        @ParentCommand
        private ConfigCommand parent;

        @Override
        public Integer call() {
            Console console = parent.cdp.console();
            ConfigurationFile file = parent.cdp.configuration(console);
            ObjectNode document =
                    Console.document("cdp.config/v1").put("path", file.path().toString());
            ArrayNode settings = document.putArray("settings");
            TextTable table = new TextTable("SETTING", "VALUE", "FROM");
            for (ConfigurationFile.Setting setting : file.settings()) {
                settings.addObject()
                        .put("path", setting.path())
                        .put("value", setting.shown())
                        .put("from", setting.origin());
                table.row(setting.path(), setting.shown(), setting.origin());
            }
            console.answer(document, () -> console.table(table));
            return ExitCode.DONE.code();
        }
    }
}
