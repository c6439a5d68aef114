package dev.cdp.capture.postgres.definition;

import dev.cdp.core.TableName;
import java.sql.Array;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Tables and partitions with their columns, and how tables inherit. */
final class TableObjects {
    private final Catalog catalog;
    private final ObjectGraph graph;
    private final Map<Long, List<TableColumn>> columns;
    private final Map<Long, Table> tables = new LinkedHashMap<>();
    private final Table.NotNullForm notNullForm;

    TableObjects(Catalog catalog, ObjectGraph graph, Map<Long, List<TableColumn>> columns) {
        this.catalog = catalog;
        this.graph = graph;
        this.columns = columns;
        this.notNullForm = catalog.isAtLeast(18) ? Table.NotNullForm.CONSTRAINT : Table.NotNullForm.COLUMN;
    }

    void read() throws SQLException {
        readTables();
        for (Table table : tables.values()) {
            addTable(table);
            addColumnSettings(table);
        }
        readDefaults();
        leaveOutForeignTables();
    }

    private void readTables() throws SQLException {
        Map<Long, List<String>> notNulls = notNulls();
        String options = """
                (SELECT string_agg(%1$s quote_ident(o.option_name) || '=' || quote_literal(o.option_value), ', ')
                 FROM pg_options_to_table(%2$s) o)""";
        String sql = """
                SELECT c.oid, n.nspname, c.relname, c.oid::regclass::text, c.relpersistence = 'u',
                       ARRAY(SELECT i.inhparent::bigint FROM pg_inherits i WHERE i.inhrelid = c.oid
                           ORDER BY i.inhseqno),
                       CASE WHEN c.relispartition THEN pg_get_expr(c.relpartbound, c.oid) END,
                       CASE WHEN c.reloftype <> 0 THEN format_type(c.reloftype, NULL) END,
                       concat(CASE WHEN c.relkind = 'p' THEN E'\\nPARTITION BY ' || pg_get_partkeydef(c.oid) END,
                           (SELECT E'\\nUSING ' || quote_ident(m.amname) FROM pg_am m
                            WHERE m.oid = c.relam AND m.amname <> 'heap'),
                           E'\\nWITH (' || nullif(concat_ws(', ', %s, %s), '') || ')'),
                       c.reltablespace <> 0
                FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                LEFT JOIN pg_class toast ON toast.oid = c.reltoastrelid
                WHERE c.relkind IN ('r', 'p') AND %s
                """.formatted(
                        options.formatted("", "c.reloptions"),
                        options.formatted("'toast.' ||", "toast.reloptions"),
                        Catalog.covered("pg_class", "c.oid", "c.relnamespace"));
        catalog.forEach(sql, row -> {
            Table table = table(row, notNulls);
            tables.put(table.oid(), table);
            if (table.kind() == Table.Kind.UNLOGGED) {
                graph.warn("Not protected: rows of unlogged table " + table.sqlName()
                        + "; PostgreSQL does not log them, a restore makes the table empty");
            }
            if (row.getBoolean(10)) {
                graph.warn("Not kept: the tablespace of table " + table.sqlName() + "; a restore uses the default one");
            }
        });
    }

    private Table table(ResultSet row, Map<Long, List<String>> notNulls) throws SQLException {
        long oid = row.getLong(1);
        return new Table(
                oid,
                new TableName(row.getString(2), row.getString(3)),
                row.getString(4),
                row.getBoolean(5) ? Table.Kind.UNLOGGED : Table.Kind.LOGGED,
                longs(row.getArray(6)),
                row.getString(7),
                row.getString(8),
                row.getString(9),
                columns.getOrDefault(oid, List.of()),
                notNulls.getOrDefault(oid, List.of()));
    }

    private static List<Long> longs(Array array) throws SQLException {
        return List.of((Long[]) array.getArray());
    }

    /** From version 18 on, NOT NULL is a constraint with a name and more properties than the column's flag. */
    private Map<Long, List<String>> notNulls() throws SQLException {
        Map<Long, List<String>> result = new HashMap<>();
        if (notNullForm == Table.NotNullForm.COLUMN) {
            return result;
        }
        String sql = """
                SELECT k.conrelid, 'CONSTRAINT ' || quote_ident(k.conname) || ' ' || pg_get_constraintdef(k.oid)
                FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
                WHERE k.contype = 'n' AND k.convalidated AND (k.conislocal OR c.relispartition) AND %s
                ORDER BY k.conrelid, k.conkey[1]
                """.formatted(Catalog.covered("pg_class", "c.oid", "c.relnamespace"));
        catalog.forEach(sql, row -> result.computeIfAbsent(row.getLong(1), any -> new ArrayList<>())
                .add(row.getString(2)));
        return result;
    }

