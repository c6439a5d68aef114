package dev.cdp.app.demo;

import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;

/** What the demo prints: each step with the seconds since the start. */
final class Screen {
    private final PrintStream out;
    private final long start = System.nanoTime();

    Screen(PrintStream out) {
        this.out = out;
    }

    void step(String text) {
        out.printf(Locale.ROOT, "%n[%5.1f s] %s%n", elapsed().toMillis() / 1000.0, text);
    }

    void line(String text) {
        out.println("          " + text);
    }

    /** A command as it is typed, before its own output. */
    void command(String text) {
        out.println("$ cdp " + text);
    }

    void invariants(Invariants invariants) {
        for (Invariants.Line line : invariants.lines()) {
            line((line.verdict() == Invariants.Verdict.HOLDS ? "holds   " : "BROKEN  ") + line.text());
        }
    }

    Duration elapsed() {
        return Duration.ofNanos(System.nanoTime() - start);
    }
}
