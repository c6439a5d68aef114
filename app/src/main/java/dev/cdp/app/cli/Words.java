package dev.cdp.app.cli;

import java.time.Duration;
import java.util.Locale;

/** Numbers in sentences. */
final class Words {
    private Words() {}

    /** {@code 1 source}, {@code 3 sources}. */
    static String count(long count, String noun) {
        return String.format(Locale.ROOT, "%,d %s%s", count, noun, count == 1 ? "" : "s");
    }

    /** Rounded up: {@code 12 ms}. */
    static String millis(Duration span) {
        return number(span.plusNanos(999_999).toMillis()) + " ms";
    }

    static String number(long count) {
        return String.format(Locale.ROOT, "%,d", count);
    }
}
