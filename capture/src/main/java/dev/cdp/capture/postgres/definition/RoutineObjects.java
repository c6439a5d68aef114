package dev.cdp.capture.postgres.definition;

import java.sql.SQLException;

/** Functions, procedures, aggregates, operators and casts. */
final class RoutineObjects {
    private final Catalog catalog;
    private final ObjectGraph graph;

    RoutineObjects(Catalog catalog, ObjectGraph graph) {
        this.catalog = catalog;
        this.graph = graph;
    }

    void read() throws SQLException {
        readFunctions();
        readAggregates();
        readOperators();
        readCasts();
    }

    private static String covered() {
        return Catalog.covered("pg_proc", "p.oid", "p.pronamespace");
    }

    private void readFunctions() throws SQLException {
        // The constructors of range types come with their types.
        String sql = """
                SELECT p.oid, p.oid::regprocedure::text, p.prokind, pg_get_functiondef(p.oid)
                FROM pg_proc p WHERE p.prokind <> 'a' AND %s
                AND NOT EXISTS (SELECT FROM pg_depend d
                                WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'i')
                """.formatted(covered());
        catalog.forEach(sql, row -> {
            String kind = row.getString(3).equals("p") ? "PROCEDURE" : "FUNCTION";
            graph.add(
                    new Making(Step.ROUTINE, kind, row.getString(2), Catalog.printed(row, 4)),
                    ObjectId.of("pg_proc", row.getLong(1)));
        });
    }

    private void readAggregates() throws SQLException {
        String sql = """
                SELECT p.oid, p.oid::regprocedure::text,
                       p.pronamespace::regnamespace::text || '.' || quote_ident(p.proname) || '('
                           || coalesce(nullif(pg_get_function_arguments(p.oid), ''), '*') || ')',
                       concat_ws(', ',
                           'SFUNC = ' || %1$s(a.aggtransfn), 'STYPE = ' || format_type(a.aggtranstype, NULL),
                           'SSPACE = ' || nullif(a.aggtransspace, 0),
                           'FINALFUNC = ' || %1$s(a.aggfinalfn),
                           CASE WHEN a.aggfinalextra THEN 'FINALFUNC_EXTRA' END,
                           CASE WHEN a.aggfinalfn <> 0 THEN 'FINALFUNC_MODIFY = ' || %2$s(a.aggfinalmodify) END,
                           'COMBINEFUNC = ' || %1$s(a.aggcombinefn), 'SERIALFUNC = ' || %1$s(a.aggserialfn),
                           'DESERIALFUNC = ' || %1$s(a.aggdeserialfn), 'INITCOND = ' || quote_literal(a.agginitval),
                           'MSFUNC = ' || %1$s(a.aggmtransfn), 'MINVFUNC = ' || %1$s(a.aggminvtransfn),
                           CASE WHEN a.aggmtranstype <> 0 THEN 'MSTYPE = ' || format_type(a.aggmtranstype, NULL) END,
                           'MSSPACE = ' || nullif(a.aggmtransspace, 0), 'MFINALFUNC = ' || %1$s(a.aggmfinalfn),
                           CASE WHEN a.aggmfinalextra THEN 'MFINALFUNC_EXTRA' END,
                           CASE WHEN a.aggmfinalfn <> 0 THEN 'MFINALFUNC_MODIFY = ' || %2$s(a.aggmfinalmodify) END,
                           'MINITCOND = ' || quote_literal(a.aggminitval),
                           CASE WHEN a.aggsortop <> 0 THEN 'SORTOP = ' || (SELECT 'OPERATOR('
                                || o.oprnamespace::regnamespace::text || '.' || o.oprname || ')'
                                FROM pg_operator o WHERE o.oid = a.aggsortop) END,
                           CASE WHEN a.aggkind = 'h' THEN 'HYPOTHETICAL' END,
                           CASE p.proparallel WHEN 's' THEN 'PARALLEL = SAFE' WHEN 'r' THEN 'PARALLEL = RESTRICTED' END)
                FROM pg_proc p JOIN pg_aggregate a ON a.aggfnoid = p.oid WHERE %3$s
                """.replace(
                        "%1$s(",
                        "(SELECT f.pronamespace::regnamespace::text || '.' || quote_ident(f.proname) "
                                + "FROM pg_proc f WHERE f.oid = ")
                .replace(
                        "%2$s(",
                        "(SELECT m.word FROM (VALUES ('r', 'READ_ONLY'), ('s', 'SHAREABLE'), "
                                + "('w', 'READ_WRITE')) AS m (letter, word) WHERE m.letter = ")
                .replace("%3$s", covered());
        catalog.forEach(
                sql,
                row -> graph.add(
                        new Making(
                                Step.ROUTINE,
                                "AGGREGATE",
                                row.getString(2),
                                "CREATE AGGREGATE " + row.getString(3) + " (" + row.getString(4) + ")"),
                        ObjectId.of("pg_proc", row.getLong(1))));
    }

