package dev.cdp.app.ddl;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Draws statements for MariaDB. Some of them will fail, which is a history too. */
final class MariaDbStatements {
    private static final int MOST_TABLES = 8;
    private static final List<String> TYPES = List.of(
            "int",
            "int unsigned",
            "bigint",
            "bigint unsigned",
            "tinyint",
            "decimal(12,4)",
            "double",
            "varchar(20)",
            "varchar(300) CHARACTER SET latin1",
            "text",
            "text",
            "longtext",
            "blob",
            "varbinary(20)",
            "binary(3)",
            "json",
            "enum('a','b,c','ü')",
            "set('x','y','z')",
            "date",
            "datetime(6)",
            "timestamp(3) NULL",
            "time(2)",
            "year",
            "bit(5)",
            "char(5)",
            "uuid",
            "inet6",
            "varchar(30) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin");
    private static final List<String> KEY_TYPES = List.of(
            "int",
            "int",
            "bigint unsigned",
            "varchar(20)",
            "decimal(12,4)",
            "varbinary(20)",
            "datetime(6)",
            "uuid",
            "char(5)",
            "enum('a','b,c','ü')",
            "tinyint",
            "timestamp(3)",
            "varchar(30) COLLATE utf8mb4_bin",
            "bit(5)");

    private final String prefix;
    private final Dice dice;

    /** @param type the whole of it, as the server prints it */
    record Column(String name, String type, boolean computed, boolean key) {
        String sql() {
            return quoted(name);
        }
    }

    record Table(String name, List<Column> columns) {
        String sql() {
            return quoted(name);
        }

        List<Column> written() {
            return columns.stream().filter(column -> !column.computed()).toList();
        }
    }

    MariaDbStatements(String prefix, Dice dice) {
        this.prefix = prefix;
        this.dice = dice;
    }

    static String quoted(String name) {
        return '`' + name.replace("`", "``") + '`';
    }

    /** The tables of the case as a session sees them just now. */
    List<Table> catalog(Statement statement) throws SQLException {
        Map<String, Table> tables = new LinkedHashMap<>();
        try (ResultSet row = statement.executeQuery(
                "SELECT c.TABLE_NAME, c.COLUMN_NAME, c.COLUMN_TYPE, c.IS_GENERATED = 'ALWAYS', c.COLUMN_KEY = 'PRI'"
                        + " FROM information_schema.COLUMNS c JOIN information_schema.TABLES t ON t.TABLE_SCHEMA ="
                        + " c.TABLE_SCHEMA AND t.TABLE_NAME = c.TABLE_NAME AND t.TABLE_TYPE = 'BASE TABLE' WHERE"
                        + " c.TABLE_SCHEMA = DATABASE() AND c.TABLE_NAME LIKE '" + prefix.replace("_", "!_")
                        + "%' ESCAPE '!' ORDER BY c.TABLE_NAME, c.ORDINAL_POSITION")) {
            while (row.next()) {
                String name = row.getString(1);
                tables.computeIfAbsent(name, each -> new Table(name, new ArrayList<>()))
                        .columns()
                        .add(new Column(row.getString(2), row.getString(3), row.getBoolean(4), row.getBoolean(5)));
            }
        }
        return List.copyOf(tables.values());
    }

    String change(List<Table> tables) {
        if (tables.isEmpty()) {
            return createTable(tables);
        }
        Table table = dice.pick(tables);
        int kind = dice.below(100);
        if (kind < 42 || table.written().isEmpty()) {
            return insert(table);
        }
        if (kind < 82) {
            return "UPDATE " + (dice.oneIn(8) ? "IGNORE " : "") + table.sql() + " SET " + assignments(table)
                    + chosen(table, 4);
        }
        return "DELETE FROM " + table.sql() + chosen(table, 3);
    }

    private String insert(Table table) {
        List<Column> columns = table.written();
        String into = table.sql() + " (" + names(columns) + ") ";
        if (columns.isEmpty() || dice.oneIn(15)) {
            return "INSERT INTO " + table.sql() + " () VALUES ()";
        }
        if (dice.oneIn(8)) {
            return "INSERT IGNORE INTO " + into + "SELECT " + names(columns) + " FROM " + table.sql()
                    + chosen(table, 3);
        }
        List<String> rows = new ArrayList<>();
        for (int i = dice.oneIn(3) ? dice.between(2, 6) : 1; i > 0; i--) {
            rows.add(columns.stream().map(this::value).collect(Collectors.joining(", ", "(", ")")));
        }
        String verb = dice.pick("INSERT", "INSERT", "INSERT IGNORE", "REPLACE");
        return verb + " INTO " + into + "VALUES " + String.join(", ", rows)
                + (verb.equals("INSERT") && dice.oneIn(2) ? " ON DUPLICATE KEY UPDATE " + assignments(table) : "");
    }

    private String assignments(Table table) {
        List<Column> all = table.written();
        List<Column> others = all.stream().filter(column -> !column.key()).toList();
        boolean keepsKey = !others.isEmpty() && !dice.oneIn(4);
        return dice.some(keepsKey ? others : all).stream()
                .limit(3)
                .map(column -> column.sql() + " = " + (dice.oneIn(8) ? column.sql() : value(column)))
                .collect(Collectors.joining(", "));
    }

