package dev.cdp.capture.postgres;

import dev.cdp.capture.CheckFinding;
import dev.cdp.capture.postgres.PostgresChecks.Catalog;
import dev.cdp.capture.source.TableScope;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Which tables of a PostgreSQL database cannot be protected as they are, and why. */
final class TableChecks {
    /** What the schema cdp can say: tables that could be protected and are not. */
    static final String UNPUBLISHED = """
            SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE c.relkind = 'r' AND cdp.can_protect(c.oid) AND NOT EXISTS (SELECT FROM pg_publication_rel r
                JOIN pg_publication p ON p.oid = r.prpubid WHERE p.pubname = 'cdp' AND r.prrelid = c.oid) ORDER BY 1""";

    static final String PROTECTED = """
            SELECT concat(count(*) FILTER (WHERE cdp.can_protect(c.oid)), ' tables are protected',
                ', ' || nullif(count(*) FILTER (WHERE NOT cdp.in_scope(n.nspname, c.relname)), 0)
                || ' are left out by the configuration')
            FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE c.relkind = 'r' AND c.relpersistence = 'p' AND n.nspname NOT LIKE 'pg\\_%'
                AND n.nspname NOT IN ('information_schema', 'cdp')""";

    private static final String USER_TABLES =
            " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname NOT LIKE 'pg\\_%'"
                    + " AND n.nspname NOT IN ('information_schema', 'cdp') AND {scope} ";
    private static final String NAME = "SELECT format('%I.%I', n.nspname, c.relname)";
    private static final String SCHEMAS = "SELECT DISTINCT format('%I', n.nspname)" + USER_TABLES
            + "AND c.relkind IN ('r', 'S') AND NOT has_schema_privilege(n.oid, 'USAGE') ORDER BY 1";
    private static final String PRIVILEGES =
            NAME + USER_TABLES + "AND c.relkind IN ('r', 'S') AND NOT has_table_privilege(c.oid, 'SELECT') ORDER BY 1";
    private static final String ROW_SECURITY =
            NAME + USER_TABLES + "AND c.relkind = 'r' AND row_security_active(c.oid) ORDER BY 1";
    private static final String KEYLESS = NAME + USER_TABLES + """
            AND c.relkind = 'r' AND c.relpersistence = 'p' AND c.relreplident <> 'f' AND (c.relreplident = 'n'
            OR NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indimmediate AND i.indisvalid
                AND CASE c.relreplident WHEN 'i' THEN i.indisreplident ELSE i.indisprimary END)) ORDER BY 1""";
    // Tables before their schemas: what is printed is run in this order.
    private static final String QUOTED = """
            SELECT CASE WHEN c.relname ~ '^"|"$' THEN format('TABLE %I.%I', n.nspname, c.relname)
                    ELSE format('SCHEMA %I', n.nspname) END AS object,
                quote_ident(btrim(CASE WHEN c.relname ~ '^"|"$' THEN c.relname ELSE n.nspname END, '"') || '_')
            """ + USER_TABLES + """
            AND c.relkind = 'r' AND (c.relname ~ '^"|"$' OR n.nspname ~ '^"|"$') GROUP BY 1, 2 ORDER BY 1 DESC""";
    private static final String CASE_TWINS =
            "SELECT format('%I.%I', n.nspname, c.relname), quote_ident(b.attname), quote_ident(b.attname || '_')"
                    + joined("""
            pg_attribute a ON a.attrelid = c.oid JOIN pg_attribute b ON b.attrelid = c.oid
                AND b.attnum > a.attnum AND lower(b.attname) = lower(a.attname)""") + """
            AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped AND NOT b.attisdropped ORDER BY 1, 2""";
    private static final String VIRTUAL_IN_IDENTITY = NAME + USER_TABLES + """
            AND c.relkind = 'r' AND c.relreplident = 'f' AND EXISTS (SELECT FROM pg_attribute a
                WHERE a.attrelid = c.oid AND a.attgenerated = 'v') ORDER BY 1""";
    private static final String PRINTS_BYTES = "SELECT format('%I.%I', n.nspname, c.relname), quote_ident(a.attname)"
            + joined("pg_attribute a ON a.attrelid = c.oid") + """
            AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped
            AND current_setting('server_version_num')::int < 160000 AND EXISTS (
                WITH RECURSIVE held AS (
                    SELECT a.atttypid AS oid
                    UNION SELECT part.oid FROM held JOIN pg_type t ON t.oid = held.oid CROSS JOIN LATERAL (
                        SELECT t.typbasetype UNION ALL SELECT t.typelem WHERE t.typcategory = 'A'
                        UNION ALL SELECT rngsubtype FROM pg_range WHERE t.oid IN (rngtypid, rngmultitypid)
                        UNION ALL SELECT atttypid FROM pg_attribute
                            WHERE attrelid = t.typrelid AND attnum > 0 AND NOT attisdropped) part (oid))
                SELECT FROM held WHERE oid = '"char"'::regtype) ORDER BY 1, 2""";
    private static final String BARE = NAME + USER_TABLES + """
            AND c.relkind = 'r' AND c.relpersistence = 'p' AND NOT EXISTS (SELECT FROM pg_attribute a
                WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '') ORDER BY 1""";
    private static final String UNLOGGED =
            NAME + USER_TABLES + "AND c.relkind = 'r' AND c.relpersistence = 'u' ORDER BY 1";
    private static final String FOREIGN = NAME + USER_TABLES + "AND c.relkind = 'f' ORDER BY 1";
    private static final String LARGE_OBJECTS = """
            SELECT count(*), min(oid) FROM pg_largeobject_metadata HAVING count(*) > 0""";

