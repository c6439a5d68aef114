package dev.cdp.restore.target;

import dev.cdp.core.Carrier;
import dev.cdp.core.RowImage;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Writes rows as {@code COPY FROM STDIN} takes them in text format (PostgreSQL manual, "COPY", "Text Format"), large
 * values piece by piece: what is held beside a row does not grow with it.
 */
final class CopyEncoder {
    private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
    private static final int BUFFER_BYTES = 1 << 17;
    private static final int PIECE = 1 << 14; // bytes or characters of a value; even with escapes it fits

    private final List<Carrier> carriers;
    private final Sink sink;
    private final byte[] buffer = new byte[BUFFER_BYTES];
    private int length;

    /** Takes what was written so far; the array is used again. */
    @FunctionalInterface
    interface Sink {
        void take(byte[] bytes, int length) throws SQLException;
    }

    CopyEncoder(List<Carrier> carriers, Sink sink) {
        this.carriers = List.copyOf(carriers);
        this.sink = sink;
    }

    /** Hands over what is left. */
    void flush() throws SQLException {
        sink.take(buffer, length);
        length = 0;
    }

    void append(RowImage row) throws SQLException {
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

    private void append(Carrier carrier, @Nullable Object value) throws SQLException {
        if (value == null) {
            plain("\\N");
            return;
        }
        switch (carrier) {
            case BOOLEAN -> plain((Boolean) value ? "t" : "f");
            // What Java prints of numbers, the server reads back as the same number: NaN, Infinity and -0.0 too.
            case INT64, FLOAT32, FLOAT64 -> plain(value.toString());
            case BYTES -> hexadecimal((byte[]) value);
            case TEXT -> text((String) value);
        }
    }

    private void plain(String ascii) throws SQLException {
        room(ascii.length());
        for (int i = 0; i < ascii.length(); i++) {
            buffer[length++] = (byte) ascii.charAt(i);
        }
    }

    private void hexadecimal(byte[] bytes) throws SQLException {
        plain("\\\\x");
        for (int from = 0; from < bytes.length; from += PIECE) {
            int to = Math.min(bytes.length, from + PIECE);
            room(2 * (to - from));
            for (int i = from; i < to; i++) {
                buffer[length++] = HEX[bytes[i] >> 4 & 0xF];
                buffer[length++] = HEX[bytes[i] & 0xF];
            }
        }
    }

    private void text(String text) throws SQLException {
        for (int from = 0; from < text.length(); ) {
            int to = pieceEnd(text, from, PIECE);
            escaped(text.substring(from, to).getBytes(StandardCharsets.UTF_8));
            from = to;
        }
    }

    /** Where a piece of a text ends that begins at {@code from}: never inside of a character. */
    static int pieceEnd(String text, int from, int longest) {
        int to = Math.min(text.length(), from + longest);
        return to < text.length() && Character.isHighSurrogate(text.charAt(to - 1)) ? to - 1 : to;
    }

    /** All bytes of a character outside of ASCII are negative, so none of them looks like one to escape. */
    private void escaped(byte[] utf8) throws SQLException {
        room(2 * utf8.length);
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

    private void room(int byteCount) throws SQLException {
        if (length + byteCount > buffer.length) {
            flush();
        }
    }
}
