package dev.cdp.app.ddl;

import dev.cdp.core.TableName;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** What MariaDB prints of all tables of some cases; the tables of a case have its number as a prefix. */
final class MariaDbLook {
    private static final Pattern CASE = Pattern.compile("c(\\d\\d)_.*", Pattern.DOTALL);
    private static final Set<String> BYTES =
            Set.of("binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob", "bit", "point", "geometry");
    private static final String UTC = "SET STATEMENT time_zone = '+00:00' FOR ";
    private static final String COLUMNS = UTC
            + "SELECT t.TABLE_NAME, t.TABLE_TYPE = 'BASE TABLE' AND t.ENGINE = 'InnoDB', c.COLUMN_NAME, c.COLUMN_TYPE,"
            + " c.DATA_TYPE FROM information_schema.TABLES t LEFT JOIN information_schema.COLUMNS c ON"
            + " c.TABLE_SCHEMA = t.TABLE_SCHEMA AND c.TABLE_NAME = t.TABLE_NAME AND c.IS_GENERATED = 'NEVER'"
            + " WHERE t.TABLE_SCHEMA = DATABASE() AND t.TABLE_TYPE IN ('BASE TABLE', 'SYSTEM VERSIONED') AND (%s)"
            + " ORDER BY t.TABLE_NAME, c.ORDINAL_POSITION";

    private record Columns(TableState.Standing standing, List<String> types, List<String> printed) {}

    private MariaDbLook() {}

    static String prefix(int caseNumber) {
        return "c%02d_".formatted(caseNumber);
    }

    static OptionalInt numberOf(TableName table) {
        Matcher matcher = CASE.matcher(table.name());
        return matcher.matches() ? OptionalInt.of(Integer.parseInt(matcher.group(1))) : OptionalInt.empty();
    }

    /** @param database the one that the statement's session uses */
    static Map<TableName, TableState> look(Statement statement, String database, Witness.Scope looked)
            throws SQLException {
        Map<TableName, TableState> tables = new HashMap<>();
        for (Map.Entry<String, Columns> table : columns(statement, looked).entrySet()) {
            List<String> rows = new ArrayList<>();
            List<String> printed = table.getValue().printed();
            String values = printed.isEmpty() ? "''" : String.join(", ", printed);
            String sql = UTC + "SELECT CONCAT_WS('|', " + values + ") FROM `"
                    + table.getKey().replace("`", "``") + "`";
            try (ResultSet row = statement.executeQuery(sql)) {
                while (row.next()) {
                    rows.add(row.getString(1));
                }
            }
            tables.put(
                    new TableName(database, table.getKey()),
                    new TableState(table.getValue().standing(), table.getValue().types(), rows));
        }
        return Map.copyOf(tables);
    }

    private static Map<String, Columns> columns(Statement statement, Witness.Scope cases) throws SQLException {
        String names = IntStream.rangeClosed(cases.first(), cases.last())
                .mapToObj(number -> "t.TABLE_NAME LIKE 'c%02d!_%%' ESCAPE '!'".formatted(number))
                .collect(Collectors.joining(" OR "));
        Map<String, Columns> found = new LinkedHashMap<>();
        try (ResultSet row = statement.executeQuery(COLUMNS.formatted(names))) {
            while (row.next()) {
                TableState.Standing standing =
                        row.getBoolean(2) ? TableState.Standing.PROTECTED : TableState.Standing.LEFT_OUT;
                Columns columns = found.computeIfAbsent(
                        row.getString(1), name -> new Columns(standing, new ArrayList<>(), new ArrayList<>()));
                if (row.getString(3) != null) { // all of them may be computed
                    columns.types().add(row.getString(3) + " " + row.getString(4));
                    columns.printed().add(printed(row.getString(3), row.getString(5)));
                }
            }
        }
        return found;
    }

    private static String printed(String column, String dataType) {
        String quoted = "`" + column.replace("`", "``") + "`";
        String text = BYTES.contains(dataType)
                ? "CONCAT(CHAR(92), 'x', LOWER(HEX(CONCAT(" + quoted + "))))"
                : "CONVERT(CAST(" + quoted + " AS CHAR) USING utf8mb4)";
        return "IFNULL(" + text + ", '" + TableState.NULL + "')";
    }
}