    private String value(Column column) {
        return dice.oneIn(column.key() ? 40 : 9) ? dice.pick("NULL", "DEFAULT") : literal(column.type());
    }

    private String chosen(Table table, int most) {
        if (dice.oneIn(15) || table.columns().isEmpty()) {
            return "";
        }
        String order = dice.some(table.columns()).stream()
                .map(column -> column.sql() + dice.pick("", " DESC"))
                .collect(Collectors.joining(", "));
        return " ORDER BY " + order + " LIMIT " + dice.between(1, most);
    }

    String createTable(List<Table> tables) {
        String name = newName(tables);
        if (!tables.isEmpty() && dice.oneIn(4)) {
            String like = dice.pick(tables).sql();
            return "CREATE TABLE " + name + dice.pick(" LIKE " + like, " AS SELECT * FROM " + like);
        }
        List<String> keys = new ArrayList<>();
        List<String> parts = new ArrayList<>();
        for (int i = Integer.parseInt(dice.pick("0", "1", "1", "1", "2", "3")); i > 0; i--) {
            keys.add("k" + i);
            parts.add("k" + i + " " + dice.pick(KEY_TYPES));
        }
        boolean counts = dice.oneIn(8);
        if (counts) {
            parts.add("n int AUTO_INCREMENT UNIQUE");
        }
        for (int i = dice.between(keys.isEmpty() ? 1 : 0, 5); i > 0; i--) {
            String type = dice.pick(TYPES);
            parts.add("c" + i + " " + type + (dice.oneIn(6) ? " NOT NULL" : "")
                    + (dice.oneIn(3) ? " DEFAULT " + literal(type) : ""));
        }
        if (dice.oneIn(8)) {
            parts.add("g int AS (1 + 2) " + dice.pick("VIRTUAL", "PERSISTENT"));
        }
        if (!keys.isEmpty()) {
            parts.add("PRIMARY KEY (" + String.join(", ", keys) + ")");
        }
        boolean isPartitioned = !counts && dice.oneIn(6) && parts.stream().anyMatch(part -> part.equals("k1 int"));
        return "CREATE " + (dice.oneIn(8) ? "OR REPLACE " : "") + "TABLE " + name + " (" + String.join(", ", parts)
                + ")" + (isPartitioned ? " PARTITION BY HASH (k1) PARTITIONS 3" : "");
    }

    private String newName(List<Table> tables) {
        return dice.oneIn(6) && !tables.isEmpty()
                ? dice.pick(tables).sql()
                : quoted(prefix + dice.pick("t1", "t2", "t3", "T 4", "order", "ü5", "t.6", "t'7", "_cdp_8"));
    }

    String define(List<Table> tables) {
        if (tables.isEmpty() || (dice.oneIn(6) && tables.size() < MOST_TABLES)) {
            return createTable(tables);
        }
        Table table = dice.pick(tables);
        Column column = dice.pick(table.columns());
        String alter = "ALTER TABLE " + table.sql() + " ";
        return switch (dice.below(24)) {
            case 0, 1, 2 -> alter + addColumn(table);
            case 3 -> alter + addColumn(table) + ", " + addColumn(table) + ", DROP COLUMN " + column.sql();
            case 4 -> alter + "DROP COLUMN " + column.sql();
            case 5 -> alter + "DROP COLUMN " + column.sql() + ", ADD COLUMN " + column.sql() + " " + type();
            case 6, 7 -> alter + "RENAME COLUMN " + column.sql() + " TO " + newColumn();
            case 8, 9 -> alter + "CHANGE " + column.sql() + " " + newColumn() + " " + type();
            case 10 ->
                alter + "MODIFY " + column.sql() + " " + dice.pick(column.type(), type())
                        + dice.pick("", " FIRST", " NOT NULL");
            case 11 ->
                alter + "ALTER " + column.sql() + dice.pick(" DROP DEFAULT", " SET DEFAULT " + literal(column.type()));
            case 12 -> alter + "DROP PRIMARY KEY" + (dice.oneIn(2) ? ", ADD PRIMARY KEY (" + column.sql() + ")" : "");
            case 13 ->
                alter + "ADD PRIMARY KEY ("
                        + names(dice.some(table.columns()).stream().limit(2).toList()) + ")";
            case 14 -> alter + "ADD " + dice.pick("UNIQUE", "INDEX") + " one (" + column.sql() + ")";
            case 15 -> alter + "DROP INDEX one";
            case 16 -> alter + "RENAME TO " + newName(tables);
            case 17, 18 -> renames(table, dice.pick(tables));
            case 19 ->
                "DROP TABLE " + table.sql()
                        + (dice.oneIn(3) ? ", " + dice.pick(tables).sql() : "");
            case 20, 21 -> "TRUNCATE " + table.sql();
            case 22 -> reference(tables, table);
            default ->
                dice.pick(
                        alter + "FORCE",
                        alter + "ENGINE = InnoDB",
                        alter + "COMMENT 'x'",
                        "ANALYZE TABLE " + table.sql(),
                        "OPTIMIZE TABLE " + table.sql(),
                        alter + "CONVERT TO CHARACTER SET utf8mb4",
                        alter + "TRUNCATE PARTITION p1",
                        alter + "REMOVE PARTITIONING",
                        alter + "DROP CONSTRAINT IF EXISTS refers");
        };
    }

