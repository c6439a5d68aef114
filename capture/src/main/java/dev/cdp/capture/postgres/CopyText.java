package dev.cdp.capture.postgres;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Takes apart one line of {@code COPY TO STDOUT} in text format (PostgreSQL manual, "COPY", "Text Format"): columns end
 * with a tab, NULL is {@code \N}, and a backslash keeps tab, line end and itself apart from data.
 */
final class CopyText {
    private byte[] unescaped = new byte[256];

    /** @param line with its line end; the values go into {@code columns}, which must fit */
    void split(byte[] line, @Nullable String[] columns) {
        int end = line.length;
        if (end > 0 && line[end - 1] == '\n') {
            end--;
        }
        if (columns.length == 0) {
            return;
        }
        int column = 0;
        int start = 0;
        boolean escapes = false;
        for (int i = 0; i < end; i++) {
            byte here = line[i];
            if (here == '\\') {
                escapes = true;
                i++; // whatever follows belongs to it
            } else if (here == '\t') {
                columns[column++] = value(line, start, i, escapes);
                start = i + 1;
                escapes = false;
            }
        }
        columns[column++] = value(line, start, end, escapes);
        if (column != columns.length) {
            throw new IllegalStateException("COPY sent " + column + " columns instead of " + columns.length);
        }
    }

    private @Nullable String value(byte[] line, int start, int end, boolean escapes) {
        if (!escapes) {
            return new String(line, start, end - start, StandardCharsets.UTF_8);
        }
        if (end - start == 2 && line[start] == '\\' && line[start + 1] == 'N') {
            return null;
        }
        if (unescaped.length < end - start) {
            unescaped = new byte[Math.max(end - start, 2 * unescaped.length)];
        }
        int length = 0;
        for (int i = start; i < end; i++) {
            byte here = line[i];
            unescaped[length++] = here == '\\' ? meant(line[++i]) : here;
        }
        return new String(unescaped, 0, length, StandardCharsets.UTF_8);
    }

    // The server writes no octal or hexadecimal escapes, only these and the backslash before itself.
    private static byte meant(byte escaped) {
        return switch (escaped) {
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'v' -> 0x0B;
            default -> escaped;
        };
    }
}
