package dev.cdp.capture.postgres.definition;

import dev.cdp.core.TableName;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Views and materialized views. */
final class ViewObjects {
    static final String MATERIALIZED_VIEW = "MATERIALIZED VIEW";
    static final String REFRESH = "REFRESH";

    private final Catalog catalog;
    private final ObjectGraph graph;
    private final Map<Long, List<TableColumn>> columns;

    ViewObjects(Catalog catalog, ObjectGraph graph, Map<Long, List<TableColumn>> columns) {
        this.catalog = catalog;
        this.graph = graph;
        this.columns = columns;
    }

    void read() throws SQLException {
        String sql = """
                SELECT c.oid, c.oid::regclass::text, c.relkind = 'm', pg_get_viewdef(c.oid), w.oid,
                       concat((SELECT ' USING ' || quote_ident(m.amname) FROM pg_am m
                               WHERE m.oid = c.relam AND m.amname <> 'heap'),
                           (SELECT ' WITH (' || string_agg(quote_ident(o.option_name) || '='
                                   || quote_literal(o.option_value), ', ') || ')'
                            FROM pg_options_to_table(c.reloptions) o)),
                       c.relispopulated, n.nspname, c.relname
                FROM pg_class c JOIN pg_rewrite w ON w.ev_class = c.oid AND w.rulename = '_RETURN'
                JOIN pg_namespace n ON n.oid = c.relnamespace
                WHERE c.relkind IN ('v', 'm') AND %s
                """.formatted(Catalog.covered("pg_class", "c.oid", "c.relnamespace"));
        catalog.forEach(sql, row -> {
            View view = new View(
                    row.getLong(1),
                    row.getString(2),
                    withoutSemicolon(Catalog.printed(row, 4)),
                    ObjectId.of("pg_rewrite", row.getLong(5)),
                    row.getString(6));
            if (row.getBoolean(3)) {
                TableName name = new TableName(row.getString(8), row.getString(9));
                addMaterialized(view, name, row.getBoolean(7) ? Content.FILLED : Content.EMPTY);
            } else {
                addView(view);
            }
        });
    }

    private record View(long oid, String name, String query, ObjectId rule, String options) {}

    private enum Content {
        FILLED,
        EMPTY
    }

    private static String withoutSemicolon(String query) {
        return query.endsWith(";") ? query.substring(0, query.length() - 1) : query;
    }

    private void addView(View view) {
        String body = view.options() + " AS\n" + view.query();
        Making making = new Making(Step.VIEW, "VIEW", view.name(), "CREATE VIEW " + view.name() + body);
        // As pg_dump does it: a stand-in with the same columns, replaced once the query can be made.
        String emptyColumns = columns.getOrDefault(view.oid(), List.of()).stream()
                .map(column -> "NULL::" + column.clause() + " AS " + column.name())
                .collect(Collectors.joining(", "));
        Making shell = making.at(Step.VIEW, "CREATE VIEW " + view.name() + " AS SELECT " + emptyColumns);
        Making replacement = making.at(Step.VIEW_QUERY, "CREATE OR REPLACE VIEW " + view.name() + body);
        graph.addView(ObjectId.relation(view.oid()), view.rule(), making, shell, replacement);
    }

    private void addMaterialized(View view, TableName name, Content content) {
        ObjectId id = ObjectId.relation(view.oid());
        String create =
                "CREATE MATERIALIZED VIEW " + view.name() + view.options() + " AS\n" + view.query() + "\nWITH NO DATA";
        graph.add(new Making(Step.MATERIALIZED_VIEW, MATERIALIZED_VIEW, view.name(), name, create), id);
        graph.alias(view.rule(), id);
        if (content == Content.FILLED) {
            String refresh = "REFRESH MATERIALIZED VIEW " + view.name();
            graph.add(
                    new Making(Step.REFRESH, REFRESH, view.name(), name, refresh),
                    ObjectId.of("refresh", view.oid()),
                    id);
        }
    }
}
