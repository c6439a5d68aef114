package dev.cdp.capture.binlog.reading;

import dev.cdp.core.Carrier;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * How values of a type travel, by the type as the catalog prints it: integers, floats and bytes as they are, all else
 * as the server prints it in UTC. BIT is bytes with the highest first; a geometry is the server's own form, four bytes
 * of SRID before the well-known binary, which it takes back as it is.
 */
public final class SourceTypes {
    // A quote in a label is doubled, so this cannot be part of another one: that would have a quote before it.
    private static final Pattern EMPTY_LABEL = Pattern.compile("[(,]''[),]");

    private SourceTypes() {}

    /** The type's own name, without length, sign and the like. */
    static String name(String sourceType) {
        int end = 0;
        while (end < sourceType.length() && Character.isLetterOrDigit(sourceType.charAt(end))) {
            end++;
        }
        return sourceType.substring(0, end).toLowerCase(Locale.ROOT);
    }

    public static Carrier carrier(String sourceType) {
        return switch (name(sourceType)) {
            case "tinyint", "smallint", "mediumint", "int" -> Carrier.INT64;
            case "bigint" -> isUnsigned(sourceType) ? Carrier.TEXT : Carrier.INT64;
            case "float" -> Carrier.FLOAT32;
            case "double" -> Carrier.FLOAT64;
            case "bit",
                    "binary",
                    "varbinary",
                    "tinyblob",
                    "blob",
                    "mediumblob",
                    "longblob",
                    "vector",
                    "geometry",
                    "point",
                    "linestring",
                    "polygon",
                    "multipoint",
                    "multilinestring",
                    "multipolygon",
                    "geometrycollection",
                    "geomcollection" -> Carrier.BYTES;
            default -> Carrier.TEXT;
        };
    }

    /** The expression that reads a column's values from a table in the form in which the log gives them. */
    public static String projection(String quotedColumn, String sourceType) {
        return switch (name(sourceType)) {
            case "bigint" -> isUnsigned(sourceType) ? "CAST(" + quotedColumn + " AS UNSIGNED)" : quotedColumn;
            case "decimal" -> decimal(quotedColumn, sourceType);
            case "date", "time", "datetime", "timestamp", "year", "uuid", "inet6", "inet4" ->
                "CAST(" + quotedColumn + " AS CHAR)";
            default -> quotedColumn;
        };
    }

    // A decimal that is filled with zeros would print them.
    private static String decimal(String quotedColumn, String sourceType) {
        if (!sourceType.toLowerCase(Locale.ROOT).contains("zerofill")) {
            return quotedColumn;
        }
        String precision = sourceType.substring(sourceType.indexOf('('), sourceType.indexOf(')') + 1);
        return "CAST(" + quotedColumn + " AS DECIMAL" + precision + ")";
    }

    /** Whether a type is an ENUM one of whose labels is the empty text. */
    public static boolean hasEmptyLabel(String sourceType) {
        return name(sourceType).equals("enum")
                && EMPTY_LABEL.matcher(sourceType).find();
    }

    private static boolean isUnsigned(String sourceType) {
        return sourceType.toLowerCase(Locale.ROOT).contains("unsigned");
    }

    /** Whether a column that the log shows like this can be of that type; false after a change the log does not tell. */
    static boolean fits(MappedColumn column, String sourceType) {
        String name = name(sourceType);
        return switch (column.type()) {
            case MappedColumn.TINY -> name.equals("tinyint");
            case MappedColumn.SHORT -> name.equals("smallint");
            case MappedColumn.INT24 -> name.equals("mediumint");
            case MappedColumn.LONG -> name.equals("int");
            case MappedColumn.LONGLONG ->
                name.equals("bigint") && isUnsigned(sourceType) == (column.sign() == MappedColumn.Sign.UNSIGNED);
            case MappedColumn.FLOAT -> name.equals("float");
            case MappedColumn.DOUBLE -> name.equals("double");
            case MappedColumn.DECIMAL -> name.equals("decimal");
            case MappedColumn.BIT -> name.equals("bit");
            case MappedColumn.DATE, MappedColumn.NEWDATE -> name.equals("date");
            case MappedColumn.YEAR -> name.equals("year");
            case MappedColumn.DATETIME2, MappedColumn.OLD_DATETIME -> name.equals("datetime");
            case MappedColumn.TIMESTAMP2, MappedColumn.OLD_TIMESTAMP -> name.equals("timestamp");
            case MappedColumn.TIME2, MappedColumn.OLD_TIME -> name.equals("time");
            case MappedColumn.ENUM -> name.equals("enum");
            case MappedColumn.SET -> name.equals("set");
            case MappedColumn.STRING ->
                switch (name) {
                    case "uuid", "inet6" -> column.isBinary() && column.stringBytes() == 16;
                    case "inet4" -> column.isBinary() && column.stringBytes() == 4;
                    default -> name.equals(column.isBinary() ? "binary" : "char");
                };
            case MappedColumn.VARCHAR, MappedColumn.VAR_STRING, MappedColumn.COMPRESSED_VARCHAR ->
                name.equals(column.isBinary() ? "varbinary" : "varchar") || name.equals("vector");
            case MappedColumn.BLOB, MappedColumn.COMPRESSED_BLOB ->
                name.endsWith(column.isBinary() ? "blob" : "text") || name.equals("json");
            case MappedColumn.JSON -> name.equals("json");
            case MappedColumn.GEOMETRY -> carrier(sourceType) == Carrier.BYTES;
            default -> false;
        };
    }

    /** The type as far as the log itself tells it. */
    static String derived(MappedColumn column) {
        String sign = column.sign() == MappedColumn.Sign.UNSIGNED ? " unsigned" : "";
        int meta = column.meta();
        return switch (column.type()) {
            case MappedColumn.TINY -> "tinyint" + sign;
            case MappedColumn.SHORT -> "smallint" + sign;
            case MappedColumn.INT24 -> "mediumint" + sign;
            case MappedColumn.LONG -> "int" + sign;
            case MappedColumn.LONGLONG -> "bigint" + sign;
            case MappedColumn.FLOAT -> "float" + sign;
            case MappedColumn.DOUBLE -> "double" + sign;
            case MappedColumn.DECIMAL -> "decimal(" + (meta >> 8) + "," + (meta & 0xFF) + ")" + sign;
            case MappedColumn.BIT -> "bit(" + ((meta >> 8) * 8 + (meta & 0xFF)) + ")";
            case MappedColumn.DATE, MappedColumn.NEWDATE -> "date";
            case MappedColumn.YEAR -> "year(4)";
            case MappedColumn.DATETIME2 -> "datetime(" + meta + ")";
            case MappedColumn.TIMESTAMP2 -> "timestamp(" + meta + ")";
            case MappedColumn.TIME2 -> "time(" + meta + ")";
            case MappedColumn.ENUM -> "enum";
            case MappedColumn.SET -> "set";
            case MappedColumn.STRING -> (column.isBinary() ? "binary(" : "char(") + column.stringBytes() + ")";
            case MappedColumn.VARCHAR, MappedColumn.VAR_STRING ->
                (column.isBinary() ? "varbinary(" : "varchar(") + meta + ")";
            case MappedColumn.BLOB -> column.isBinary() ? "longblob" : "longtext";
            case MappedColumn.JSON -> "json";
            case MappedColumn.GEOMETRY -> "geometry";
            default -> "unknown";
        };
    }
}