    private void readOperators() throws SQLException {
        String sql = """
                SELECT o.oid, o.oid::regoperator::text, o.oprnamespace::regnamespace::text || '.' || o.oprname,
                       concat_ws(', ',
                           'FUNCTION = ' || (SELECT f.pronamespace::regnamespace::text || '.' || quote_ident(f.proname)
                                             FROM pg_proc f WHERE f.oid = o.oprcode),
                           CASE WHEN o.oprleft <> 0 THEN 'LEFTARG = ' || format_type(o.oprleft, NULL) END,
                           'RIGHTARG = ' || format_type(o.oprright, NULL),
                           'COMMUTATOR = ' || (SELECT 'OPERATOR(' || x.oprnamespace::regnamespace::text || '.'
                               || x.oprname || ')'
                                               FROM pg_operator x WHERE x.oid = o.oprcom),
                           'NEGATOR = ' || (SELECT 'OPERATOR(' || x.oprnamespace::regnamespace::text || '.'
                               || x.oprname || ')'
                                            FROM pg_operator x WHERE x.oid = o.oprnegate),
                           CASE WHEN o.oprrest <> 0 THEN 'RESTRICT = ' || o.oprrest::regproc::text END,
                           CASE WHEN o.oprjoin <> 0 THEN 'JOIN = ' || o.oprjoin::regproc::text END,
                           CASE WHEN o.oprcanhash THEN 'HASHES' END, CASE WHEN o.oprcanmerge THEN 'MERGES' END)
                FROM pg_operator o WHERE o.oprcode <> 0 AND %s
                """.formatted(Catalog.covered("pg_operator", "o.oid", "o.oprnamespace"));
        catalog.forEach(
                sql,
                row -> graph.add(
                        new Making(
                                Step.OPERATOR,
                                "OPERATOR",
                                row.getString(2),
                                "CREATE OPERATOR " + row.getString(3) + " (" + row.getString(4) + ")"),
                        ObjectId.of("pg_operator", row.getLong(1))));
    }

    private void readCasts() throws SQLException {
        String sql = """
                SELECT c.oid, '(' || format_type(c.castsource, NULL) || ' AS ' || format_type(c.casttarget, NULL)
                    || ')',
                       CASE c.castmethod WHEN 'b' THEN 'WITHOUT FUNCTION' WHEN 'i' THEN 'WITH INOUT'
                            ELSE 'WITH FUNCTION ' || c.castfunc::regprocedure::text END
                       || CASE c.castcontext WHEN 'a' THEN ' AS ASSIGNMENT' WHEN 'i' THEN ' AS IMPLICIT' ELSE '' END
                FROM pg_cast c WHERE c.oid >= 16384 AND %s
                AND NOT EXISTS (SELECT FROM pg_depend d
                                WHERE d.classid = 'pg_cast'::regclass AND d.objid = c.oid AND d.deptype = 'i')
                """.formatted(Catalog.outsideOfExtensions("pg_cast", "c.oid"));
        catalog.forEach(
                sql,
                row -> graph.add(
                        new Making(
                                Step.OPERATOR,
                                "CAST",
                                row.getString(2),
                                "CREATE CAST " + row.getString(2) + " " + row.getString(3)),
                        ObjectId.of("pg_cast", row.getLong(1))));
    }
}
