package dev.cdp.core.fold;

import dev.cdp.core.Carrier;
import dev.cdp.core.Column;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HexFormat;
import java.util.Locale;
import java.util.stream.Collectors;

/** Spells values and names for DuckDB. */
final class Sql {
    static final String FILE = "_cdp_file";

    private Sql() {}

    static String text(String value) {
        return "'" + value.replace("'", "''") + "'";
    }

    static String name(String name) {
        return "\"" + name.replace("\"", "\"\"") + "\"";
    }

    /** A scan of files that share one schema. */
    static String scan(Collection<Path> files) {
        return "read_parquet(" + list(files) + ", hive_partitioning = false)";
    }

    /** The same, with a column {@link #FILE} that no table can have. */
    static String namedScan(Collection<Path> files) {
        return "read_parquet(" + list(files) + ", hive_partitioning = false, filename = " + text(FILE) + ")";
    }

    /** By file, bytes of the largest row group, uncompressed. */
    static String largestRowGroups(Collection<Path> files) {
        return "SELECT file_name, max(b)::BIGINT FROM (SELECT file_name, sum(total_uncompressed_size) AS b"
                + " FROM parquet_metadata(" + list(files) + ") GROUP BY file_name, row_group_id) GROUP BY file_name";
    }

    private static String list(Collection<Path> files) {
        return files.stream()
                .map(file -> text(file.toAbsolutePath().toString()))
                .collect(Collectors.joining(", ", "[", "]"));
    }

    static String type(Carrier carrier) {
        return switch (carrier) {
            case BOOLEAN -> "BOOLEAN";
            case INT64 -> "BIGINT";
            case FLOAT32 -> "FLOAT";
            case FLOAT64 -> "DOUBLE";
            case BYTES -> "BLOB";
            case TEXT -> "VARCHAR";
        };
    }

    /** What a row holds that is older than the column. */
    static String fill(Column column) {
        String fill = column.fill();
        String type = type(column.carrier());
        if (fill == null) {
            return "NULL::" + type;
        }
        if (column.carrier() == Carrier.BYTES) {
            return "unhex(" + text(fill.replaceFirst("^\\\\x", "").toUpperCase(Locale.ROOT)) + ")";
        }
        return text(fill) + "::" + type;
    }

    /** A value, so that comparing it with a column needs no cast of the column. */
    static String literal(Carrier carrier, Object value) {
        return switch (carrier) {
            case BOOLEAN, INT64 -> value.toString();
            case FLOAT32, FLOAT64 -> text(value.toString()) + "::" + type(carrier);
            case BYTES -> "unhex(" + text(HexFormat.of().formatHex((byte[]) value)) + ")";
            case TEXT -> text((String) value);
        };
    }

    /** The form in which a value leaves DuckDB: its vectors give no access to byte strings. */
    static String output(Carrier carrier, String expression) {
        return carrier == Carrier.BYTES ? "to_base64(" + expression + ")" : expression;
    }
}
