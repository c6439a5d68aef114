package dev.cdp.app.cli;

import dev.cdp.app.config.ConfigurationFile;
import dev.cdp.app.daemon.Daemon;
import dev.cdp.app.daemon.Stage;
import dev.cdp.app.logging.LogSetup;
import dev.cdp.core.ExitCode;
import java.util.EnumSet;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** {@code cdp run}: the daemon, in the foreground. */
@Command(name = "run", description = "Capture and archive every source until stopped (Ctrl-C or SIGTERM).")
final class RunCommand implements Callable<Integer> {
    @ParentCommand
    private CdpCommand cdp;

    @Option(
            names = "--only",
            paramLabel = "STAGE",
            description = "capture or archive: run one stage here and the other elsewhere, over one Kafka cluster.")
    private @Nullable Stage only;

    @Override
    public Integer call() throws InterruptedException {
        ConfigurationFile file = cdp.configuration(cdp.console());
        LogSetup.apply(file.configuration().log());
        Daemon daemon = new Daemon(
                file,
                cdp.surroundings().environment(),
                VersionCommand.version(),
                only == null ? EnumSet.allOf(Stage.class) : EnumSet.of(only),
                cdp.surroundings().clock());
        Runtime.getRuntime().addShutdownHook(new Thread(daemon::stop, "cdp-stop"));
        daemon.run();
        return ExitCode.DONE.code();
    }
}
