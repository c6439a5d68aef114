package dev.cdp.app.cli;

import java.util.Locale;

/** Numbers in sentences. */
final class Words {
    private Words() {}

    /** {@code 1 source}, {@code 3 sources}. */
    static String count(long count, String noun) {
        return String.format(Locale.ROOT, "%,d %s%s", count, noun, count == 1 ? "" : "s");
    }

    static String number(long count) {
        return String.format(Locale.ROOT, "%,d", count);
    }
}
