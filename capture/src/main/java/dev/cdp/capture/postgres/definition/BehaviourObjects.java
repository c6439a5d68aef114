package dev.cdp.capture.postgres.definition;

import dev.cdp.core.TableName;
import java.sql.ResultSet;
import java.sql.SQLException;

/** What acts on changes or decides who may see rows: rules, triggers, policies, event triggers, replica identity. */
final class BehaviourObjects {
    private static final String FROM_TABLE = """
            JOIN pg_class c ON c.oid = %s JOIN pg_namespace n ON n.oid = c.relnamespace
            """;

    private final Catalog catalog;
    private final ObjectGraph graph;

    BehaviourObjects(Catalog catalog, ObjectGraph graph) {
        this.catalog = catalog;
        this.graph = graph;
    }

    void read() throws SQLException {
        readRules();
        readTriggers();
        readTriggerStates();
        readPolicies();
        readRowSecurity();
        readReplicaIdentity();
        readEventTriggers();
    }

    private static String covered() {
        return Catalog.covered("pg_class", "c.oid", "c.relnamespace");
    }

    /** Reads columns: oid, object, schema, table, relation's oid, statement. */
    private void readAll(Step step, String kind, String pgCatalog, String sql) throws SQLException {
        catalog.forEach(
                sql, row -> graph.add(making(step, kind, row), ObjectId.of(pgCatalog, row.getLong(1)), relation(row)));
    }

    /** Reads the same columns for statements that change an object: the oid is that of what they need. */
    private void readFollowers(Step step, String kind, String pgCatalog, String sql) throws SQLException {
        catalog.forEach(
                sql,
                row -> graph.addFollower(
                        making(step, kind, row), ObjectId.of(pgCatalog, row.getLong(1)), relation(row)));
    }

    private static Making making(Step step, String kind, ResultSet row) throws SQLException {
        TableName table = new TableName(row.getString(3), row.getString(4));
        return new Making(step, kind, Catalog.printed(row, 2), table, Catalog.printed(row, 6));
    }

    private static ObjectId relation(ResultSet row) throws SQLException {
        return ObjectId.relation(row.getLong(5));
    }

    private void readRules() throws SQLException {
        String from = "FROM pg_rewrite w " + FROM_TABLE.formatted("w.ev_class") + " WHERE w.rulename <> '_RETURN' AND "
                + covered();
        String object = "quote_ident(w.rulename) || ' ON ' || c.oid::regclass::text, n.nspname, c.relname, c.oid";
        String definition = "SELECT w.oid, " + object + ", pg_get_ruledef(w.oid) " + from;
        readAll(Step.RULE, "RULE", "pg_rewrite", definition);
        String state = "SELECT w.oid, " + object
                + ", 'ALTER TABLE ' || c.oid::regclass::text || " + state("w.ev_enabled", "RULE")
                + " || quote_ident(w.rulename) " + from + " AND w.ev_enabled <> 'O'";
        readFollowers(Step.TABLE_SETTING, "RULE STATE", "pg_rewrite", state);
    }

    private static String state(String column, String kind) {
        return """
                CASE %s WHEN 'D' THEN ' DISABLE %2$s ' WHEN 'A' THEN ' ENABLE ALWAYS %2$s '
                WHEN 'R' THEN ' ENABLE REPLICA %2$s ' ELSE ' ENABLE %2$s ' END
                """.replace("%s", column).replace("%2$s", kind);
    }

    private void readTriggers() throws SQLException {
        // The triggers of partitions come with those of their parents.
        String sql = """
                SELECT t.oid, quote_ident(t.tgname) || ' ON ' || c.oid::regclass::text, n.nspname, c.relname, c.oid,
                       pg_get_triggerdef(t.oid)
                FROM pg_trigger t %s WHERE NOT t.tgisinternal AND t.tgparentid = 0 AND %s
                """.formatted(FROM_TABLE.formatted("t.tgrelid"), covered());
        readAll(Step.TRIGGER, "TRIGGER", "pg_trigger", sql);
    }

    private void readTriggerStates() throws SQLException {
        // In version 14 the triggers of partitions count as internal; those of foreign keys do in all.
        String sql = """
                SELECT c.oid, quote_ident(t.tgname) || ' ON ' || c.oid::regclass::text,
                       n.nspname, c.relname, c.oid,
                       'ALTER TABLE ' || CASE c.relkind WHEN 'p' THEN 'ONLY ' ELSE '' END || c.oid::regclass::text
                       || %s || quote_ident(t.tgname)
                FROM pg_trigger t %s LEFT JOIN pg_trigger parent ON parent.oid = t.tgparentid
                WHERE t.tgenabled <> coalesce(parent.tgenabled, 'O')
                    AND NOT coalesce(parent.tgisinternal, t.tgisinternal)
                AND %s
                """.formatted(state("t.tgenabled", "TRIGGER"), FROM_TABLE.formatted("t.tgrelid"), covered());
        readFollowers(Step.TABLE_SETTING, "TRIGGER STATE", "pg_class", sql);
    }

