package dev.cdp.app.cli;

import dev.cdp.app.config.ConfigurationFile;
import dev.cdp.app.daemon.Daemon;
import dev.cdp.app.logging.LogSetup;
import dev.cdp.core.ExitCode;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParentCommand;

/** {@code cdp run}: the daemon, in the foreground. */
@Command(name = "run", description = "Capture and archive every source until stopped (Ctrl-C or SIGTERM).")
final class RunCommand implements Callable<Integer> {
    @ParentCommand
    private CdpCommand cdp;

    @Override
    public Integer call() throws InterruptedException {
        ConfigurationFile file = cdp.configuration(cdp.console());
        LogSetup.apply(file.configuration().log());
        Daemon daemon = new Daemon(
                file,
                cdp.surroundings().environment(),
                VersionCommand.version(),
                cdp.surroundings().clock());
        Runtime.getRuntime().addShutdownHook(new Thread(daemon::stop, "cdp-stop"));
        daemon.run();
        return ExitCode.DONE.code();
    }
}
