package dev.cdp.capture.postgres.definition;

import dev.cdp.core.TableName;
import java.sql.ResultSet;
import java.sql.SQLException;

/** Keys, checks, foreign keys and indexes. */
final class ConstraintObjects {
    private final Catalog catalog;
    private final ObjectGraph graph;

    ConstraintObjects(Catalog catalog, ObjectGraph graph) {
        this.catalog = catalog;
        this.graph = graph;
    }

    void read() throws SQLException {
        readConstraints();
        readIndexes();
        readAttachments();
        readIndexSettings();
    }

    private static String covered() {
        return Catalog.covered("pg_class", "c.oid", "c.relnamespace");
    }

    private void readConstraints() throws SQLException {
        // ONLY: the partitions have keys of their own, which are attached by name. Checks and foreign keys pass on.
        String sql = """
                SELECT k.oid, k.contype, quote_ident(k.conname), c.oid::regclass::text, n.nspname, c.relname,
                       pg_get_constraintdef(k.oid), c.oid, k.conindid, k.conrelid = k.confrelid
                FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
                WHERE (k.contype IN ('p', 'u', 'x') OR k.contype = 'f' AND k.conparentid = 0
                       OR k.contype = 'c' AND k.conislocal OR k.contype = 'n' AND NOT k.convalidated AND k.conislocal)
                AND c.relkind IN ('r', 'p') AND %s
                """.formatted(covered());
        catalog.forEach(sql, this::addConstraint);
    }

    private void addConstraint(ResultSet row) throws SQLException {
        String type = row.getString(2);
        boolean key = "pux".contains(type);
        Step step = key ? Step.KEY : type.equals("f") ? Step.FOREIGN_KEY : Step.CHECK;
        String alter = "ALTER TABLE %s%s ADD CONSTRAINT %s %s"
                .formatted(key ? "ONLY " : "", row.getString(4), row.getString(3), Catalog.printed(row, 7));
        TableName table = new TableName(row.getString(5), row.getString(6));
        String object = row.getString(3) + " ON " + row.getString(4);
        ObjectId id = ObjectId.of("pg_constraint", row.getLong(1));
        graph.add(new Making(step, kind(type), object, table, alter), id, ObjectId.relation(row.getLong(8)));
        if (key) {
            graph.alias(ObjectId.relation(row.getLong(9)), id);
        }
    }

    private static String kind(String type) {
        return switch (type) {
            case "p" -> "PRIMARY KEY";
            case "u" -> "UNIQUE CONSTRAINT";
            case "x" -> "EXCLUSION CONSTRAINT";
            case "f" -> "FOREIGN KEY";
            case "n" -> "NOT NULL CONSTRAINT";
            default -> "CHECK CONSTRAINT";
        };
    }

    private void readIndexes() throws SQLException {
        String sql = """
                SELECT ic.oid, ic.oid::regclass::text, n.nspname, c.relname, pg_get_indexdef(ic.oid),
                       i.indisvalid OR ic.relkind = 'I', c.oid
                FROM pg_index i JOIN pg_class ic ON ic.oid = i.indexrelid JOIN pg_class c ON c.oid = i.indrelid
                JOIN pg_namespace n ON n.oid = c.relnamespace
                WHERE %s AND c.relkind IN ('r', 'p', 'm')
                AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = ic.oid AND k.contype IN ('p', 'u', 'x'))
                """.formatted(covered());
        catalog.forEach(sql, row -> {
            if (!row.getBoolean(6)) {
                graph.leaveOut(ObjectId.relation(row.getLong(1)), "invalid index " + row.getString(2));
                graph.warn("Not kept: index " + row.getString(2) + ", which is invalid; REINDEX it or drop it");
                return;
            }
            TableName table = new TableName(row.getString(3), row.getString(4));
            graph.add(
                    new Making(Step.INDEX, "INDEX", row.getString(2), table, Catalog.printed(row, 5)),
                    ObjectId.relation(row.getLong(1)),
                    ObjectId.relation(row.getLong(7)));
        });
    }

