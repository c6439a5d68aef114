package dev.cdp.restore.target;

import dev.cdp.core.Carrier;
import dev.cdp.core.Column;
import dev.cdp.core.RowImage;
import dev.cdp.core.TableSchema;
import dev.cdp.core.Unchanged;
import dev.cdp.restore.target.TargetDatabase.RowSource;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Rows as MariaDB's LOAD DATA reads them, made while the driver sends them: tabs between columns, {@code \N} for NULL,
 * byte strings in hexadecimal (MariaDB manual, "LOAD DATA INFILE"). What is one statement's ends after some size. Large
 * values are written piece by piece.
 */
final class LoadDataStream extends InputStream {
    private static final int CHUNK_BYTES = 64 << 10;
    private static final int PIECE = 16 << 10; // bytes or characters of a value
    private static final long STATEMENT_BYTES = 64L << 20;

    private final List<Carrier> carriers;
    private final RowSource rows;
    private final ByteArrayOutputStream chunk = new ByteArrayOutputStream(2 * CHUNK_BYTES);
    private byte[] ready = new byte[0];
    private int position;
    private long sent;
    private boolean ended;
    private @Nullable RowImage row; // of which all before this place is written:
    private int column;
    private int offset;

    LoadDataStream(TableSchema table, RowSource rows) {
        this.carriers = table.columns().stream().map(Column::carrier).toList();
        this.rows = rows;
    }

    @Override
    public int read() {
        return fill() ? ready[position++] & 0xFF : -1;
    }

    @Override
    public int read(byte[] target, int offset, int length) {
        if (length == 0) {
            return 0;
        }
        if (!fill()) {
            return -1;
        }
        int count = Math.min(length, ready.length - position);
        System.arraycopy(ready, position, target, offset, count);
        position += count;
        return count;
    }

    private boolean fill() {
        if (position < ready.length) {
            return true;
        }
        chunk.reset();
        while (chunk.size() < CHUNK_BYTES && hasRow()) {
            writeSome();
        }
        ready = chunk.toByteArray();
        position = 0;
        sent += ready.length;
        return ready.length > 0;
    }

    private boolean hasRow() {
        if (row == null && !ended && sent < STATEMENT_BYTES) {
            row = rows.next();
            ended = row == null;
        }
        return row != null;
    }

    /** Begins what another statement reads; false when all rows have been read. */
    boolean goOn() {
        sent = 0;
        return !ended;
    }

    /** A piece of a large value, or a value and what stands behind it. */
    private void writeSome() {
        RowImage current = Objects.requireNonNull(row);
        Object value = current.value(column);
        if (value instanceof byte[] bytes) {
            int to = Math.min(bytes.length, offset + PIECE);
            ascii(HexFormat.of().formatHex(bytes, offset, to));
            offset = to;
            if (to < bytes.length) {
                return;
            }
        } else if (value instanceof String text) {
            int to = CopyEncoder.pieceEnd(text, offset, PIECE);
            escape(text.substring(offset, to).getBytes(StandardCharsets.UTF_8));
            offset = to;
            if (to < text.length()) {
                return;
            }
        } else {
            write(carriers.get(column), value);
        }
        offset = 0;
        if (++column < carriers.size()) {
            chunk.write('\t');
        } else {
            chunk.write('\n');
            column = 0;
            row = null;
        }
    }

    private void write(Carrier carrier, @Nullable Object value) {
        if (value == null) {
            chunk.writeBytes(new byte[] {'\\', 'N'});
            return;
        }
        if (value == Unchanged.UNCHANGED) {
            throw new IllegalStateException("A folded row holds a value that was not resolved");
        }
        switch (carrier) {
            case BOOLEAN -> chunk.write((Boolean) value ? '1' : '0');
            case INT64, FLOAT64 -> ascii(value.toString());
            // The server reads a double first: the shortest text of a float need not be the nearest one to that.
            case FLOAT32 -> ascii(Double.toString((Float) value));
            case BYTES, TEXT -> throw new IllegalStateException("Not a value of " + carrier + ": " + value.getClass());
        }
    }

    private void ascii(String text) {
        chunk.writeBytes(text.getBytes(StandardCharsets.US_ASCII));
    }

    private void escape(byte[] text) {
        for (byte each : text) {
            switch (each) {
                case 0 -> escape('0');
                case '\\' -> escape('\\');
                case '\t' -> escape('t');
                case '\n' -> escape('n');
                case '\r' -> escape('r');
                default -> chunk.write(each);
            }
        }
    }

    private void escape(char letter) {
        chunk.write('\\');
        chunk.write(letter);
    }
}
