package dev.cdp.app;

import dev.cdp.app.cli.CommandLineRun;
import dev.cdp.app.cli.Surroundings;
import java.util.List;

/** The process: runs one command and ends with its exit code. */
public final class Cdp {
    private Cdp() {}

    public static void main(String[] args) {
        int exitCode = CommandLineRun.run(List.of(args), Surroundings.ofThisProcess());
        System.exit(exitCode);
    }
}