    private final Catalog catalog;
    private final TableScope scope;
    private final List<CheckFinding> findings = new ArrayList<>();

    private TableChecks(Catalog catalog, TableScope scope) {
        this.catalog = catalog;
        this.scope = scope;
    }

    private static String joined(String more) {
        return USER_TABLES.replace(" WHERE ", " JOIN " + more + " WHERE ");
    }

    static List<CheckFinding> run(Catalog catalog, TableScope scope, String user) throws SQLException {
        TableChecks checks = new TableChecks(catalog, scope);
        checks.rights(user);
        checks.identities();
        checks.names();
        checks.columns();
        checks.unlogged();
        return checks.findings;
    }

    private List<List<String>> rows(String sql) throws SQLException {
        String name = "n.nspname || '.' || c.relname ~ ";
        String included = scope.include().isEmpty() ? "true" : name + "ANY (" + array(scope.includedPatterns()) + ")";
        String excluded = scope.exclude().isEmpty() ? "false" : name + "ANY (" + array(scope.excludedPatterns()) + ")";
        return catalog.rows(sql.replace("{scope}", included + " AND NOT (" + excluded + ")"));
    }

    private static String array(List<String> patterns) {
        return patterns.stream()
                .map(pattern -> "'" + pattern.replace("'", "''") + "'")
                .collect(Collectors.joining(", ", "ARRAY[", "]"));
    }

    private void rights(String user) throws SQLException {
        for (List<String> row : rows(SCHEMAS)) {
            String schema = row.get(0);
            findings.add(
                    PostgresCheck.SCHEMA_PRIVILEGES.wrong(user + " may not use the schema " + schema, schema, user));
        }
        for (List<String> row : rows(PRIVILEGES)) {
            String table = row.get(0);
            findings.add(PostgresCheck.PRIVILEGES.wrong(user + " may not read " + table, table, user));
        }
        for (List<String> row : rows(ROW_SECURITY)) {
            findings.add(PostgresCheck.ROW_SECURITY.wrong(
                    row.get(0) + " has row-level security, which keeps " + user + " from copying it", user));
        }
    }

    private void identities() throws SQLException {
        for (List<String> row : rows(KEYLESS)) {
            String table = row.get(0);
            findings.add(PostgresCheck.REPLICA_IDENTITY.wrong(
                    table + " has no usable key, so its updates and deletes are not in the log", table));
        }
        for (List<String> row : rows(VIRTUAL_IN_IDENTITY)) {
            String table = row.get(0);
            findings.add(PostgresCheck.VIRTUAL_COLUMNS.wrong(
                    table + " has REPLICA IDENTITY FULL and virtual generated columns: PostgreSQL would refuse its"
                            + " updates if it were published",
                    table));
        }
    }

    private void names() throws SQLException {
        for (List<String> row : rows(CASE_TWINS)) {
            findings.add(PostgresCheck.COLUMN_NAMES.wrong(
                    row.get(0) + " has columns that differ only by case, such as " + row.get(1),
                    row.get(0),
                    row.get(1),
                    row.get(2)));
        }
        for (List<String> row : rows(QUOTED)) {
            findings.add(PostgresCheck.TABLE_NAMES.wrong(
                    row.get(0) + " has a name that begins or ends with a quotation mark: changes would be lost",
                    row.get(0),
                    row.get(1)));
        }
    }

    private void columns() throws SQLException {
        for (List<String> row : rows(BARE)) {
            findings.add(PostgresCheck.COLUMNS.wrong(
                    row.get(0) + " has no column that is not computed: its rows hold nothing to record", row.get(0)));
        }
        for (List<String> row : rows(PRINTS_BYTES)) {
            findings.add(PostgresCheck.CHAR_BYTES.wrong(
                    row.get(0) + " has a column of type \"char\", " + row.get(1) + ": this version of PostgreSQL prints"
                            + " its values above 127 as bytes that are no text",
                    row.get(0),
                    row.get(1)));
        }
    }

    private void unlogged() throws SQLException {
        for (List<String> row : rows(UNLOGGED)) {
            String table = row.get(0);
            findings.add(PostgresCheck.UNLOGGED.wrong(table + " is not logged: a restore brings it back empty", table));
        }
        for (List<String> row : rows(FOREIGN)) {
            findings.add(
                    PostgresCheck.FOREIGN_TABLES.wrong(row.get(0) + " is a foreign table: its rows are elsewhere"));
        }
        for (List<String> row : rows(LARGE_OBJECTS)) {
            findings.add(PostgresCheck.LARGE_OBJECTS.wrong("The database has " + row.get(0) + " large objects, such as "
                    + row.get(1) + ", which no log shows: a restore lacks them"));
        }
    }
}
