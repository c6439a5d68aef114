package dev.cdp.capture.postgres;

import dev.cdp.core.Carrier;
import java.util.HexFormat;

/** Turns what PostgreSQL prints into what a column's carrier holds. */
final class PostgresValues {
    private static final String BYTEA_PREFIX = "\\x";

    private PostgresValues() {}

    /** The carrier that is exact for every value of a built-in type; of a domain, ask for the type below it. */
    static Carrier carrierOf(long typeOid) {
        return switch ((int) typeOid) {
            case 16 -> Carrier.BOOLEAN;
            case 20, 21, 23, 26 -> Carrier.INT64; // int8, int2, int4, oid
            case 700 -> Carrier.FLOAT32;
            case 701 -> Carrier.FLOAT64;
            case 17 -> Carrier.BYTES;
            default -> Carrier.TEXT;
        };
    }

    static Object decode(Carrier carrier, String printed) {
        return switch (carrier) {
            case TEXT -> printed;
            case INT64 -> Long.valueOf(printed);
            case BOOLEAN -> truth(printed);
            case FLOAT32 -> Float.valueOf(printed);
            case FLOAT64 -> Double.valueOf(printed);
            case BYTES -> bytes(printed);
        };
    }

    private static Boolean truth(String printed) {
        return switch (printed) {
            case "t" -> true;
            case "f" -> false;
            default -> throw new IllegalArgumentException("Not a boolean as PostgreSQL prints it");
        };
    }

    private static byte[] bytes(String printed) {
        if (!printed.startsWith(BYTEA_PREFIX)) {
            throw new IllegalArgumentException("Not a bytea in hexadecimal form");
        }
        return HexFormat.of().parseHex(printed, BYTEA_PREFIX.length(), printed.length());
    }
}
