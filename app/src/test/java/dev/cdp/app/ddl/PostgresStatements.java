package dev.cdp.app.ddl;

import static dev.cdp.app.ddl.PostgresCatalog.quoted;

import dev.cdp.app.ddl.PostgresCatalog.Column;
import dev.cdp.app.ddl.PostgresCatalog.Table;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Draws statements for PostgreSQL. Some of them will fail, which is a history too. */
final class PostgresStatements {
    private static final int MOST_TABLES = 9;

    private final String schema;
    private final Dice dice;
    private final PostgresValues values;

    PostgresStatements(String schema, Dice dice) {
        this.schema = schema;
        this.dice = dice;
        this.values = new PostgresValues(dice);
    }

    /** What a case needs before its first table. */
    List<String> begin() {
        return List.of(
                "CREATE SCHEMA " + schema,
                "CREATE SCHEMA " + schema + "_b",
                "SET search_path = " + schema,
                "CREATE TYPE mood AS ENUM ('sad', 'ok', 'so, \"so\"')",
                "CREATE TYPE pair AS (n integer, v text)",
                "CREATE DOMAIN positive AS integer CHECK (VALUE > 0)",
                "CREATE FUNCTION changing() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$");
    }

    String change(List<Table> tables) {
        if (tables.isEmpty()) {
            return createTable(tables);
        }
        Table table = dice.pick(tables);
        int kind = dice.below(100);
        if (kind < 40 || table.written().isEmpty()) {
            return insert(table);
        }
        if (kind < 80) {
            return update(table);
        }
        if (kind < 96) {
            return "DELETE FROM " + table.sql() + chosen(table, 3);
        }
        return "TRUNCATE " + (dice.oneIn(3) ? "ONLY " : "") + table.sql()
                + (dice.oneIn(3) ? ", " + dice.pick(tables).sql() : "")
                + dice.pick("", " CASCADE", " RESTART IDENTITY");
    }

    private String insert(Table table) {
        List<Column> columns = table.written();
        if (columns.isEmpty() || dice.oneIn(15)) {
            return "INSERT INTO " + table.sql() + " DEFAULT VALUES";
        }
        String into = "INSERT INTO " + table.sql() + " (" + names(columns) + ") ";
        if (dice.oneIn(6)) {
            return into + "SELECT " + names(columns) + " FROM " + table.sql() + " x ORDER BY x::text LIMIT 3"
                    + (dice.oneIn(3) ? "" : " ON CONFLICT DO NOTHING");
        }
        List<String> rows = new ArrayList<>();
        for (int i = dice.oneIn(3) ? dice.between(2, 6) : 1; i > 0; i--) {
            rows.add(columns.stream()
                    .map(column -> dice.oneIn(column.key() ? 30 : 7)
                            ? dice.pick("NULL", "DEFAULT")
                            : values.literal(column.type()))
                    .collect(Collectors.joining(", ", "(", ")")));
        }
        String conflict = dice.oneIn(3) && !table.key().isEmpty()
                ? " ON CONFLICT (" + names(table.key()) + ") DO UPDATE SET " + assignments(table)
                : dice.oneIn(2) ? " ON CONFLICT DO NOTHING" : "";
        return into + "VALUES " + String.join(", ", rows) + conflict;
    }

    private String update(Table table) {
        return "UPDATE " + table.sql() + " SET " + assignments(table) + chosen(table, 4);
    }

    private String assignments(Table table) {
        List<Column> all = table.written();
        List<Column> others = all.stream().filter(column -> !column.key()).toList();
        boolean keepsKey = !others.isEmpty() && !dice.oneIn(4);
        return dice.some(keepsKey ? others : all).stream()
                .limit(3)
                .map(column -> column.sql() + " = " + newValue(table, column))
                .collect(Collectors.joining(", "));
    }

    private String newValue(Table table, Column column) {
        if (dice.oneIn(8)) {
            return column.type().matches("integer|bigint|smallint|numeric.*")
                    ? table.sql() + "." + column.sql() + " + 1"
                    : table.sql() + "." + column.sql();
        }
        return dice.oneIn(column.key() ? 30 : 8) ? dice.pick("NULL", "DEFAULT") : values.literal(column.type());
    }

    /** So many rows at most, always the same ones of the same content. */
    private String chosen(Table table, int most) {
        if (dice.oneIn(15)) {
            return "";
        }
        return " WHERE (tableoid, ctid) IN (SELECT tableoid, ctid FROM " + table.sql() + " x ORDER BY md5(x::text || '"
                + dice.below(100) + "') LIMIT " + dice.between(1, most) + ")";
    }

