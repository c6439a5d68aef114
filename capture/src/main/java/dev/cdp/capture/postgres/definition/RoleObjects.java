package dev.cdp.capture.postgres.definition;

import dev.cdp.capture.postgres.definition.AccessList.Change;
import java.sql.SQLException;

/** Who owns objects, and who may do what with them. */
final class RoleObjects {
    private final Catalog catalog;
    private final ObjectGraph graph;

    RoleObjects(Catalog catalog, ObjectGraph graph) {
        this.catalog = catalog;
        this.graph = graph;
    }

    void read() throws SQLException {
        readOwners();
        readPrivileges();
        readDefaultPrivileges();
    }

    /** Objects with an owner and privileges: catalog, oid, owner, kind in ALTER, privileges, kind of their default. */
    private static final String OWNED = """
            SELECT 'pg_namespace' AS catalog, n.oid, n.nspowner AS owner, 'SCHEMA' AS kind, n.nspacl AS acl,
                'n' AS letter
                FROM pg_namespace n
            UNION ALL SELECT 'pg_class', c.oid, c.relowner,
                CASE c.relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW' WHEN 'S' THEN 'SEQUENCE'
                    ELSE 'TABLE' END,
                c.relacl, CASE c.relkind WHEN 'S' THEN 's' ELSE 'r' END
                FROM pg_class c WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S')
            UNION ALL SELECT 'pg_proc', p.oid, p.proowner, 'ROUTINE', p.proacl, 'f' FROM pg_proc p
            UNION ALL SELECT 'pg_type', t.oid, t.typowner, CASE t.typtype WHEN 'd' THEN 'DOMAIN' ELSE 'TYPE' END,
                t.typacl, 'T'
                FROM pg_type t WHERE t.typtype IN ('e', 'd', 'r') OR t.typtype = 'c' AND EXISTS
                    (SELECT FROM pg_class c WHERE c.oid = t.typrelid AND c.relkind = 'c')
            UNION ALL SELECT 'pg_collation', oid, collowner, 'COLLATION', NULL, NULL FROM pg_collation
            UNION ALL SELECT 'pg_operator', oid, oprowner, 'OPERATOR', NULL, NULL FROM pg_operator
            UNION ALL SELECT 'pg_statistic_ext', oid, stxowner, 'STATISTICS', NULL, NULL FROM pg_statistic_ext
            UNION ALL SELECT 'pg_ts_dict', oid, dictowner, 'TEXT SEARCH DICTIONARY', NULL, NULL FROM pg_ts_dict
            UNION ALL SELECT 'pg_ts_config', oid, cfgowner, 'TEXT SEARCH CONFIGURATION', NULL, NULL FROM pg_ts_config
            UNION ALL SELECT 'pg_event_trigger', oid, evtowner, 'EVENT TRIGGER', NULL, NULL FROM pg_event_trigger
            """;

    private void readOwners() throws SQLException {
        // A sequence follows the owner of the table that owns it.
        String sql = """
                SELECT o.catalog, o.oid, o.kind || ' ' || i.identity, o.owner::regrole::text
                FROM (%s) o CROSS JOIN LATERAL pg_identify_object(('pg_catalog.' || o.catalog)::regclass, o.oid, 0) i
                WHERE (o.oid >= 16384 OR o.catalog = 'pg_namespace' AND o.oid = to_regnamespace('public'))
                AND NOT (o.kind = 'SEQUENCE' AND EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass
                         AND d.objid = o.oid AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')))
                """.formatted(OWNED);
        catalog.forEach(sql, row -> {
            ObjectId id = ObjectId.of(row.getString(1), row.getLong(2));
            if (graph.holds(id)) {
                String alter = "ALTER " + row.getString(3) + " OWNER TO " + row.getString(4);
                graph.addFollower(new Making(Step.OWNER, "OWNER", row.getString(3), RoleGuard.guarded(alter)), id);
            }
        });
    }

    private void readPrivileges() throws SQLException {
        String sql = """
                SELECT o.catalog, o.oid, 0, '',
                       CASE o.kind WHEN 'VIEW' THEN 'TABLE' WHEN 'MATERIALIZED VIEW' THEN 'TABLE' ELSE o.kind END
                       || ' ' || i.identity,
                       %s
                FROM (%s) o LEFT JOIN pg_init_privs p
                     ON p.classoid = ('pg_catalog.' || o.catalog)::regclass AND p.objoid = o.oid AND p.objsubid = 0
                CROSS JOIN LATERAL pg_identify_object(('pg_catalog.' || o.catalog)::regclass, o.oid, 0) i
                WHERE o.acl IS NOT NULL AND (o.oid >= 16384 OR o.catalog = 'pg_namespace'
                    AND o.oid = to_regnamespace('public'))
                UNION ALL
                SELECT 'pg_class', a.attrelid, a.attnum, quote_ident(a.attname), 'TABLE ' || a.attrelid::regclass::text,
                       %s
                FROM pg_attribute a WHERE a.attacl IS NOT NULL AND a.attrelid >= 16384 AND NOT a.attisdropped
                """.formatted(
                        AccessList.columns("o.acl", "coalesce(p.initprivs, acldefault(o.letter::\"char\", o.owner))"),
                        OWNED,
                        AccessList.columns("a.attacl", "'{}'::aclitem[]"));
        catalog.forEach(sql, row -> {
            ObjectId id = new ObjectId(row.getString(1), row.getLong(2), row.getInt(3));
            if (!graph.holds(id)) {
                return;
            }
            int place = 0;
            for (Change change : AccessList.changes(row.getString(6), row.getString(7))) {
                String statement = change.statement(row.getString(4), "ON " + row.getString(5));
                String order = "%s %04d".formatted(row.getString(5) + row.getString(4), place++);
                graph.addFollower(new Making(Step.PRIVILEGE, "GRANT", order, RoleGuard.guarded(statement)), id);
            }
        });
    }

    private void readDefaultPrivileges() throws SQLException {
        String sql = """
                SELECT 'ALTER DEFAULT PRIVILEGES FOR ROLE ' || d.defaclrole::regrole::text
                       || CASE WHEN d.defaclnamespace <> 0 THEN ' IN SCHEMA '
                           || d.defaclnamespace::regnamespace::text ELSE '' END,
                       CASE d.defaclobjtype WHEN 'r' THEN 'TABLES' WHEN 'S' THEN 'SEQUENCES' WHEN 'f' THEN 'ROUTINES'
                            WHEN 'T' THEN 'TYPES' WHEN 'n' THEN 'SCHEMAS' ELSE 'LARGE OBJECTS' END,
                       %s
                FROM pg_default_acl d LEFT JOIN pg_namespace n ON n.oid = d.defaclnamespace
                WHERE n.nspname IS DISTINCT FROM 'cdp'
                """.formatted(AccessList.columns("d.defaclacl", """
                        CASE WHEN d.defaclnamespace <> 0 THEN '{}'
                        ELSE acldefault(CASE d.defaclobjtype WHEN 'S' THEN 's' ELSE d.defaclobjtype END::"char",
                            d.defaclrole) END"""));
        catalog.forEach(sql, row -> {
            int place = 0;
            for (Change change : AccessList.changes(row.getString(3), row.getString(4))) {
                String statement = row.getString(1) + " " + change.statement("", "ON " + row.getString(2));
                String order = "%s %s %04d".formatted(row.getString(1), row.getString(2), place++);
                graph.addFollower(
                        new Making(Step.DEFAULT_PRIVILEGE, "DEFAULT PRIVILEGES", order, RoleGuard.guarded(statement)));
            }
        });
    }
}
