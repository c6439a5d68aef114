package dev.cdp.core;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A transaction as people see it: {@code tx/orders/4711}, where the number is the {@code seq} of its commit. */
public record TransactionId(SourceId source, long seq) {
    private static final Pattern FORM = Pattern.compile("tx/([^/]+)/(\\d{1,18})");

    public static TransactionId parse(String text) {
        Matcher form = FORM.matcher(text);
        if (!form.matches()) {
            throw new IllegalArgumentException(
                    "Not a transaction: '" + text + "'; expected a form like tx/orders/4711");
        }
        return new TransactionId(new SourceId(form.group(1)), Long.parseLong(form.group(2)));
    }

    @Override
    public String toString() {
        return "tx/" + source + "/" + seq;
    }
}