    private void readPolicies() throws SQLException {
        String sql = """
                SELECT p.oid, quote_ident(p.polname) || ' ON ' || c.oid::regclass::text, n.nspname, c.relname, c.oid,
                       concat('CREATE POLICY ', quote_ident(p.polname), ' ON ', c.oid::regclass::text,
                           CASE WHEN NOT p.polpermissive THEN ' AS RESTRICTIVE' END,
                           CASE p.polcmd WHEN 'r' THEN ' FOR SELECT' WHEN 'a' THEN ' FOR INSERT'
                                WHEN 'w' THEN ' FOR UPDATE' WHEN 'd' THEN ' FOR DELETE' END,
                           (SELECT ' TO ' || string_agg(CASE r WHEN 0 THEN 'PUBLIC' ELSE r::regrole::text END, ', '
                                    ORDER BY r = 0, r::regrole::text) FROM unnest(p.polroles) r
                                        WHERE p.polroles <> '{0}'),
                           ' USING (' || pg_get_expr(p.polqual, p.polrelid) || ')',
                           ' WITH CHECK (' || pg_get_expr(p.polwithcheck, p.polrelid) || ')')
                FROM pg_policy p %s WHERE %s
                """.formatted(FROM_TABLE.formatted("p.polrelid"), covered());
        catalog.forEach(sql, row -> {
            Making policy = making(Step.POLICY, "POLICY", row);
            graph.add(
                    policy.at(Step.POLICY, RoleGuard.guarded(policy.sql())),
                    ObjectId.of("pg_policy", row.getLong(1)),
                    relation(row));
        });
    }

    private void readRowSecurity() throws SQLException {
        String sql = """
                SELECT c.oid, c.oid::regclass::text, n.nspname, c.relname, c.oid,
                       'ALTER TABLE ONLY ' || c.oid::regclass::text || action
                FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                CROSS JOIN LATERAL (VALUES (c.relrowsecurity, ' ENABLE ROW LEVEL SECURITY'),
                                           (c.relforcerowsecurity, ' FORCE ROW LEVEL SECURITY')) AS a (wanted, action)
                WHERE a.wanted AND %s
                """.formatted(covered());
        readFollowers(Step.TABLE_SETTING, "ROW SECURITY", "pg_class", sql);
    }

    private void readReplicaIdentity() throws SQLException {
        String sql = """
                SELECT coalesce(i.indexrelid, c.oid), c.oid::regclass::text, n.nspname, c.relname, c.oid,
                       'ALTER TABLE ONLY ' || c.oid::regclass::text || ' REPLICA IDENTITY '
                       || CASE c.relreplident WHEN 'f' THEN 'FULL' WHEN 'n' THEN 'NOTHING'
                          ELSE 'USING INDEX ' || quote_ident(ic.relname) END
                FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                LEFT JOIN pg_index i ON i.indrelid = c.oid AND i.indisreplident AND c.relreplident = 'i'
                LEFT JOIN pg_class ic ON ic.oid = i.indexrelid
                WHERE c.relkind IN ('r', 'p')
                AND (c.relreplident IN ('f', 'n') OR c.relreplident = 'i' AND ic.oid IS NOT NULL) AND %s
                """.formatted(covered());
        readFollowers(Step.TABLE_SETTING, "REPLICA IDENTITY", "pg_class", sql);
    }

    private void readEventTriggers() throws SQLException {
        String sql = """
                SELECT e.oid, quote_ident(e.evtname),
                       concat('CREATE EVENT TRIGGER ', quote_ident(e.evtname), ' ON ', quote_ident(e.evtevent),
                           (SELECT ' WHEN TAG IN (' || string_agg(quote_literal(tag), ', ') || ')'
                               FROM unnest(e.evttags) tag),
                           ' EXECUTE FUNCTION ', p.pronamespace::regnamespace::text, '.', quote_ident(p.proname), '()'),
                       CASE WHEN e.evtenabled <> 'O' THEN 'ALTER EVENT TRIGGER ' || quote_ident(e.evtname)
                            || CASE e.evtenabled WHEN 'D' THEN ' DISABLE' WHEN 'A' THEN ' ENABLE ALWAYS'
                               ELSE ' ENABLE REPLICA' END END
                FROM pg_event_trigger e JOIN pg_proc p ON p.oid = e.evtfoid WHERE e.evtname !~ '^cdp_' AND %s
                """.formatted(Catalog.outsideOfExtensions("pg_event_trigger", "e.oid"));
        catalog.forEach(sql, row -> {
            ObjectId id = ObjectId.of("pg_event_trigger", row.getLong(1));
            Making trigger = new Making(Step.EVENT_TRIGGER, "EVENT TRIGGER", row.getString(2), row.getString(3));
            graph.add(trigger, id);
            if (row.getString(4) != null) {
                graph.addFollower(
                        new Making(Step.EVENT_TRIGGER, "EVENT TRIGGER STATE", row.getString(2), row.getString(4)), id);
            }
        });
    }
}
