package dev.cdp.restore.live;

import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/** A value of a key as messages show it. */
final class KeyValue {
    private static final int LONGEST = 40;

    private KeyValue() {}

    static String text(@Nullable Object value) {
        String text = value instanceof byte[] bytes ? "0x" + HexFormat.of().formatHex(bytes) : String.valueOf(value);
        return text.length() > LONGEST ? text.substring(0, LONGEST) + "…" : text;
    }
}
