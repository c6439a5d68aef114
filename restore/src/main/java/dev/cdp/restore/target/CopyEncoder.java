package dev.cdp.restore.target;

import dev.cdp.core.Carrier;
import dev.cdp.core.RowImage;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Writes rows as {@code COPY FROM STDIN} takes them in text format (PostgreSQL manual, "COPY", "Text Format") into a
 * buffer that grows with the largest row.
 */
final class CopyEncoder {
    private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

    private final List<Carrier> carriers;
    private byte[] buffer = new byte[1 << 17];
    private int length;

    CopyEncoder(List<Carrier> carriers) {
        this.carriers = List.copyOf(carriers);
    }

    byte[] buffer() {
        return buffer;
    }

    int length() {
        return length;
    }

    void clear() {
        length = 0;
    }

    void append(RowImage row) {
        if (row.hasUnchanged()) {
            throw new IllegalStateException("A folded row holds a value that was not resolved");
        }
        for (int i = 0; i < row.size(); i++) {
            if (i > 0) {
                room(1);
                buffer[length++] = '\t';
            }
            append(carriers.get(i), row.value(i));
        }
        room(1);
        buffer[length++] = '\n';
    }

    private void append(Carrier carrier, @Nullable Object value) {
        if (value == null) {
            plain("\\N");
            return;
        }
        switch (carrier) {
            case BOOLEAN -> plain((Boolean) value ? "t" : "f");
            // What Java prints of numbers, the server reads back as the same number: NaN, Infinity and -0.0 too.
            case INT64, FLOAT32, FLOAT64 -> plain(value.toString());
            case BYTES -> hexadecimal((byte[]) value);
            case TEXT -> text(((String) value).getBytes(StandardCharsets.UTF_8));
        }
    }

    private void plain(String ascii) {
        room(ascii.length());
        for (int i = 0; i < ascii.length(); i++) {
            buffer[length++] = (byte) ascii.charAt(i);
        }
    }

    private void hexadecimal(byte[] bytes) {
        room(3L + 2L * bytes.length);
        plain("\\\\x");
        for (byte each : bytes) {
            buffer[length++] = HEX[each >> 4 & 0xF];
            buffer[length++] = HEX[each & 0xF];
        }
    }

    /** All bytes of a character outside of ASCII are negative, so none of them looks like one to escape. */
    private void text(byte[] utf8) {
        room(2L * utf8.length);
        for (byte each : utf8) {
            byte escaped =
                    switch (each) {
                        case '\\' -> '\\';
                        case '\t' -> 't';
                        case '\n' -> 'n';
                        case '\r' -> 'r';
                        default -> 0;
                    };
            if (escaped != 0) {
                buffer[length++] = '\\';
                buffer[length++] = escaped;
            } else {
                buffer[length++] = each;
            }
        }
    }

    private void room(long byteCount) {
        long needed = length + byteCount;
        if (needed > buffer.length) {
            long roomy = Math.min(Integer.MAX_VALUE - 8L, 2 * needed);
            buffer = Arrays.copyOf(buffer, Math.toIntExact(Math.max(needed, roomy)));
        }
    }
}
