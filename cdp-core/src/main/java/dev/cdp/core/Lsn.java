package dev.cdp.core;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A byte position in PostgreSQL's write-ahead log; {@code value} is unsigned. */
public record Lsn(long value) implements Comparable<Lsn> {
    private static final Pattern FORM = Pattern.compile("(\\p{XDigit}{1,8})/(\\p{XDigit}{1,8})");

    /** @throws IllegalArgumentException unless {@code text} looks like {@code 16/B374D848} */
    public static Lsn parse(String text) {
        Matcher halves = FORM.matcher(text);
        if (!halves.matches()) {
            throw new IllegalArgumentException("Not an LSN: '" + text + "'; expected a form like 16/B374D848");
        }
        return new Lsn(Long.parseLong(halves.group(1), 16) << 32 | Long.parseLong(halves.group(2), 16));
    }

    @Override
    public int compareTo(Lsn other) {
        return Long.compareUnsigned(value, other.value);
    }

    @Override
    public String toString() {
        return "%X/%X".formatted(value >>> 32, value & 0xFFFF_FFFFL);
    }
}
