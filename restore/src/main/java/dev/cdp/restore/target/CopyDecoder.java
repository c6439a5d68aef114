package dev.cdp.restore.target;

import dev.cdp.core.Carrier;
import dev.cdp.core.RowImage;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads rows as {@code COPY TO STDOUT} prints them in text format. */
final class CopyDecoder {
    private static final int ESCAPED_HEX_PREFIX = 3; // \x behind a backslash

    private final List<Carrier> carriers;
    private byte[] unescaped = new byte[1 << 12];

    CopyDecoder(List<Carrier> carriers) {
        this.carriers = List.copyOf(carriers);
    }

    /** @param line one row, with or without its line end */
    RowImage decode(byte[] line) {
        @Nullable Object[] values = new Object[carriers.size()];
        int end = line.length > 0 && line[line.length - 1] == '\n' ? line.length - 1 : line.length;
        int start = 0;
        for (int column = 0; column < values.length; column++) {
            int stop = start;
            while (stop < end && line[stop] != '\t') {
                stop += line[stop] == '\\' ? 2 : 1;
            }
            values[column] = value(carriers.get(column), line, start, stop);
            start = stop + 1;
        }
        if (values.length > 0 && start != end + 1) {
            throw new IllegalStateException("COPY did not send " + values.length + " columns");
        }
        return RowImage.of(values);
    }

    private @Nullable Object value(Carrier carrier, byte[] line, int start, int end) {
        if (end - start == 2 && line[start] == '\\' && line[start + 1] == 'N') {
            return null;
        }
        return switch (carrier) {
            case BOOLEAN -> line[start] == 't';
            case INT64 -> Long.valueOf(printed(line, start, end));
            case FLOAT32 -> Float.valueOf(printed(line, start, end));
            case FLOAT64 -> Double.valueOf(printed(line, start, end));
            case BYTES -> bytes(line, start + ESCAPED_HEX_PREFIX, end);
            case TEXT -> printed(line, start, end);
        };
    }

    /** Straight from the line: a text of it would take twice the memory of the largest values there are. */
    private static byte[] bytes(byte[] line, int start, int end) {
        byte[] bytes = new byte[(end - start) / 2];
        for (int i = 0; i < bytes.length; i++) {
            int high = HexFormat.fromHexDigit(line[start + 2 * i]);
            bytes[i] = (byte) (high << 4 | HexFormat.fromHexDigit(line[start + 2 * i + 1]));
        }
        return bytes;
    }

    private String printed(byte[] line, int start, int end) {
        if (unescaped.length < end - start) {
            unescaped = new byte[Math.max(end - start, 2 * unescaped.length)];
        }
        int length = 0;
        for (int i = start; i < end; i++) {
            unescaped[length++] = line[i] == '\\' ? meant(line[++i]) : line[i];
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
