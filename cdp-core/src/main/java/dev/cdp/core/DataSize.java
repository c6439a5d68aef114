package dev.cdp.core;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A number of bytes, written with a binary unit: {@code 128MiB}. */
public record DataSize(long bytes) implements Comparable<DataSize> {
    private static final Pattern FORM = Pattern.compile("(\\d{1,19})\\s*(B|KiB|MiB|GiB|TiB)");
    private static final String[] UNITS = {"B", "KiB", "MiB", "GiB", "TiB"};

    public DataSize {
        if (bytes < 0) {
            throw new IllegalArgumentException("Not a size: " + bytes + " bytes");
        }
    }

    /** @throws IllegalArgumentException unless {@code text} looks like {@code 128MiB} */
    @JsonCreator
    public static DataSize parse(String text) {
        Matcher form = FORM.matcher(text.strip());
        if (form.matches()) {
            long factor = 1;
            for (int i = 0; !UNITS[i].equals(form.group(2)); i++) {
                factor *= 1024;
            }
            try { // the longest forms overflow in either step
                return new DataSize(Math.multiplyExact(Long.parseLong(form.group(1)), factor));
            } catch (ArithmeticException | NumberFormatException e) {
                throw new IllegalArgumentException("Not a size: '" + text + "' has more bytes than 2^63", e);
            }
        }
        throw new IllegalArgumentException(
                "Not a size: '" + text + "'; expected a form like 128MiB (B, KiB, MiB, GiB or TiB)");
    }

    public static DataSize ofMebibytes(long count) {
        return new DataSize(Math.multiplyExact(count, 1L << 20));
    }

    /** One decimal where that is shorter, for people: {@code 12.4 GiB}. Does not parse back. */
    public String rounded() {
        double value = bytes;
        int unit = 0;
        while (value >= 1024 && unit < UNITS.length - 1) {
            value /= 1024;
            unit++;
        }
        return unit == 0 || value >= 100
                ? Math.round(value) + " " + UNITS[unit]
                : String.format(Locale.ROOT, "%.1f %s", value, UNITS[unit]);
    }

    @Override
    public int compareTo(DataSize other) {
        return Long.compare(bytes, other.bytes);
    }

    /** The largest unit that is exact. */
    @JsonValue
    @Override
    public String toString() {
        long value = bytes;
        int unit = 0;
        while (value != 0 && value % 1024 == 0 && unit < UNITS.length - 1) {
            value /= 1024;
            unit++;
        }
        return value + UNITS[unit];
    }
}
