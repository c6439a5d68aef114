package dev.cdp.app.ddl;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The tables of a case as a session sees them just now. */
final class PostgresCatalog {
    private static final String COLUMNS = """
        SELECT n.nspname, c.relname, c.relkind, c.relispartition, a.attname, format_type(a.atttypid, a.atttypmod),
            a.attgenerated <> '' OR a.attidentity = 'a', coalesce(a.attnum = ANY (i.indkey::int2[]), false)
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        LEFT JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary
        WHERE c.relkind IN ('r', 'p') AND n.nspname IN ('%1$s', '%1$s_b') ORDER BY 1, 2, a.attnum\
        """;

    private PostgresCatalog() {}

    /** @param givenBySystem cannot be written */
    record Column(String name, String type, boolean givenBySystem, boolean key) {
        String sql() {
            return quoted(name);
        }
    }

    record Table(String schema, String name, boolean isPartitioned, boolean isPartition, List<Column> columns) {
        String sql() {
            return quoted(schema) + "." + quoted(name);
        }

        List<Column> written() {
            return columns.stream().filter(column -> !column.givenBySystem()).toList();
        }

        List<Column> key() {
            return columns.stream().filter(Column::key).toList();
        }
    }

    static String quoted(String name) {
        return '"' + name.replace("\"", "\"\"") + '"';
    }

    static List<Table> read(Statement statement, String schema) throws SQLException {
        Map<List<String>, Table> tables = new LinkedHashMap<>();
        try (ResultSet row = statement.executeQuery(COLUMNS.formatted(schema))) {
            while (row.next()) {
                String tableSchema = row.getString(1);
                String name = row.getString(2);
                boolean isPartitioned = row.getString(3).equals("p");
                boolean isPartition = row.getBoolean(4);
                tables.computeIfAbsent(
                                List.of(tableSchema, name),
                                id -> new Table(tableSchema, name, isPartitioned, isPartition, new ArrayList<>()))
                        .columns()
                        .add(new Column(row.getString(5), row.getString(6), row.getBoolean(7), row.getBoolean(8)));
            }
        }
        return List.copyOf(tables.values());
    }
}
