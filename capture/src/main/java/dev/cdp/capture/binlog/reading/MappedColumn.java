package dev.cdp.capture.binlog.reading;

import java.util.List;

/**
 * One column as a table map describes it.
 *
 * @param name empty when the log does not hold names
 * @param meta what the type needs to be read: length, precision and scale, fraction digits
 * @param collation the number of its collation, which names its character set; 0 for types that have none
 * @param labels of ENUM and SET, in the column's own character set
 */
record MappedColumn(String name, int type, int meta, Sign sign, int collation, List<byte[]> labels) {
    static final int TINY = 1;
    static final int SHORT = 2;
    static final int LONG = 3;
    static final int FLOAT = 4;
    static final int DOUBLE = 5;
    static final int OLD_TIMESTAMP = 7;
    static final int LONGLONG = 8;
    static final int INT24 = 9;
    static final int DATE = 10;
    static final int OLD_TIME = 11;
    static final int OLD_DATETIME = 12;
    static final int YEAR = 13;
    static final int NEWDATE = 14;
    static final int VARCHAR = 15;
    static final int BIT = 16;
    static final int TIMESTAMP2 = 17;
    static final int DATETIME2 = 18;
    static final int TIME2 = 19;
    static final int COMPRESSED_BLOB = 140;
    static final int COMPRESSED_VARCHAR = 141;
    static final int VECTOR = 242;
    static final int JSON = 245;
    static final int DECIMAL = 246;
    static final int ENUM = 247;
    static final int SET = 248;
    static final int BLOB = 252;
    static final int VAR_STRING = 253;
    static final int STRING = 254;
    static final int GEOMETRY = 255;

    static final int BINARY_COLLATION = 63;

    enum Sign {
        SIGNED,
        UNSIGNED
    }

    boolean isNumeric() {
        return switch (type) {
            case TINY, SHORT, INT24, LONG, LONGLONG, DECIMAL, FLOAT, DOUBLE, YEAR -> true;
            default -> false;
        };
    }

    /** In MariaDB's log geometry has one as well: binary. */
    boolean hasCharacterSet(LogFormat format) {
        return switch (type) {
            case VARCHAR, VAR_STRING, STRING, BLOB, COMPRESSED_BLOB, COMPRESSED_VARCHAR -> true;
            case GEOMETRY -> format == LogFormat.MARIADB;
            default -> false;
        };
    }

    boolean hasLabels() {
        return type == ENUM || type == SET;
    }

    boolean isBinary() {
        return collation == BINARY_COLLATION;
    }

    /** The most bytes that a CHAR or BINARY value takes; above 255 two bits of it stand in the type. */
    int stringBytes() {
        int high = meta >> 8;
        return (meta & 0xFF) | ((high & 0x30) ^ 0x30) << 4;
    }
}