    private String renames(Table one, Table other) {
        String ghost = quoted(prefix + "ghost");
        return "RENAME TABLE " + one.sql() + " TO " + ghost + ", " + other.sql() + " TO " + one.sql()
                + (dice.oneIn(3) ? "" : ", " + ghost + " TO " + other.sql());
    }

    private String reference(List<Table> tables, Table table) {
        List<Table> keyed = tables.stream()
                .filter(each -> each.columns().stream().filter(Column::key).count() == 1)
                .toList();
        if (keyed.isEmpty()) {
            return "TRUNCATE " + table.sql();
        }
        Table to = dice.pick(keyed);
        Column key = to.columns().stream().filter(Column::key).findFirst().orElseThrow();
        return "ALTER TABLE " + table.sql() + " ADD COLUMN refers " + key.type()
                + ", ADD CONSTRAINT refers FOREIGN KEY (refers)"
                + " REFERENCES " + to.sql() + " (" + key.sql() + ") ON DELETE "
                + dice.pick("CASCADE", "SET NULL", "RESTRICT")
                + dice.pick("", " ON UPDATE CASCADE");
    }

    private String addColumn(Table table) {
        String place = dice.pick(
                "", "", " FIRST", " AFTER " + dice.pick(table.columns()).sql());
        return "ADD COLUMN " + newColumn() + " " + (dice.oneIn(8) ? "int AS (2 + 3) VIRTUAL" : type()) + place;
    }

    private String type() {
        String type = dice.pick(TYPES);
        return type
                + switch (dice.below(6)) {
                    case 0 -> " NOT NULL";
                    case 1 -> " DEFAULT " + literal(type);
                    case 2 -> " NOT NULL DEFAULT " + literal(type);
                    case 3 -> type.startsWith("datetime(6)") ? " DEFAULT CURRENT_TIMESTAMP(6)" : "";
                    default -> "";
                };
    }

    private String newColumn() {
        return quoted(dice.pick("a", "b", "c", "D e", "ü", "select", "_cdp_seq", "c1", "c2", "k1", "x.y", "q`q"));
    }

    private static String names(List<Column> columns) {
        return columns.stream().map(Column::sql).collect(Collectors.joining(", "));
    }

    /** Few values of each type, so that keys meet again. */
    private String literal(String type) {
        return switch (type.replaceAll("[( ].*", "")) {
            case "tinyint", "int", "bigint" ->
                dice.oneIn(10)
                        ? dice.pick("0", "127", type.contains("unsigned") ? "200" : "-128")
                        : "" + dice.between(1, 12);
            case "decimal" -> dice.pick("1", "2.5", "-0.0001", "99999999.9999", "1.0");
            case "double" -> dice.pick("0.5", "-3.25", "1234.75");
            case "varchar", "char" -> dice.pick("''", "'a'", "'A'", "'a '", "'b''c'", "'~'", "'é'", "'NULL'");
            case "text", "longtext" ->
                switch (dice.below(6)) {
                    case 0 -> "'" + dice.digits(dice.between(2500, 9000)) + "'";
                    case 1 -> "REPEAT('" + dice.pick("x", "ä", "ab|") + "', " + dice.between(1, 5000) + ")";
                    default -> dice.pick("''", "'a'", "'A'", "'line\\nbreak'", "'\\\\N'", "'it''s'", "'😀'");
                };
            case "blob", "varbinary" -> dice.pick("''", "x'00'", "x'ff00ff'", "x'5c78'");
            case "binary" -> dice.pick("'abc'", "x'00'", "'a'");
            case "json" -> dice.pick("'{\"b\": 1,  \"a\": null}'", "'[]'", "'\"é|~\"'", "'1e5'", "'null'");
            case "enum" -> dice.pick("'a'", "'b,c'", "'ü'");
            case "set" -> dice.pick("''", "'x'", "'x,z'", "'y,x'");
            case "date" -> dice.pick("'2026-02-28'", "'1000-01-01'", "'9999-12-31'");
            case "datetime" -> dice.pick("'2026-03-29 02:30:00'", "'1000-01-01'", "'9999-12-31 23:59:59.999999'");
            case "timestamp" ->
                dice.pick("'2026-03-29 03:30:00.123'", "'1971-01-01 00:00:01'", "'2037-12-31 23:59:59'");
            case "time" -> dice.pick("'-838:59:59'", "'00:00:00.01'", "'24:00:00'");
            case "year" -> dice.pick("1901", "2026", "2155");
            case "bit" -> dice.pick("b'0'", "b'10101'", "b'11111'");
            case "uuid" -> "'00000000-0000-4000-8000-00000000000" + dice.below(6) + "'";
            case "inet6" -> dice.pick("'::1'", "'::ffff:10.0.0.1'", "'2001:db8::'");
            default -> "NULL";
        };
    }
}
