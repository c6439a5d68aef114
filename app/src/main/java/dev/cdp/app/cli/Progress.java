package dev.cdp.app.cli;

import dev.cdp.core.Json;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Tells on stderr how far a long work is: a line that is redrawn on a terminal, a line every 5 seconds without one,
 * JSON lines when JSON was asked for. Safe for use by several threads.
 */
public final class Progress {
    private static final Duration WITHOUT_TERMINAL = Duration.ofSeconds(5);
    private static final Duration ON_TERMINAL = Duration.ofMillis(200);

    private final Surroundings surroundings;
    private final Console.Form form;
    private final Object lock = new Object();
    private @Nullable Instant lastShown;
    private int lastLength;

    Progress(Surroundings surroundings, Console.Form form) {
        this.surroundings = surroundings;
        this.form = form;
    }

    /** Something began or ended: always shown, on a line of its own. */
    public void step(String text) {
        synchronized (lock) {
            if (form == Console.Form.JSON) {
                json("step", text);
                return;
            }
            clearLine();
            surroundings.err().println(Printable.text(text));
        }
    }

    /** Where the work stands; shown only now and then. */
    public void status(String text) {
        synchronized (lock) {
            boolean redraws = isTerminal();
            Instant now = surroundings.clock().instant();
            Duration pause = redraws ? ON_TERMINAL : WITHOUT_TERMINAL;
            if (lastShown != null && Duration.between(lastShown, now).compareTo(pause) < 0) {
                return;
            }
            lastShown = now;
            if (form == Console.Form.JSON) {
                json("status", text);
            } else if (redraws) {
                clearLine();
                String line = Printable.text(text);
                surroundings.err().print(line);
                surroundings.err().flush();
                lastLength = line.length();
            } else {
                surroundings.err().println(Printable.text(text));
            }
        }
    }

    private boolean isTerminal() {
        return form != Console.Form.JSON && surroundings.screen() == Surroundings.Screen.TERMINAL;
    }

    private void clearLine() {
        if (lastLength > 0) {
            surroundings.err().print("\r" + " ".repeat(lastLength) + "\r");
            lastLength = 0;
        }
    }

    private void json(String type, String text) {
        surroundings
                .err()
                .println(Json.write(Json.mapper()
                        .createObjectNode()
                        .put("type", type)
                        .put("at", surroundings.clock().instant().toString())
                        .put("message", Printable.text(text))));
    }
}