    String createTable(List<Table> tables) {
        String name = newName(tables);
        if (!tables.isEmpty() && dice.oneIn(4)) {
            Table like = dice.pick(tables);
            return switch (dice.below(3)) {
                case 0 -> "CREATE TABLE " + name + " (LIKE " + like.sql() + dice.pick("", " INCLUDING ALL") + ")";
                case 1 -> "CREATE TABLE " + name + " AS SELECT * FROM " + like.sql();
                default -> "CREATE TABLE " + name + " (own text) INHERITS (" + like.sql() + ")";
            };
        }
        List<String> keys = new ArrayList<>();
        List<String> parts = new ArrayList<>();
        for (int i = Integer.parseInt(dice.pick("0", "1", "1", "1", "2", "3")); i > 0; i--) {
            keys.add("k" + i);
            parts.add("k" + i + " " + dice.pick(PostgresValues.KEY_TYPES));
        }
        boolean isPartitioned = dice.oneIn(6);
        if (isPartitioned && keys.isEmpty()) {
            keys.add("k1");
            parts.add("k1 integer");
        }
        boolean counts = !isPartitioned && dice.oneIn(8);
        if (counts) {
            parts.add("n integer GENERATED " + dice.pick("ALWAYS", "BY DEFAULT") + " AS IDENTITY");
        }
        for (int i = dice.between(keys.isEmpty() && !counts ? 1 : 0, 5); i > 0; i--) {
            String type = dice.pick(PostgresValues.TYPES);
            parts.add("c" + i + " " + type + (dice.oneIn(3) ? " DEFAULT " + values.literal(type) : "")
                    + (dice.oneIn(6) ? " NOT NULL" : ""));
        }
        if (dice.oneIn(8)) {
            parts.add("g integer GENERATED ALWAYS AS (" + dice.pick("1 + 2", "length('abc')") + ") STORED");
        }
        if (!keys.isEmpty()) {
            parts.add("PRIMARY KEY (" + String.join(", ", dice.some(keys)) + ")"
                    + (dice.oneIn(15) && !isPartitioned ? " DEFERRABLE INITIALLY DEFERRED" : ""));
        }
        String primary = parts.get(parts.size() - 1);
        String first = keys.isEmpty() ? "" : primary.replaceAll("PRIMARY KEY \\((k\\d).*", "$1");
        return "CREATE TABLE " + name + " (" + String.join(", ", parts) + ")"
                + (isPartitioned ? " PARTITION BY HASH (" + first + ")" : "");
    }

    /** For a table that was just made: its identity, its partitions. */
    List<String> complete(Table table) {
        List<String> more = new ArrayList<>();
        if (table.isPartitioned()) {
            for (int i = 0; i < 2; i++) {
                String part = quoted(table.schema()) + "." + quoted(table.name() + " p" + i);
                more.add("CREATE TABLE " + part + " PARTITION OF " + table.sql()
                        + " FOR VALUES WITH (MODULUS 2, REMAINDER " + i + ")");
                if (table.key().isEmpty() || dice.oneIn(3)) {
                    more.add("ALTER TABLE " + part + " REPLICA IDENTITY FULL");
                }
            }
        } else if (table.key().isEmpty() ? !dice.oneIn(5) : dice.oneIn(4)) {
            more.add("ALTER TABLE " + table.sql() + " REPLICA IDENTITY FULL");
        }
        if (dice.oneIn(4)) {
            table.columns().stream()
                    .filter(column -> column.type().matches("text|bytea"))
                    .forEach(column -> more.add(
                            "ALTER TABLE " + table.sql() + " ALTER " + column.sql() + " SET STORAGE EXTERNAL"));
        }
        return more;
    }

    private String newName(List<Table> tables) {
        return quoted(dice.oneIn(8) ? schema + "_b" : schema) + "."
                + quoted(
                        dice.oneIn(4) && !tables.isEmpty()
                                ? dice.pick(tables).name()
                                : dice.pick("t1", "t2", "t3", "T 4", "order", "ü5", "t.6", "t'7", "_cdp_8"));
    }

