package dev.cdp.capture.source;

import dev.cdp.capture.log.NotCarried;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What a row is called so that an operator finds it: the values of its key. */
public final class RowName {
    private static final int LONGEST_VALUE = 60;

    private RowName() {}

    /** @param key names of the key's columns; empty without one */
    public static String of(List<String> key, Function<String, @Nullable Object> value) {
        if (key.isEmpty()) {
            return "a row (the table has no key to name it by)";
        }
        return key.stream()
                .map(column -> column + " = " + printed(value.apply(column)))
                .collect(Collectors.joining(", ", "the row ", ""));
    }

    private static String printed(@Nullable Object value) {
        if (value == null || value instanceof NotCarried) {
            return "?";
        }
        String text = value instanceof byte[] bytes ? "0x" + HexFormat.of().formatHex(bytes) : value.toString();
        return text.length() > LONGEST_VALUE ? text.substring(0, LONGEST_VALUE) + "..." : text;
    }
}
