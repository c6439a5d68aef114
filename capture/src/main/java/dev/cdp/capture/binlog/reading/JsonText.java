package dev.cdp.capture.binlog.reading;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * A JSON value as MySQL prints it, from the binary form in its log (the server's sql-common/json_binary.h). What text
 * has no type for is printed as text or number, as the server does, where it can be taken for nothing else.
 */
final class JsonText {
    private static final int SMALL_OBJECT = 0;
    private static final int LARGE_OBJECT = 1;
    private static final int SMALL_ARRAY = 2;
    private static final int LARGE_ARRAY = 3;
    private static final int LITERAL = 4;
    private static final int INT16 = 5;
    private static final int UINT16 = 6;
    private static final int INT32 = 7;
    private static final int UINT32 = 8;
    private static final int INT64 = 9;
    private static final int UINT64 = 10;
    private static final int DOUBLE = 11;
    private static final int STRING = 12;
    private static final int OPAQUE = 15;
    private static final int LONGEST_LENGTH_BYTES = 5;
    private static final int DOUBLE_DIGITS = 17;
    // The server's MAX_DECPT_FOR_F_FORMAT: where it stops to write digits out and takes an exponent.
    private static final int WRITTEN_OUT = 15;
    private static final int DATE_TIME_BITS = 17;

    private final ByteBuffer in;
    private final StringBuilder text = new StringBuilder();

    private JsonText(byte[] stored) {
        in = ByteBuffer.wrap(stored).order(ByteOrder.LITTLE_ENDIAN);
    }

    /**
     * The text of a stored value.
     *
     * @throws CharacterCodingException when a string in it is no UTF-8
     * @throws OpaqueJsonException when it holds a value that no JSON text can stand for
     */
    static String read(byte[] stored) throws CharacterCodingException, OpaqueJsonException {
        if (stored.length == 0) {
            return "null"; // what the server makes of a value that was never given
        }
        JsonText json = new JsonText(stored);
        try {
            json.value(stored[0], 1);
        } catch (BufferUnderflowException | IndexOutOfBoundsException | IllegalArgumentException e) {
            throw new UnreadableEventException("a JSON value of " + stored.length + " bytes ends inside of a part");
        }
        return json.text.toString();
    }

    private void value(int type, int at) throws CharacterCodingException, OpaqueJsonException {
        switch (type) {
            case SMALL_OBJECT -> container(at, Width.SMALL, Kind.OBJECT);
            case LARGE_OBJECT -> container(at, Width.LARGE, Kind.OBJECT);
            case SMALL_ARRAY -> container(at, Width.SMALL, Kind.ARRAY);
            case LARGE_ARRAY -> container(at, Width.LARGE, Kind.ARRAY);
            case LITERAL -> literal(in.get(at));
            case INT16 -> text.append(in.getShort(at));
            case UINT16 -> text.append(in.getShort(at) & 0xFFFF);
            case INT32 -> text.append(in.getInt(at));
            case UINT32 -> text.append(in.getInt(at) & 0xFFFF_FFFFL);
            case INT64 -> text.append(in.getLong(at));
            case UINT64 -> text.append(Long.toUnsignedString(in.getLong(at)));
            case DOUBLE -> text.append(print(in.getDouble(at)));
            case STRING -> {
                in.position(at);
                quote(bytes(length()));
            }
            case OPAQUE -> opaque(at);
            default -> throw new UnreadableEventException("a JSON value of the unknown type " + type);
        }
    }

    private enum Kind {
        OBJECT,
        ARRAY
    }

    /** How many bytes counts, sizes and offsets have. */
    private enum Width {
        SMALL(2),
        LARGE(4);

        private final int bytes;

        Width(int bytes) {
            this.bytes = bytes;
        }

        private int read(ByteBuffer in, int at) {
            return this == SMALL ? in.getShort(at) & 0xFFFF : Math.toIntExact(in.getInt(at) & 0xFFFF_FFFFL);
        }

        private boolean holds(int type) {
            return type == LITERAL
                    || type == INT16
                    || type == UINT16
                    || this == LARGE && (type == INT32 || type == UINT32);
        }
    }

    /** Count, size, one entry for each key, one for each value, and then what the entries point to. */
    private void container(int start, Width width, Kind kind) throws CharacterCodingException, OpaqueJsonException {
        int count = width.read(in, start);
        int keys = start + 2 * width.bytes;
        int values = kind == Kind.OBJECT ? keys + count * (width.bytes + 2) : keys;
        text.append(kind == Kind.OBJECT ? '{' : '[');
        for (int i = 0; i < count; i++) {
            if (i > 0) {
                text.append(", ");
            }
            if (kind == Kind.OBJECT) {
                int key = keys + i * (width.bytes + 2);
                in.position(start + width.read(in, key));
                quote(bytes(in.getShort(key + width.bytes) & 0xFFFF));
                text.append(": ");
            }
            int entry = values + i * (1 + width.bytes);
            int type = in.get(entry);
            value(type, width.holds(type) ? entry + 1 : start + width.read(in, entry + 1));
        }
        text.append(kind == Kind.OBJECT ? '}' : ']');
    }

    private void literal(int value) {
        text.append(
                switch (value) {
                    case 0 -> "null";
                    case 1 -> "true";
                    case 2 -> "false";
                    default -> throw new UnreadableEventException("the unknown JSON literal " + value);
                });
    }

    /** Seven bits in each byte, the highest bit says that more follow. */
    private int length() {
        long length = 0;
        for (int i = 0; i < LONGEST_LENGTH_BYTES; i++) {
            int next = in.get();
            length |= (next & 0x7FL) << 7 * i;
            if (next >= 0) {
                return Math.toIntExact(length);
            }
        }
        throw new UnreadableEventException("a JSON value with a length of too many bytes");
    }

    private byte[] bytes(int count) {
        if (count > in.remaining()) {
            throw new BufferUnderflowException();
        }
        byte[] bytes = new byte[count];
        in.get(bytes);
        return bytes;
    }

    private void quote(byte[] utf8) throws CharacterCodingException {
        String content = StandardCharsets.UTF_8
                .newDecoder()
                .decode(ByteBuffer.wrap(utf8))
                .toString();
        text.append('"');
        for (int i = 0; i < content.length(); i++) {
            char c = content.charAt(i);
            switch (c) {
                case '"', '\\' -> text.append('\\').append(c);
                case '\b' -> text.append("\\b");
                case '\t' -> text.append("\\t");
                case '\n' -> text.append("\\n");
                case '\f' -> text.append("\\f");
                case '\r' -> text.append("\\r");
                default -> text.append(c < ' ' ? "\\u%04x".formatted((int) c) : String.valueOf(c));
            }
        }
        text.append('"');
    }

    /** A value of a column type, put there by a CAST. */
    private void opaque(int at) throws OpaqueJsonException {
        int type = in.get(at) & 0xFF;
        in.position(at + 1);
        byte[] value = bytes(length());
        EventBytes packed = new EventBytes(value);
        switch (type) {
            case MappedColumn.DECIMAL -> {
                int precision = packed.unsignedByte();
                text.append(DecimalText.decimal(packed, precision, packed.unsignedByte()));
            }
            case MappedColumn.DATE, MappedColumn.NEWDATE ->
                text.append('"').append(date(packed.integer(8))).append('"');
            case MappedColumn.OLD_TIME, MappedColumn.TIME2 ->
                text.append('"').append(time(packed.integer(8))).append('"');
            case MappedColumn.OLD_DATETIME,
                    MappedColumn.DATETIME2,
                    MappedColumn.OLD_TIMESTAMP,
                    MappedColumn.TIMESTAMP2 -> {
                long bits = packed.integer(8);
                text.append('"')
                        .append(date(bits))
                        .append(' ')
                        .append(clock(bits >> 24 & 0x1FFFF, bits))
                        .append('"');
            }
            default -> throw new OpaqueJsonException(type);
        }
    }

    private static String date(long bits) {
        long days = bits >> 24 + DATE_TIME_BITS;
        long months = days >> 5;
        return "%04d-%02d-%02d".formatted(months / 13, months % 13, days & 0x1F);
    }

    private static String time(long bits) {
        long magnitude = Math.abs(bits);
        return (bits < 0 ? "-" : "") + clock(magnitude >> 24, magnitude);
    }

    private static String clock(long whole, long bits) {
        return "%02d:%02d:%02d.%06d".formatted(whole >> 12 & 0x3FF, whole >> 6 & 0x3F, whole & 0x3F, bits & 0xFF_FFFF);
    }

    /**
     * As the server's my_gcvt does: the fewest digits that give the same double again, written out unless the point is
     * far from them. A whole number gets a fraction, so that it stays a double.
     */
    private static String print(double value) {
        if (value == 0) {
            return 1 / value < 0 ? "-0.0" : "0.0";
        }
        BigDecimal shortest = shortest(Math.abs(value));
        String digits = shortest.unscaledValue().toString();
        int point = digits.length() - shortest.scale(); // the value is 0.DIGITS times ten to this
        String sign = value < 0 ? "-" : "";
        if (point > -WRITTEN_OUT && (point <= WRITTEN_OUT || digits.length() > point)) {
            String plain = shortest.toPlainString();
            return sign + plain + (plain.indexOf('.') < 0 ? ".0" : "");
        }
        String fraction = digits.length() > 1 ? "." + digits.substring(1) : "";
        return sign + digits.charAt(0) + fraction + "e" + (point - 1);
    }

    private static BigDecimal shortest(double value) {
        BigDecimal exact = new BigDecimal(value);
        for (int precision = 1; precision < DOUBLE_DIGITS; precision++) {
            BigDecimal rounded = exact.round(new MathContext(precision, RoundingMode.HALF_EVEN));
            if (rounded.doubleValue() == value) {
                return rounded.stripTrailingZeros();
            }
        }
        return exact.round(new MathContext(DOUBLE_DIGITS, RoundingMode.HALF_EVEN))
                .stripTrailingZeros();
    }
}