    String define(List<Table> tables) {
        if (tables.isEmpty() || (dice.oneIn(6) && tables.size() < MOST_TABLES)) {
            return createTable(tables);
        }
        Table table = dice.pick(tables);
        Column column = dice.pick(table.columns());
        String alter = "ALTER TABLE " + table.sql() + " ";
        String alterColumn = alter + "ALTER " + column.sql() + " ";
        return switch (dice.below(30)) {
            case 0, 1, 2, 3 -> alter + addColumn(tables);
            case 4 -> alter + addColumn(tables) + ", " + addColumn(tables) + ", DROP " + column.sql();
            case 5 -> alter + "DROP " + column.sql() + dice.pick("", " CASCADE");
            case 6 -> alter + "DROP " + column.sql() + ", ADD " + column.sql() + " " + type(1);
            case 7, 8 -> alter + "RENAME " + column.sql() + " TO " + newColumn();
            case 9 -> alter + "RENAME TO " + quoted(dice.pick("t1", "t2", "t3", "T 4", "order", "r8", "r9"));
            case 10, 11 -> retype(alterColumn, column);
            case 12 -> alterColumn + dice.pick("DROP DEFAULT", "SET DEFAULT " + values.literal(column.type()));
            case 13 -> alterColumn + dice.pick("SET NOT NULL", "DROP NOT NULL", "DROP EXPRESSION", "DROP IDENTITY");
            case 14 -> alter + "DROP CONSTRAINT " + quoted(table.name() + "_pkey") + dice.pick("", " CASCADE");
            case 15, 16 ->
                alter + "ADD PRIMARY KEY ("
                        + names(dice.some(table.columns()).stream().limit(2).toList()) + ")";
            case 17 -> alter + "REPLICA IDENTITY " + dice.pick("FULL", "FULL", "DEFAULT", "DEFAULT", "NOTHING");
            case 18 -> "CREATE " + dice.pick("", "UNIQUE ") + "INDEX ON " + table.sql() + " (" + column.sql() + ")";
            case 19 -> "DROP TABLE " + table.sql() + dice.pick("", " CASCADE");
            case 20 -> alter + "SET SCHEMA " + quoted(dice.pick(schema, schema + "_b"));
            case 21 -> alterColumn + "SET STORAGE " + dice.pick("EXTERNAL", "MAIN", "EXTENDED");
            case 22 -> partition(tables, table);
            case 23 -> ofTypes();
            case 24 ->
                alter + dice.pick("INHERIT ", "NO INHERIT ") + dice.pick(tables).sql();
            case 25 ->
                dice.pick(
                        "CLUSTER " + table.sql() + " USING " + quoted(table.name() + "_pkey"),
                        alter + "SET UNLOGGED",
                        alter + "SET LOGGED",
                        alter + "SET (fillfactor = 70)",
                        "ANALYZE " + table.sql());
            case 26 -> alter + "ADD UNIQUE (" + column.sql() + ")";
            case 27 -> "COMMENT ON TABLE " + table.sql() + " IS 'x'";
            case 28 ->
                dice.pick(
                        "CREATE OR REPLACE VIEW " + schema + ".v AS SELECT 1 AS one",
                        "DROP VIEW " + schema + ".v",
                        "CREATE SEQUENCE " + schema + ".s",
                        "GRANT SELECT ON " + table.sql() + " TO PUBLIC");
            default -> alter + dice.pick("ENABLE ROW LEVEL SECURITY", "DISABLE TRIGGER ALL", "ENABLE TRIGGER ALL");
        };
    }

    /** Statements that belong together in one transaction. */
    List<String> exchange(List<Table> tables) {
        List<Table> plain =
                tables.stream().filter(table -> !table.isPartition()).toList();
        if (plain.isEmpty()) {
            return List.of();
        }
        Table one = dice.pick(plain);
        Table other = dice.pick(plain);
        String ghost = quoted(one.schema()) + "." + quoted("ghost");
        String own = quoted(one.name());
        return switch (dice.below(4)) {
            case 0 ->
                List.of(
                        "CREATE TABLE " + ghost + " (LIKE " + one.sql() + " INCLUDING ALL)",
                        "INSERT INTO " + ghost + " OVERRIDING SYSTEM VALUE SELECT * FROM " + one.sql(),
                        "DROP TABLE " + one.sql(),
                        "ALTER TABLE " + ghost + " RENAME TO " + own,
                        insert(one));
            case 1 ->
                List.of(
                        "ALTER TABLE " + one.sql() + " RENAME TO ghost",
                        "ALTER TABLE " + other.sql() + " RENAME TO " + own,
                        insert(new Table(one.schema(), "ghost", false, false, one.columns())),
                        "ALTER TABLE " + ghost + " RENAME TO " + quoted(other.name()));
            case 2 ->
                List.of(
                        "DROP TABLE " + one.sql() + " CASCADE",
                        "CREATE TABLE " + one.sql() + " (k1 integer PRIMARY KEY, c1 " + type(0) + ")",
                        "INSERT INTO " + one.sql() + " (k1) VALUES (1), (2)",
                        "ALTER TABLE " + one.sql() + " ADD added integer DEFAULT 7",
                        "UPDATE " + one.sql() + " SET added = 8 WHERE k1 = 1");
            default ->
                List.of(
                        insert(one),
                        "ALTER TABLE " + one.sql() + " ADD added " + type(1),
                        update(one),
                        "ALTER TABLE " + one.sql() + " RENAME added TO again",
                        update(one),
                        "ALTER TABLE " + one.sql() + " DROP again",
                        insert(one));
        };
    }

