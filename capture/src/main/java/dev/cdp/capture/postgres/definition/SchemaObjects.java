package dev.cdp.capture.postgres.definition;

import java.sql.SQLException;

/** Schemas, extensions and collations. */
final class SchemaObjects {
    private final Catalog catalog;
    private final ObjectGraph graph;

    SchemaObjects(Catalog catalog, ObjectGraph graph) {
        this.catalog = catalog;
        this.graph = graph;
    }

    void read() throws SQLException {
        readSchemas();
        readExtensions();
        readCollations();
    }

    private void readSchemas() throws SQLException {
        // A new database already has the schema public, and so may have others from its template.
        String sql = """
                SELECT n.oid, quote_ident(n.nspname) FROM pg_namespace n
                WHERE n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'cdp') AND %s
                """.formatted(Catalog.outsideOfExtensions("pg_namespace", "n.oid"));
        catalog.forEach(sql, row -> {
            String name = row.getString(2);
            graph.add(
                    new Making(Step.SCHEMA, "SCHEMA", name, "CREATE SCHEMA IF NOT EXISTS " + name),
                    ObjectId.of("pg_namespace", row.getLong(1)));
        });
    }

    private void readExtensions() throws SQLException {
        String sql = """
                SELECT e.oid, quote_ident(e.extname), e.extnamespace::regnamespace::text, e.extconfig IS NOT NULL
                FROM pg_extension e WHERE e.oid >= 16384
                """;
        catalog.forEach(sql, row -> {
            String name = row.getString(2);
            String create = "CREATE EXTENSION IF NOT EXISTS " + name + " WITH SCHEMA " + row.getString(3);
            graph.add(
                    new Making(Step.EXTENSION, "EXTENSION", name, create), ObjectId.of("pg_extension", row.getLong(1)));
            if (row.getBoolean(4)) {
                graph.warn("Not protected: rows in the tables of extension " + name
                        + "; a restore brings what CREATE EXTENSION puts there");
            }
        });
    }

    private void readCollations() throws SQLException {
        String locale = catalog.isAtLeast(17) ? "c.colllocale" : catalog.isAtLeast(15) ? "c.colliculocale" : "NULL";
        String rules = catalog.isAtLeast(16) ? "c.collicurules" : "NULL";
        String sql = """
                SELECT c.oid, c.oid::regcollation::text, c.collprovider, quote_literal(c.collcollate),
                       quote_literal(c.collctype), quote_literal(%s), quote_literal(%s), c.collisdeterministic
                FROM pg_collation c WHERE %s
                """.formatted(locale, rules, Catalog.covered("pg_collation", "c.oid", "c.collnamespace"));
        catalog.forEach(sql, row -> {
            String collate = row.getString(4);
            String single = row.getString(6);
            StringBuilder create = new StringBuilder("CREATE COLLATION ").append(row.getString(2));
            create.append(" (provider = ").append(provider(row.getString(3)));
            if (single != null) {
                create.append(", locale = ").append(single);
            } else if (row.getString(3).equals("i")) {
                create.append(", locale = ").append(collate);
            } else {
                create.append(", lc_collate = ")
                        .append(collate)
                        .append(", lc_ctype = ")
                        .append(row.getString(5));
            }
            create.append(row.getString(7) == null ? "" : ", rules = " + row.getString(7));
            create.append(row.getBoolean(8) ? "" : ", deterministic = false").append(")");
            graph.add(
                    new Making(Step.COLLATION, "COLLATION", row.getString(2), create.toString()),
                    ObjectId.of("pg_collation", row.getLong(1)));
        });
    }

    private static String provider(String letter) {
        return switch (letter) {
            case "i" -> "icu";
            case "b" -> "builtin";
            default -> "libc";
        };
    }
}
