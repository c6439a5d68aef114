package dev.cdp.restore.target;

import dev.cdp.core.Carrier;
import dev.cdp.core.Column;
import dev.cdp.core.RowImage;
import dev.cdp.core.TableSchema;
import dev.cdp.core.Unchanged;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;

/**
 * PostgreSQL's text format of COPY, both ways: columns between tabs, rows end with a line feed, NULL is {@code \N}, and
 * backslash, tab, line feed and carriage return are escaped (PostgreSQL manual, "COPY", Text Format).
 */
final class CopyText {
    private static final byte[] NULL = {'\\', 'N'};

    private final List<Carrier> carriers;

    CopyText(TableSchema table) {
        this.carriers = table.columns().stream().map(Column::carrier).toList();
    }

    void write(RowImage row, ByteArrayOutputStream out) {
        for (int i = 0; i < carriers.size(); i++) {
            if (i > 0) {
                out.write('\t');
            }
            writeValue(carriers.get(i), row.value(i), out);
        }
        out.write('\n');
    }

    private static void writeValue(
            Carrier carrier, @org.jspecify.annotations.Nullable Object value, ByteArrayOutputStream out) {
        if (value == null) {
            out.writeBytes(NULL);
            return;
        }
        if (value == Unchanged.UNCHANGED) {
            throw new IllegalStateException("A folded row holds a value that was not resolved");
        }
        String text =
                switch (carrier) {
                    case BOOLEAN -> (Boolean) value ? "t" : "f";
                    case INT64, FLOAT32, FLOAT64 -> value.toString();
                    case BYTES -> "\\\\x" + HexFormat.of().formatHex((byte[]) value);
                    case TEXT -> "";
                };
        if (carrier == Carrier.TEXT) {
            escape(((String) value).getBytes(StandardCharsets.UTF_8), out);
        } else {
            out.writeBytes(text.getBytes(StandardCharsets.US_ASCII));
        }
    }

    private static void escape(byte[] text, ByteArrayOutputStream out) {
        for (byte each : text) {
            switch (each) {
                case '\\' -> escape('\\', out);
                case '\t' -> escape('t', out);
                case '\n' -> escape('n', out);
                case '\r' -> escape('r', out);
                default -> out.write(each);
            }
        }
    }

    private static void escape(char letter, ByteArrayOutputStream out) {
        out.write('\\');
        out.write(letter);
    }

    /** @param line one row as COPY TO sends it, with its line feed */
    RowImage read(byte[] line) {
        Object[] values = new Object[carriers.size()];
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        int column = 0;
        boolean isNull = false;
        for (int i = 0; i < line.length; i++) {
            byte each = line[i];
            if (each == '\t' || each == '\n') {
                values[column] = isNull ? null : value(carriers.get(column), text.toString(StandardCharsets.UTF_8));
                column++;
                isNull = false;
                text.reset();
            } else if (each == '\\') {
                i++;
                isNull = line[i] == 'N';
                text.write(unescaped(line[i]));
            } else {
                text.write(each);
            }
        }
        if (column != values.length) {
            throw new IllegalStateException(
                    "COPY sent a row of " + column + " columns; " + values.length + " were asked for");
        }
        return RowImage.of(values);
    }

    private static int unescaped(byte letter) {
        return switch (letter) {
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'v' -> 0x0B;
            default -> letter;
        };
    }

    private static Object value(Carrier carrier, String text) {
        return switch (carrier) {
            case BOOLEAN -> text.equals("t");
            case INT64 -> Long.valueOf(text);
            case FLOAT32 -> Float.valueOf(text);
            case FLOAT64 -> Double.valueOf(text);
            case BYTES -> HexFormat.of().parseHex(text, 2, text.length());
            case TEXT -> text;
        };
    }
}