    /** What cannot be in a transaction. */
    String alone(List<Table> tables) {
        return "VACUUM " + dice.pick("", "(FULL) ") + dice.pick(tables).sql();
    }

    private String addColumn(List<Table> tables) {
        String name = newColumn();
        return switch (dice.below(8)) {
            case 0 ->
                "ADD " + name + " integer GENERATED ALWAYS AS (" + dice.below(5) + " + 1) "
                        + dice.pick("STORED", "VIRTUAL");
            case 1 ->
                "ADD " + name
                        + dice.pick(
                                " uuid DEFAULT gen_random_uuid()",
                                " integer DEFAULT (random() * 100)::integer",
                                " timestamptz DEFAULT clock_timestamp()",
                                " serial",
                                " timestamptz DEFAULT now()");
            case 2 -> "ADD " + name + " integer GENERATED BY DEFAULT AS IDENTITY";
            case 3 -> {
                List<Table> keyed =
                        tables.stream().filter(table -> table.key().size() == 1).toList();
                if (keyed.isEmpty()) {
                    yield "ADD " + name + " text";
                }
                Table to = dice.pick(keyed);
                yield "ADD " + name + " " + to.key().get(0).type() + " REFERENCES " + to.sql()
                        + " ON UPDATE CASCADE ON DELETE "
                        + dice.pick("CASCADE", "SET NULL", "NO ACTION DEFERRABLE INITIALLY DEFERRED");
            }
            default -> "ADD " + name + " " + type(2);
        };
    }

    private String type(int oneInHasDefault) {
        String type = dice.pick(PostgresValues.TYPES);
        return type
                + (oneInHasDefault > 0 && dice.oneIn(oneInHasDefault)
                        ? " DEFAULT " + values.literal(type) + (dice.oneIn(3) ? " NOT NULL" : "")
                        : "");
    }

    private String newColumn() {
        return quoted(dice.pick("a", "b", "c", "D e", "ü", "select", "_cdp_seq", "A", "c1", "c2", "k1", "x.y", "q\"q"));
    }

    private String retype(String alterColumn, Column column) {
        return switch (dice.below(5)) {
            case 0 -> alterColumn + "TYPE text USING " + column.sql() + "::text";
            case 1 -> alterColumn + "TYPE " + (column.type().equals("integer") ? "bigint" : "varchar(30)");
            case 2 -> alterColumn + "TYPE numeric";
            case 3 -> {
                String type = dice.pick(PostgresValues.TYPES);
                yield alterColumn + "TYPE " + type + " USING " + values.literal(type) + "::" + type;
            }
            default -> alterColumn + "TYPE " + column.type();
        };
    }

    private String partition(List<Table> tables, Table table) {
        List<Table> roots = tables.stream().filter(Table::isPartitioned).toList();
        if (roots.isEmpty()) {
            return "CREATE TABLE " + newName(tables) + " (k1 integer PRIMARY KEY, c1 text) PARTITION BY HASH (k1)";
        }
        Table root = dice.pick(roots);
        String bounds = " FOR VALUES WITH (MODULUS 2, REMAINDER " + dice.below(2) + ")";
        String part = quoted(root.schema()) + "." + quoted(root.name() + " p" + dice.below(3));
        return switch (dice.below(4)) {
            case 0 -> "ALTER TABLE " + root.sql() + " DETACH PARTITION " + part;
            case 1 -> "ALTER TABLE " + root.sql() + " ATTACH PARTITION " + dice.pick(part, table.sql()) + bounds;
            case 2 -> "DROP TABLE " + part;
            default -> "CREATE TABLE " + part + " PARTITION OF " + root.sql() + bounds;
        };
    }

    private String ofTypes() {
        return "ALTER TYPE " + schema + "."
                + switch (dice.below(5)) {
                    case 0 -> "mood ADD VALUE IF NOT EXISTS 'new' BEFORE 'sad'";
                    case 1 -> "mood RENAME VALUE " + dice.pick("'ok' TO 'okay'", "'okay' TO 'ok'");
                    case 2 -> "pair RENAME ATTRIBUTE " + dice.pick("n TO m", "m TO n");
                    case 3 -> "pair ADD ATTRIBUTE more integer";
                    default -> "mood RENAME TO mood";
                };
    }

    private static String names(List<Column> columns) {
        return columns.stream().map(Column::sql).collect(Collectors.joining(", "));
    }
}