    private void addTable(Table table) {
        List<Table> parents = table.parents().stream()
                .filter(tables::containsKey)
                .map(tables::get)
                .toList();
        boolean inheritsAtOnce = !parents.isEmpty() && !table.isPartition() && standsBehind(parents, table);
        String create = table.create(inheritsAtOnce ? parents : List.of(), notNullForm);
        String kind = table.isPartition() ? "PARTITION" : "TABLE";
        ObjectId id = ObjectId.relation(table.oid());
        graph.add(new Making(Step.TABLE, kind, table.sqlName(), table.name(), create), id);
        if (table.isPartition()) {
            String attach = "ALTER TABLE ONLY %s ATTACH PARTITION %s %s"
                    .formatted(parents.get(0).sqlName(), table.sqlName(), table.bound());
            follow(table, Step.INHERITANCE, "ATTACH PARTITION", attach, parents.get(0));
            return;
        }
        if (inheritsAtOnce) {
            addInheritedNotNulls(table, parents);
            return;
        }
        for (Table parent : parents) {
            String inherit = "ALTER TABLE ONLY %s INHERIT %s".formatted(table.sqlName(), parent.sqlName());
            follow(table, Step.INHERITANCE, "INHERIT", inherit, parent);
        }
    }

    private void follow(Table table, Step step, String kind, String sql, Table... others) {
        List<ObjectId> needs = new ArrayList<>(List.of(ObjectId.relation(table.oid())));
        List.of(others).forEach(other -> needs.add(ObjectId.relation(other.oid())));
        graph.addFollower(new Making(step, kind, table.sqlName(), table.name(), sql), needs.toArray(ObjectId[]::new));
    }

    /** Whether INHERITS gives the columns their order: those of the parents first, computed in the same way. */
    private static boolean standsBehind(List<Table> parents, Table table) {
        Map<String, TableColumn> inherited = new LinkedHashMap<>();
        parents.forEach(parent -> parent.columns().forEach(column -> inherited.putIfAbsent(column.name(), column)));
        List<TableColumn> own = table.columns();
        if (own.size() < inherited.size()) {
            return false;
        }
        int position = 0;
        for (TableColumn column : inherited.values()) {
            TableColumn mine = own.get(position++);
            boolean sameComputation = mine.isComputed() == column.isComputed()
                    && (!mine.isComputed() || mine.clause().equals(column.clause()));
            if (!mine.name().equals(column.name()) || !sameComputation) {
                return false;
            }
        }
        return true;
    }

    private void addInheritedNotNulls(Table table, List<Table> parents) {
        if (notNullForm == Table.NotNullForm.CONSTRAINT) {
            return;
        }
        for (TableColumn column : table.columns()) {
            boolean parentsSay = parents.stream()
                    .flatMap(parent -> parent.columns().stream())
                    .anyMatch(other ->
                            other.name().equals(column.name()) && other.origin().notNull());
            if (!column.origin().local() && column.origin().notNull() && !parentsSay) {
                follow(table, Step.COLUMN_SETTING, "COLUMN", alter(table, column, "SET NOT NULL"));
            }
        }
    }

    private void addColumnSettings(Table table) {
        for (TableColumn column : table.columns()) {
            column.settings()
                    .forEach(setting -> follow(table, Step.COLUMN_SETTING, "COLUMN", alter(table, column, setting)));
        }
    }

    private static String alter(Table table, TableColumn column, String action) {
        return "ALTER TABLE ONLY " + table.sqlName() + " ALTER COLUMN " + column.name() + " " + action;
    }

    /** Defaults stand alone, since a default may call a function that needs the table's row type. */
    private void readDefaults() throws SQLException {
        String sql = """
                SELECT d.oid, c.oid, n.nspname, c.relname, a.attgenerated <> '',
                       CASE c.relkind WHEN 'v' THEN 'ALTER VIEW ' ELSE 'ALTER TABLE ONLY ' END || c.oid::regclass::text
                       || ' ALTER COLUMN ' || quote_ident(a.attname) || ' SET DEFAULT ' ||
                           pg_get_expr(d.adbin, d.adrelid),
                       c.oid::regclass::text || '.' || quote_ident(a.attname)
                FROM pg_attrdef d JOIN pg_class c ON c.oid = d.adrelid JOIN pg_namespace n ON n.oid = c.relnamespace
                JOIN pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum
                WHERE c.relkind IN ('r', 'p', 'v') AND %s
                """.formatted(Catalog.covered("pg_class", "c.oid", "c.relnamespace"));
        catalog.forEach(sql, row -> {
            ObjectId id = ObjectId.of("pg_attrdef", row.getLong(1));
            ObjectId relation = ObjectId.relation(row.getLong(2));
            if (row.getBoolean(5)) {
                graph.alias(id, relation);
                return;
            }
            TableName table = new TableName(row.getString(3), row.getString(4));
            graph.add(
                    new Making(Step.COLUMN_SOURCE, "DEFAULT", row.getString(7), table, row.getString(6)), id, relation);
        });
    }

    private void leaveOutForeignTables() throws SQLException {
        String sql = """
                SELECT c.oid, c.oid::regclass::text FROM pg_class c WHERE c.relkind = 'f' AND %s
                """.formatted(Catalog.covered("pg_class", "c.oid", "c.relnamespace"));
        catalog.forEach(sql, row -> {
            graph.leaveOut(ObjectId.relation(row.getLong(1)), "foreign table " + row.getString(2));
            graph.warn("Not protected: foreign table " + row.getString(2) + "; its rows live in another server");
        });
    }
}
