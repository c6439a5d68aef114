package dev.cdp.capture.postgres.definition;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A column as its table's definition needs it; names and types are printed as SQL.
 *
 * @param number the column's number in the catalog
 * @param expression the default, or what a generated column is computed from
 * @param settings what can only be said by ALTER COLUMN: storage, statistics target, options
 */
record TableColumn(
        int number,
        String name,
        String type,
        Origin origin,
        @Nullable String expression,
        List<String> settings) {

    /** What the column's row in the catalog says about where it comes from and what it may hold. */
    record Origin(boolean local, boolean notNull, Computed computed) {}

    /** Whether the database computes the column. */
    enum Computed {
        NO,
        STORED,
        VIRTUAL;

        private static Computed of(String letter) {
            return switch (letter) {
                case "s" -> STORED;
                case "v" -> VIRTUAL;
                default -> NO;
            };
        }
    }

    /** The columns of every covered table and view, in order, by the relation's oid. */
    static Map<Long, List<TableColumn>> byRelation(Catalog catalog) throws SQLException {
        String sql = """
                SELECT a.attrelid, a.attnum, quote_ident(a.attname),
                       concat(format_type(a.atttypid, a.atttypmod),
                           CASE a.attcompression WHEN 'p' THEN ' COMPRESSION pglz' WHEN 'l' THEN ' COMPRESSION lz4' END,
                           CASE WHEN a.attcollation NOT IN (0, t.typcollation)
                                THEN ' COLLATE ' || a.attcollation::regcollation::text END),
                       a.attislocal, a.attnotnull, a.attgenerated, pg_get_expr(d.adbin, d.adrelid),
                       CASE WHEN a.attstorage <> t.typstorage AND c.relkind IN ('r', 'p') THEN CASE a.attstorage
                            WHEN 'p' THEN 'PLAIN' WHEN 'e' THEN 'EXTERNAL' WHEN 'm' THEN 'MAIN' ELSE 'EXTENDED' END END,
                       nullif(a.attstattarget, -1),
                       (SELECT string_agg(quote_ident(o.option_name) || '=' || quote_literal(o.option_value), ', ')
                        FROM pg_options_to_table(a.attoptions) o)
                FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_type t ON t.oid = a.atttypid
                LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
                WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p', 'v', 'm') AND %s
                ORDER BY a.attrelid, a.attnum
                """.formatted(Catalog.covered("pg_class", "c.oid", "c.relnamespace"));
        Map<Long, List<TableColumn>> columns = new HashMap<>();
        catalog.forEach(sql, row -> columns.computeIfAbsent(row.getLong(1), any -> new ArrayList<>())
                .add(of(row)));
        return columns;
    }

    private static TableColumn of(ResultSet row) throws SQLException {
        List<String> settings = new ArrayList<>();
        if (row.getString(9) != null) {
            settings.add("SET STORAGE " + row.getString(9));
        }
        if (row.getString(10) != null) {
            settings.add("SET STATISTICS " + row.getString(10));
        }
        if (row.getString(11) != null) {
            settings.add("SET (" + row.getString(11) + ")");
        }
        return new TableColumn(
                row.getInt(2),
                row.getString(3),
                row.getString(4),
                new Origin(row.getBoolean(5), row.getBoolean(6), Computed.of(row.getString(7))),
                row.getString(8),
                settings);
    }

    boolean isComputed() {
        return origin.computed() != Computed.NO;
    }

    /** What stands behind the name in CREATE TABLE, without NOT NULL. */
    String clause() {
        return isComputed() ? type + computation() : type;
    }

    String computation() {
        return " GENERATED ALWAYS AS (" + expression + ") " + origin.computed();
    }
}