    /** The index of a partition becomes part of the index of its parent. */
    private void readAttachments() throws SQLException {
        String sql = """
                SELECT ic.oid, ic.oid::regclass::text, p.oid, p.oid::regclass::text, n.nspname, c.relname,
                       EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = ic.oid AND k.contype IN ('p', 'u', 'x'))
                FROM pg_inherits h JOIN pg_class ic ON ic.oid = h.inhrelid AND ic.relkind IN ('i', 'I')
                JOIN pg_class p ON p.oid = h.inhparent JOIN pg_index i ON i.indexrelid = ic.oid
                JOIN pg_class c ON c.oid = i.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE %s
                """.formatted(covered());
        catalog.forEach(sql, row -> {
            Step step = row.getBoolean(7) ? Step.KEY_ATTACHMENT : Step.INDEX_ATTACHMENT;
            TableName table = new TableName(row.getString(5), row.getString(6));
            String attach = "ALTER INDEX %s ATTACH PARTITION %s".formatted(row.getString(4), row.getString(2));
            graph.addFollower(
                    new Making(step, "INDEX ATTACH", row.getString(2), table, attach),
                    ObjectId.relation(row.getLong(1)),
                    ObjectId.relation(row.getLong(3)));
        });
    }

    private void readIndexSettings() throws SQLException {
        readIndexOptions();
        readStatisticsTargets();
        readClusterIndexes();
    }

    /** The storage parameters of keys; those of other indexes stand in CREATE INDEX. */
    private void readIndexOptions() throws SQLException {
        String sql = """
                SELECT ic.oid, ic.oid::regclass::text, n.nspname, c.relname,
                       (SELECT string_agg(quote_ident(o.option_name) || '=' || quote_literal(o.option_value), ', ')
                        FROM pg_options_to_table(ic.reloptions) o)
                FROM pg_constraint k JOIN pg_class ic ON ic.oid = k.conindid JOIN pg_class c ON c.oid = k.conrelid
                JOIN pg_namespace n ON n.oid = c.relnamespace
                WHERE k.contype IN ('p', 'u', 'x') AND ic.reloptions IS NOT NULL AND %s
                """.formatted(covered());
        catalog.forEach(sql, row -> addSetting(row, "ALTER INDEX %s SET (%s)"));
    }

    private void readStatisticsTargets() throws SQLException {
        String sql = """
                SELECT ic.oid, ic.oid::regclass::text, n.nspname, c.relname,
                       a.attnum || ' SET STATISTICS ' || a.attstattarget
                FROM pg_attribute a JOIN pg_class ic ON ic.oid = a.attrelid JOIN pg_index i ON i.indexrelid = ic.oid
                JOIN pg_class c ON c.oid = i.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace
                WHERE a.attstattarget >= 0 AND a.attnum > 0 AND ic.relkind IN ('i', 'I') AND %s
                """.formatted(covered());
        catalog.forEach(sql, row -> addSetting(row, "ALTER INDEX %s ALTER COLUMN %s"));
    }

    private void readClusterIndexes() throws SQLException {
        String sql = """
                SELECT ic.oid, c.oid::regclass::text, n.nspname, c.relname, quote_ident(ic.relname)
                FROM pg_index i JOIN pg_class ic ON ic.oid = i.indexrelid JOIN pg_class c ON c.oid = i.indrelid
                JOIN pg_namespace n ON n.oid = c.relnamespace WHERE i.indisclustered AND %s
                """.formatted(covered());
        catalog.forEach(sql, row -> addSetting(row, "ALTER TABLE %s CLUSTER ON %s"));
    }

    private void addSetting(ResultSet row, String form) throws SQLException {
        TableName table = new TableName(row.getString(3), row.getString(4));
        String sql = form.formatted(row.getString(2), row.getString(5));
        graph.addFollower(
                new Making(Step.TABLE_SETTING, "INDEX SETTING", row.getString(2), table, sql),
                ObjectId.relation(row.getLong(1)));
    }
}
