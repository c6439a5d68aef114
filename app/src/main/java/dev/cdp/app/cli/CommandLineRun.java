package dev.cdp.app.cli;

import dev.cdp.core.CdpException;
import dev.cdp.core.ErrorCode;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** One run of the command line: parse, execute, and turn every failure into an error text and an exit code. */
public final class CommandLineRun {
    private CommandLineRun() {}

    /** @return the exit code */
    public static int run(List<String> args, Surroundings surroundings) {
        CdpCommand root = new CdpCommand(surroundings);
        CommandLine line = of(root);
        ErrorPrinter errors = new ErrorPrinter(surroundings, args.contains("--json"));
        line.setParameterExceptionHandler((e, arguments) -> errors.print(usageError(e)));
        line.setExecutionExceptionHandler((e, command, parsed) -> errors.print(e));
        return line.execute(args.toArray(String[]::new));
    }

    static CommandLine of(CdpCommand root) {
        CommandLine line = new CommandLine(root);
        line.setCaseInsensitiveEnumValuesAllowed(true);
        line.setAbbreviatedOptionsAllowed(false);
        line.setUsageHelpWidth(80);
        line.setOut(new PrintWriter(root.surroundings().out(), true));
        line.setErr(new PrintWriter(root.surroundings().err(), true));
        return line;
    }

    private static CdpException usageError(ParameterException e) {
        String name = e.getCommandLine().getCommandSpec().qualifiedName();
        List<String> next = new ArrayList<>();
        if (e instanceof UnmatchedArgumentException unmatched) {
            unmatched.getSuggestions().stream()
                    .limit(3)
                    .map(suggestion -> suggestion.startsWith("-") ? name + " " + suggestion : "cdp " + suggestion)
                    .forEach(next::add);
        }
        next.add(name + " --help");
        return new CdpException(ErrorCode.USAGE_WRONG, lowerFirst(e.getMessage()), String.join("\n", next), e);
    }

    private static String lowerFirst(String text) {
        return text.isEmpty() ? text : text.substring(0, 1).toLowerCase(Locale.ROOT) + text.substring(1);
    }
}
