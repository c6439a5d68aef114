package dev.cdp.capture.postgres.definition;

import dev.cdp.core.TableName;
import dev.cdp.core.definition.SequenceValue;
import dev.cdp.core.definition.SequenceValue.Kind;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** Sequences: their own, those of identity columns, who owns them, and how far they have counted. */
final class SequenceObjects {
    private static final int SEQUENCES_PER_QUERY = 100;

    private final Catalog catalog;
    private final ObjectGraph graph;

    SequenceObjects(Catalog catalog, ObjectGraph graph) {
        this.catalog = catalog;
        this.graph = graph;
    }

    private static String options(String identity) {
        return """
                concat_ws(' ', %s 'START WITH ' || s.seqstart, 'INCREMENT BY ' || s.seqincrement,
                    'MINVALUE ' || s.seqmin, 'MAXVALUE ' || s.seqmax, 'CACHE ' || s.seqcache,
                    CASE WHEN s.seqcycle THEN 'CYCLE' END)
                """.formatted(identity);
    }

    void read() throws SQLException {
        readSequences();
        readOwners();
        readIdentities();
    }

    private void readSequences() throws SQLException {
        String sql = """
                SELECT c.oid, c.oid::regclass::text, c.relpersistence = 'u', format_type(s.seqtypid, NULL), %s
                FROM pg_sequence s JOIN pg_class c ON c.oid = s.seqrelid
                WHERE %s AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass
                                         AND d.objid = c.oid AND d.deptype = 'i')
                """.formatted(options(""), Catalog.covered("pg_class", "c.oid", "c.relnamespace"));
        catalog.forEach(sql, row -> {
            String create = "CREATE %sSEQUENCE %s AS %s %s"
                    .formatted(
                            row.getBoolean(3) ? "UNLOGGED " : "", row.getString(2), row.getString(4), row.getString(5));
            graph.add(
                    new Making(Step.SEQUENCE, "SEQUENCE", row.getString(2), create), ObjectId.relation(row.getLong(1)));
        });
    }

    private void readOwners() throws SQLException {
        String sql = """
                SELECT c.oid, c.oid::regclass::text, t.oid, n.nspname, t.relname,
                       t.oid::regclass::text || '.' || quote_ident(a.attname)
                FROM pg_class c JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = c.oid
                     AND d.refclassid = 'pg_class'::regclass AND d.deptype = 'a'
                JOIN pg_class t ON t.oid = d.refobjid JOIN pg_namespace n ON n.oid = t.relnamespace
                JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = d.refobjsubid
                WHERE c.relkind = 'S' AND %s
                """.formatted(Catalog.covered("pg_class", "c.oid", "c.relnamespace"));
        catalog.forEach(
                sql,
                row -> graph.addFollower(
                        new Making(
                                Step.COLUMN_SOURCE,
                                "SEQUENCE OWNED BY",
                                row.getString(2),
                                new TableName(row.getString(4), row.getString(5)),
                                "ALTER SEQUENCE " + row.getString(2) + " OWNED BY " + row.getString(6)),
                        ObjectId.relation(row.getLong(1)),
                        ObjectId.relation(row.getLong(3))));
    }

    private void readIdentities() throws SQLException {
        String sql = """
                SELECT c.oid, c.oid::regclass::text, n.nspname, t.relname, t.oid::regclass::text,
                       quote_ident(a.attname), CASE a.attidentity WHEN 'a' THEN 'ALWAYS' ELSE 'BY DEFAULT' END,
                           %s, t.oid
                FROM pg_sequence s JOIN pg_class c ON c.oid = s.seqrelid
                JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = c.oid
                     AND d.refclassid = 'pg_class'::regclass AND d.deptype = 'i'
                JOIN pg_class t ON t.oid = d.refobjid JOIN pg_namespace n ON n.oid = t.relnamespace
                JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = d.refobjsubid
                WHERE %s
                """.formatted(
                        options("'SEQUENCE NAME ' || c.oid::regclass::text,"),
                        Catalog.covered("pg_class", "c.oid", "c.relnamespace"));
        catalog.forEach(sql, row -> {
            String alter = "ALTER TABLE %s ALTER COLUMN %s ADD GENERATED %s AS IDENTITY (%s)"
                    .formatted(row.getString(5), row.getString(6), row.getString(7), row.getString(8));
            graph.add(
                    new Making(
                            Step.COLUMN_SOURCE,
                            "IDENTITY",
                            row.getString(2),
                            new TableName(row.getString(3), row.getString(4)),
                            alter),
                    ObjectId.relation(row.getLong(1)),
                    ObjectId.relation(row.getLong(9)));
        });
    }

    /**
     * How far each sequence has counted, by schema and name. Sequences are not versioned: a value may be newer than the
     * snapshot of the transaction that reads it, never older.
     */
    static List<SequenceValue> values(Catalog catalog) throws SQLException {
        String sql = """
                SELECT format('SELECT %%L, %%L, last_value, is_called FROM %%s',
                              n.nspname, c.relname, c.oid::regclass)
                FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = 'S' AND %s
                ORDER BY n.nspname COLLATE "C", c.relname COLLATE "C"
                """.formatted(Catalog.covered("pg_class", "c.oid", "c.relnamespace"));
        List<String> queries = catalog.rows(sql, row -> row.getString(1));
        List<SequenceValue> values = new ArrayList<>();
        for (int i = 0; i < queries.size(); i += SEQUENCES_PER_QUERY) {
            List<String> some = queries.subList(i, Math.min(queries.size(), i + SEQUENCES_PER_QUERY));
            values.addAll(catalog.rows(
                    String.join(" UNION ALL ", some),
                    row -> new SequenceValue(
                            Kind.SEQUENCE, row.getString(1), row.getString(2), row.getLong(3), row.getBoolean(4))));
        }
        return values;
    }
}
