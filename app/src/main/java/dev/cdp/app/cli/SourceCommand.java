package dev.cdp.app.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cdp.app.config.Configuration;
import dev.cdp.app.config.ConfigurationEdit;
import dev.cdp.app.config.ConfigurationFile;
import dev.cdp.app.daemon.StatusFiles;
import dev.cdp.app.status.StatusReport;
import dev.cdp.app.wiring.Sources;
import dev.cdp.capture.CheckFinding;
import dev.cdp.capture.source.SourceDatabase;
import dev.cdp.core.CdpException;
import dev.cdp.core.ErrorCode;
import dev.cdp.core.ExitCode;
import dev.cdp.core.SourceId;
import dev.cdp.core.crash.CrashPoint;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code cdp source add}, {@code remove} and {@code list}. */
@Command(
        name = "source",
        description = "Add, remove or list the databases to protect.",
        subcommands = {SourceCommand.Add.class, SourceCommand.Remove.class, SourceCommand.Listing.class})
final class SourceCommand implements Runnable {
    @ParentCommand
    private CdpCommand cdp;

    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw CdpCommand.subcommandMissing(spec);
    }

    private static ConfigurationEdit edit(CdpCommand cdp) {
        return new ConfigurationEdit(cdp.configurationPath(), cdp.surroundings().environment());
    }

    private static SourceId sourceId(String name) {
        try {
            return new SourceId(name);
        } catch (IllegalArgumentException e) {
            throw new CdpException(ErrorCode.USAGE_WRONG, e.getMessage(), "cdp source add NAME --url URL", e);
        }
    }

    @Command(
            name = "add",
            description = {
                "Prepare a database and start to protect it.",
                "Creates the schema cdp in it (statements are printed first); a running daemon takes it up."
            })
    static final class Add implements Callable<Integer> {
        @ParentCommand
        private SourceCommand parent;

        @Parameters(paramLabel = "NAME", description = "The source's name in the configuration.")
        private String name;

        @Option(
                names = "--url",
                paramLabel = "URL",
                description = "Such as postgresql://cdp@db1/orders; written into the configuration. A password is"
                        + " best given as $${env:NAME} or $${file:PATH} in it.")
        private @Nullable String url;

        @Option(names = "--print", description = "Only print the statements; change nothing.")
        private boolean printOnly;

        @Option(names = "--wait", description = "Return when the source is protected.")
        private boolean wait;

        @Override
        public Integer call() {
            CdpCommand cdp = parent.cdp;
            Console console = cdp.console();
            ConfigurationEdit.Change change = url == null ? null : change(cdp, url);
            ConfigurationFile file = change == null ? cdp.configuration(console) : change.result();
            Configuration.Source source = Sources.named(file.configuration(), name);
            SourceDatabase database = Sources.open(source);
            List<String> statements = database.installStatements();
            statements.forEach(sql -> console.note(sql + ";"));
            if (!printOnly) {
                database.install();
                CrashPoint.CONTROL_SOURCE_INSTALLED.reached();
            }
            if (change != null && !printOnly) { // only now: a daemon starts with what it finds in the file
                change.write();
                file.warnings().forEach(console::warning);
                console.note("added " + name + " to " + file.path());
            }
            List<CheckFinding> findings = printOnly ? List.of() : database.check();
            boolean failed = findings.stream().anyMatch(finding -> finding.verdict() == CheckFinding.Verdict.FAILED);
            if (wait && !printOnly && !failed) {
                awaitProtection(console, file.configuration(), source.id());
            }
            answer(console, statements, source, findings);
            return (failed ? ExitCode.FOUND_BAD : ExitCode.DONE).code();
        }

        private void answer(
                Console console, List<String> statements, Configuration.Source source, List<CheckFinding> findings) {
            ObjectNode document = Console.document("cdp.source-add/v1").put("source", name);
            ArrayNode sql = document.putArray("statements");
            statements.forEach(sql::add);
            ArrayNode checks = document.putArray("checks");
            findings.forEach(finding -> checks.addObject()
                    .put("check", finding.check())
                    .put("verdict", finding.verdict().name().toLowerCase(Locale.ROOT))
                    .put("what", finding.what())
                    .put("mend", finding.mend()));
            console.answer(document, () -> {
                if (!printOnly) {
                    CheckCommand.print(console, source, findings);
                    console.line("next: cdp status");
                }
            });
        }

        /** @return null when the source stands there under this address already, as after an interrupted command */
        private ConfigurationEdit.@Nullable Change change(CdpCommand cdp, String address) {
            SourceId id = sourceId(name);
            if (edit(cdp).hasSource(id, address)) {
                return null;
            }
            return edit(cdp).addSource(id, address);
        }

        private static void awaitProtection(Console console, Configuration configuration, SourceId source) {
            Progress progress = console.progress();
            while (true) {
                StatusReport.SourceLine line = StatusReport.of(configuration, console.clock()).sources().stream()
                        .filter(each -> each.source().equals(source))
                        .findFirst()
                        .orElseThrow();
                if (line.restorableFrom() != null && line.watermark() != null) {
                    return;
                }
                if (line.state().equals("failed") || line.state().equals("down")) {
                    throw new CdpException(
                            ErrorCode.CAPTURE_FAILED,
                            "Source \"" + source + "\" is not protected: "
                                    + (line.state().equals("down") ? "no daemon runs here" : line.reason()),
                            line.state().equals("down") ? "cdp run" : line.next());
                }
                progress.status(source + ": " + line.state());
                Pause.of(Duration.ofMillis(500));
            }
        }
    }

    @Command(
            name = "remove",
            description = {
                "Stop protecting a database and leave nothing in it.",
                "Drops the replication slot, the publication, the triggers and the schema cdp. What is archived stays."
            })
    static final class Remove implements Callable<Integer> {
        @ParentCommand
        private SourceCommand parent;

        @Parameters(paramLabel = "NAME", description = "The source's name in the configuration.")
        private String name;

        @Option(
                names = "--url",
                paramLabel = "URL",
                description = "Where it is, when a removal was interrupted after it left the configuration.")
        private @Nullable String url;

        @Override
        public Integer call() {
            CdpCommand cdp = parent.cdp;
            Console console = cdp.console();
            Configuration configuration = cdp.configuration(console).configuration();
            boolean isConfigured = configuration.sources().containsKey(sourceId(name));
            Configuration.Source source = isConfigured ? Sources.named(configuration, name) : unconfigured(cdp);
            SourceDatabase database = Sources.open(source);
            database.installStatements(); // one that cannot be reached stays configured: its slot must not be forgotten
            if (isConfigured) {
                edit(cdp).removeSource(source.id()).write();
            }
            awaitDaemon(console, configuration, source.id());
            CrashPoint.CONTROL_SOURCE_RELEASED.reached();
            database.uninstall();
            CrashPoint.CONTROL_SOURCE_UNINSTALLED.reached();
            console.answer(
                    Console.document("cdp.source-remove/v1").put("source", name),
                    () -> console.line(name + " is no longer protected; slot, publication, triggers and schema cdp are"
                            + " gone from " + source.database() + ", the archive stays"));
            return ExitCode.DONE.code();
        }

        private Configuration.Source unconfigured(CdpCommand cdp) {
            if (url == null) {
                throw new CdpException(
                        ErrorCode.SOURCE_UNKNOWN,
                        "The configuration has no source \"" + name + "\"",
                        "cdp source list\nAfter an interrupted removal: cdp source remove " + name + " --url URL");
            }
            Configuration asItWas =
                    edit(cdp).addSource(sourceId(name), url).result().configuration();
            return Sources.named(asItWas, name);
        }

        /** The daemon lets go of a source within seconds of its leaving the file. */
        private static void awaitDaemon(Console console, Configuration configuration, SourceId source) {
            StatusFiles files = new StatusFiles(configuration.dataDirectory());
            Instant limit = console.now().plusSeconds(60);
            while (files.daemon()
                            .filter(daemon -> daemon.isFresh(console.now()))
                            .isPresent()
                    && files.source(source).isPresent()) {
                if (console.now().isAfter(limit)) {
                    throw new CdpException(
                            ErrorCode.DATA_DIRECTORY_LOCKED,
                            "The daemon still captures \"" + source + "\" a minute after it left the configuration",
                            "Look at the daemon's log, stop it, then remove the slot and the schema cdp by hand");
                }
                Pause.of(Duration.ofMillis(200));
            }
        }
    }

    @Command(name = "list", description = "List the configured sources and their groups.")
    static final class Listing implements Callable<Integer> {
        @ParentCommand
        private SourceCommand parent;

        @Override
        public Integer call() {
            Console console = parent.cdp.console();
            Configuration configuration = parent.cdp.configuration(console).configuration();
            ObjectNode document = Console.document("cdp.sources/v1");
            ArrayNode array = document.putArray("sources");
            TextTable table = new TextTable("SOURCE", "ENGINE", "ADDRESS", "GROUP");
            for (Configuration.Source source : configuration.sources().values()) {
                String engine = source.server().engine().name().toLowerCase(Locale.ROOT);
                String address = source.server().host() + ":" + source.server().port() + "/" + source.database();
                String group = configuration
                        .groupOf(source.id())
                        .map(Configuration.Group::name)
                        .orElse("-");
                table.row(source.id(), engine, address, group);
                array.addObject()
                        .put("source", source.id().name())
                        .put("engine", engine)
                        .put("address", address)
                        .put("group", group.equals("-") ? null : group);
            }
            console.answer(document, () -> console.table(table));
            return ExitCode.DONE.code();
        }
    }
}
