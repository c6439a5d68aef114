package dev.cdp.capture.postgres.definition;

import java.sql.SQLException;

/** Enumerations, composite types, ranges and domains. */
final class TypeObjects {
    private final Catalog catalog;
    private final ObjectGraph graph;

    TypeObjects(Catalog catalog, ObjectGraph graph) {
        this.catalog = catalog;
        this.graph = graph;
    }

    void read() throws SQLException {
        readEnums();
        readComposites();
        readRanges();
        readDomains();
        readDomainChecks();
        leaveOutBaseTypes();
    }

    private static String covered() {
        return Catalog.covered("pg_type", "t.oid", "t.typnamespace");
    }

    private void readEnums() throws SQLException {
        String sql = """
                SELECT t.oid, format_type(t.oid, NULL),
                       (SELECT string_agg(quote_literal(e.enumlabel), ', ' ORDER BY e.enumsortorder)
                        FROM pg_enum e WHERE e.enumtypid = t.oid)
                FROM pg_type t WHERE t.typtype = 'e' AND %s
                """.formatted(covered());
        catalog.forEach(sql, row -> {
            String labels = row.getString(3) == null ? "" : row.getString(3);
            add(row.getLong(1), "TYPE", row.getString(2), "CREATE TYPE %s AS ENUM (%s)", labels);
        });
    }

    private void readComposites() throws SQLException {
        String sql = """
                SELECT t.oid, format_type(t.oid, NULL), t.typrelid,
                       (SELECT string_agg(quote_ident(a.attname) || ' ' || format_type(a.atttypid, a.atttypmod)
                            || CASE WHEN a.attcollation NOT IN (0, at.typcollation)
                               THEN ' COLLATE ' || a.attcollation::regcollation::text ELSE '' END,
                            ', ' ORDER BY a.attnum)
                        FROM pg_attribute a JOIN pg_type at ON at.oid = a.atttypid
                        WHERE a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped)
                FROM pg_type t JOIN pg_class c ON c.oid = t.typrelid AND c.relkind = 'c'
                WHERE t.typtype = 'c' AND %s
                """.formatted(covered());
        catalog.forEach(sql, row -> {
            String attributes = row.getString(4) == null ? "" : row.getString(4);
            add(row.getLong(1), "TYPE", row.getString(2), "CREATE TYPE %s AS (%s)", attributes);
            graph.alias(ObjectId.relation(row.getLong(3)), ObjectId.type(row.getLong(1)));
        });
    }

    private void readRanges() throws SQLException {
        String sql = """
                SELECT t.oid, format_type(t.oid, NULL), r.rngcanonical <> 0,
                       concat_ws(', ', 'subtype = ' || format_type(r.rngsubtype, NULL),
                           'multirange_type_name = ' || format_type(r.rngmultitypid, NULL),
                           (SELECT 'subtype_opclass = ' || o.opcnamespace::regnamespace::text || '.'
                               || quote_ident(o.opcname)
                            FROM pg_opclass o WHERE o.oid = r.rngsubopc AND NOT o.opcdefault),
                           CASE WHEN r.rngcollation NOT IN (0, s.typcollation)
                                THEN 'collation = ' || r.rngcollation::regcollation::text END,
                           CASE WHEN r.rngsubdiff <> 0
                                THEN 'subtype_diff = ' || (SELECT p.pronamespace::regnamespace::text || '.'
                                     || quote_ident(p.proname) FROM pg_proc p WHERE p.oid = r.rngsubdiff) END)
                FROM pg_range r JOIN pg_type t ON t.oid = r.rngtypid JOIN pg_type s ON s.oid = r.rngsubtype
                WHERE %s
                """.formatted(covered());
        catalog.forEach(sql, row -> {
            if (row.getBoolean(3)) {
                graph.leaveOut(ObjectId.type(row.getLong(1)), "range type " + row.getString(2));
                graph.warn("Not protected: range type " + row.getString(2) + ", because it has a canonical function");
                return;
            }
            add(row.getLong(1), "TYPE", row.getString(2), "CREATE TYPE %s AS RANGE (%s)", row.getString(4));
        });
    }

    private void readDomains() throws SQLException {
        // From version 17 on, NOT NULL of a domain is a constraint with a name.
        String notNull = catalog.isAtLeast(17) ? """
                (SELECT ' CONSTRAINT ' || quote_ident(k.conname) || ' NOT NULL' FROM pg_constraint k
                 WHERE k.contypid = t.oid AND k.contype = 'n')""" : "CASE WHEN t.typnotnull THEN ' NOT NULL' END";
        String sql = """
                SELECT t.oid, format_type(t.oid, NULL),
                       concat(format_type(t.typbasetype, t.typtypmod),
                           CASE WHEN t.typcollation NOT IN (0, b.typcollation)
                                THEN ' COLLATE ' || t.typcollation::regcollation::text END,
                           ' DEFAULT ' || coalesce(pg_get_expr(t.typdefaultbin, 0), quote_literal(t.typdefault)), %s)
                FROM pg_type t JOIN pg_type b ON b.oid = t.typbasetype WHERE t.typtype = 'd' AND %s
                """.formatted(notNull, covered());
        catalog.forEach(
                sql,
                row -> add(row.getLong(1), "DOMAIN", row.getString(2), "CREATE DOMAIN %s AS %s", row.getString(3)));
    }

    private void readDomainChecks() throws SQLException {
        String sql = """
                SELECT k.oid, format_type(t.oid, NULL), quote_ident(k.conname), pg_get_constraintdef(k.oid),
                       k.convalidated, t.oid
                FROM pg_constraint k JOIN pg_type t ON t.oid = k.contypid WHERE k.contype = 'c' AND %s
                """.formatted(covered());
        catalog.forEach(sql, row -> {
            // Rows that a constraint does not hold for must still load.
            Step step = row.getBoolean(5) ? Step.DOMAIN_CHECK : Step.CHECK;
            String object = row.getString(3) + " ON " + row.getString(2);
            String alter = "ALTER DOMAIN %s ADD CONSTRAINT %s %s"
                    .formatted(row.getString(2), row.getString(3), Catalog.printed(row, 4));
            graph.add(
                    new Making(step, "DOMAIN CONSTRAINT", object, alter),
                    ObjectId.of("pg_constraint", row.getLong(1)),
                    ObjectId.type(row.getLong(6)));
        });
    }

    private void leaveOutBaseTypes() throws SQLException {
        String sql = """
                SELECT t.oid, format_type(t.oid, NULL) FROM pg_type t
                WHERE t.typtype = 'b' AND NOT EXISTS (SELECT FROM pg_type e WHERE e.typarray = t.oid) AND %s
                """.formatted(covered());
        catalog.forEach(sql, row -> {
            graph.leaveOut(ObjectId.type(row.getLong(1)), "base type " + row.getString(2));
            graph.warn("Not protected: base type " + row.getString(2) + "; only extensions can bring such types");
        });
    }

    private void add(long oid, String kind, String name, String form, String body) {
        graph.add(new Making(Step.TYPE, kind, name, form.formatted(name, body)), ObjectId.type(oid));
    }
}
