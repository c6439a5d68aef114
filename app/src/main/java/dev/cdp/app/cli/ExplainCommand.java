package dev.cdp.app.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cdp.core.CdpException;
import dev.cdp.core.ErrorCode;
import dev.cdp.core.ExitCode;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code cdp explain CDP-3002}. */
@Command(name = "explain", description = "Say what an error code means; without one, list them all.")
final class ExplainCommand implements Callable<Integer> {
    @ParentCommand
    private CdpCommand cdp;

    @Parameters(arity = "0..1", paramLabel = "CODE", description = "Such as CDP-3002.")
    private @Nullable String code;

    @Override
    public Integer call() {
        Console console = cdp.console();
        List<ErrorCode> codes = code == null ? List.of(ErrorCode.values()) : List.of(find(code));
        ObjectNode document = Console.document("cdp.explanation/v1");
        ArrayNode array = document.putArray("codes");
        codes.forEach(each -> array.addObject()
                .put("code", each.toString())
                .put("name", each.name())
                .put("meaning", each.meaning())
                .put("exit_code", each.exitCode().code())
                .put("exit_meaning", each.exitCode().meaning()));
        console.answer(document, () -> codes.forEach(each -> print(console, each)));
        return ExitCode.DONE.code();
    }

    private static void print(Console console, ErrorCode code) {
        console.line(code + "  " + code.meaning());
        console.line("          exit code " + code.exitCode().code() + ": "
                + code.exitCode().meaning());
    }

    private static ErrorCode find(String text) {
        return ErrorCode.find(text)
                .orElseThrow(() -> new CdpException(
                        ErrorCode.USAGE_WRONG, "there is no error code \"" + text + "\"", "cdp explain"));
    }
}
