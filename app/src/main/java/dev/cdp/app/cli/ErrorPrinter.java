package dev.cdp.app.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cdp.core.CdpException;
import dev.cdp.core.ErrorCode;
import dev.cdp.core.ExitCode;
import dev.cdp.core.Json;
import java.util.List;

/** Words a failure on stderr: what, where, why, what to do next. Only our own bugs come with a stack trace. */
final class ErrorPrinter {
    private final Surroundings surroundings;
    private final boolean json;

    ErrorPrinter(Surroundings surroundings, boolean json) {
        this.surroundings = surroundings;
        this.json = json;
    }

    /** @return the exit code */
    int print(Throwable failure) {
        if (failure instanceof CdpException condition) {
            print(condition.code(), String.valueOf(condition.getMessage()), condition.next());
            return condition.code().exitCode().code();
        }
        print(
                ErrorCode.BUG,
                "an unexpected failure stopped the command: " + failure,
                "Report it with the lines below; running the command again may work");
        failure.printStackTrace(surroundings.err());
        return ExitCode.UNEXPECTED.code();
    }

    private void print(ErrorCode code, String message, String next) {
        if (json) {
            surroundings.err().println(Json.write(document(code, message, next)));
            return;
        }
        List<String> lines = message.lines().toList();
        surroundings.err().println("error " + code + ": " + (lines.isEmpty() ? "" : Printable.text(lines.get(0))));
        lines.stream().skip(1).forEach(line -> surroundings.err().println("  " + Printable.text(line)));
        String label = "  next  ";
        for (String step : next.lines().toList()) {
            surroundings.err().println(label + Printable.text(step));
            label = "        ";
        }
        surroundings.err().println("  help  cdp explain " + code);
    }

    /** The form of every failure under {@code --json}. */
    static ObjectNode document(ErrorCode code, String message, String next) {
        ObjectNode document = Console.document("cdp.error/v1")
                .put("code", code.toString())
                .put("exit_code", code.exitCode().code())
                .put("message", Printable.line(message))
                .put("hint", code.meaning());
        ArrayNode steps = document.putArray("next");
        next.lines().map(Printable::text).forEach(steps::add);
        return document;
    }
}
