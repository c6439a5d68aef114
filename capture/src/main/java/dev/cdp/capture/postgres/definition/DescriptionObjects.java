package dev.cdp.capture.postgres.definition;

import java.sql.SQLException;
import java.util.Locale;

/** Statistics, text search, comments, settings of the database, and what is named because it is not kept. */
final class DescriptionObjects {
    private final Catalog catalog;
    private final ObjectGraph graph;

    DescriptionObjects(Catalog catalog, ObjectGraph graph) {
        this.catalog = catalog;
        this.graph = graph;
    }

    void read() throws SQLException {
        readStatistics();
        readTextSearchDictionaries();
        readTextSearchConfigurations();
        readComments();
        readDatabaseSettings();
        nameWhatIsNotKept();
    }

    private void readStatistics() throws SQLException {
        String sql = """
                SELECT s.oid, quote_ident(n.nspname) || '.' || quote_ident(s.stxname), pg_get_statisticsobjdef(s.oid),
                       nullif(s.stxstattarget, -1)
                FROM pg_statistic_ext s JOIN pg_namespace n ON n.oid = s.stxnamespace WHERE %s
                """.formatted(Catalog.covered("pg_statistic_ext", "s.oid", "s.stxnamespace"));
        catalog.forEach(sql, row -> {
            ObjectId id = ObjectId.of("pg_statistic_ext", row.getLong(1));
            String name = row.getString(2);
            graph.add(new Making(Step.STATISTICS, "STATISTICS", name, Catalog.printed(row, 3)), id);
            if (row.getString(4) != null) {
                String target = "ALTER STATISTICS " + name + " SET STATISTICS " + row.getString(4);
                graph.addFollower(new Making(Step.TABLE_SETTING, "STATISTICS", name, target), id);
            }
        });
    }

    private void readTextSearchDictionaries() throws SQLException {
        String sql = """
                SELECT d.oid, d.oid::regdictionary::text,
                       concat_ws(', ', 'TEMPLATE = ' || t.tmplnamespace::regnamespace::text || '.'
                           || quote_ident(t.tmplname),
                                 d.dictinitoption)
                FROM pg_ts_dict d JOIN pg_ts_template t ON t.oid = d.dicttemplate WHERE %s
                """.formatted(Catalog.covered("pg_ts_dict", "d.oid", "d.dictnamespace"));
        catalog.forEach(sql, row -> {
            String create = "CREATE TEXT SEARCH DICTIONARY %s (%s)".formatted(row.getString(2), row.getString(3));
            graph.add(
                    new Making(Step.TEXT_SEARCH, "TEXT SEARCH DICTIONARY", row.getString(2), create),
                    ObjectId.of("pg_ts_dict", row.getLong(1)));
        });
    }

    private void readTextSearchConfigurations() throws SQLException {
        String sql = """
                SELECT c.oid, c.oid::regconfig::text, p.prsnamespace::regnamespace::text || '.'
                    || quote_ident(p.prsname)
                FROM pg_ts_config c JOIN pg_ts_parser p ON p.oid = c.cfgparser WHERE %s
                """.formatted(Catalog.covered("pg_ts_config", "c.oid", "c.cfgnamespace"));
        catalog.forEach(sql, row -> {
            String create =
                    "CREATE TEXT SEARCH CONFIGURATION %s (PARSER = %s)".formatted(row.getString(2), row.getString(3));
            graph.add(
                    new Making(Step.TEXT_SEARCH, "TEXT SEARCH CONFIGURATION", row.getString(2), create),
                    ObjectId.of("pg_ts_config", row.getLong(1)));
        });
        String mappings = """
                SELECT c.oid, c.oid::regconfig::text, token.alias,
                       string_agg(m.mapdict::regdictionary::text, ', ' ORDER BY m.mapseqno)
                FROM pg_ts_config c JOIN pg_ts_config_map m ON m.mapcfg = c.oid
                CROSS JOIN LATERAL ts_token_type(c.cfgparser) token
                WHERE token.tokid = m.maptokentype AND %s GROUP BY c.oid, token.alias
                """.formatted(Catalog.covered("pg_ts_config", "c.oid", "c.cfgnamespace"));
        catalog.forEach(mappings, row -> {
            String alter = "ALTER TEXT SEARCH CONFIGURATION %s ADD MAPPING FOR %s WITH %s"
                    .formatted(row.getString(2), row.getString(3), row.getString(4));
            graph.addFollower(
                    new Making(Step.TEXT_SEARCH_MAPPING, "TEXT SEARCH MAPPING", row.getString(2), alter),
                    ObjectId.of("pg_ts_config", row.getLong(1)));
        });
    }

    /** Comments on all objects that have been added before. */
    private void readComments() throws SQLException {
        String sql = """
                SELECT d.classoid::regclass::text, d.objoid, d.objsubid, i.type, i.identity,
                    quote_literal(d.description)
                FROM pg_description d
                CROSS JOIN LATERAL pg_identify_object(d.classoid, d.objoid, d.objsubid) i
                WHERE (d.objoid >= 16384 OR d.objoid = 'public'::regnamespace) AND i.identity IS NOT NULL
                """;
        sql = sql.replace(
                "d.objoid = 'public'::regnamespace",
                "d.classoid = 'pg_namespace'::regclass AND d.objoid = to_regnamespace('public')"
                        + " AND d.description <> 'standard public schema'");
        catalog.forEach(sql, row -> {
            ObjectId id = new ObjectId(row.getString(1), row.getLong(2), row.getInt(3));
            String target = CommentTarget.of(row.getString(4), row.getString(5));
            if (graph.holds(id) && target != null) {
                String comment = "COMMENT ON " + target + " IS " + row.getString(6);
                // Both may exist before the restore and belong to someone else.
                boolean shared = target.startsWith("EXTENSION ") || target.startsWith("SCHEMA ");
                graph.addFollower(
                        new Making(Step.COMMENT, "COMMENT", target, shared ? RoleGuard.guarded(comment) : comment), id);
            }
        });
    }

    private void readDatabaseSettings() throws SQLException {
        String sql = """
                SELECT CASE WHEN s.setrole = 0 THEN 'DATABASE %1$I' ELSE 'ROLE '
                    || replace(s.setrole::regrole::text, '%', '%%')
                            || ' IN DATABASE %1$I' END,
                       setting.name, setting.value
                FROM pg_db_role_setting s JOIN pg_database d ON d.oid = s.setdatabase,
                LATERAL (SELECT split_part(entry, '=', 1) AS name, substr(entry, strpos(entry, '=') + 1) AS value
                         FROM unnest(s.setconfig) entry) setting
                WHERE d.datname = current_database()
                """;
        catalog.forEach(sql, row -> {
            String alter = "ALTER " + row.getString(1) + " SET " + row.getString(2) + " = "
                    + value(row.getString(2), row.getString(3)).replace("%", "%%");
            String execute = "EXECUTE format('" + alter.replace("'", "''") + "', current_database())";
            graph.addFollower(new Making(
                    Step.DATABASE_SETTING, "DATABASE SETTING", row.getString(2), RoleGuard.guarded(execute)));
        });
        String comment = """
                SELECT quote_literal(d.description) FROM pg_shdescription d JOIN pg_database b ON b.oid = d.objoid
                WHERE d.classoid = 'pg_database'::regclass AND b.datname = current_database()
                """;
        catalog.forEach(comment, row -> {
            String text = "COMMENT ON DATABASE %I IS " + row.getString(1).replace("%", "%%");
            String execute = "EXECUTE format('" + text.replace("'", "''") + "', current_database())";
            graph.addFollower(new Making(Step.DATABASE_SETTING, "COMMENT", "DATABASE", RoleGuard.guarded(execute)));
        });
    }

    /** Settings that are lists are printed as lists already; quoting them whole would make them one name. */
    private static String value(String setting, String value) {
        boolean list =
                switch (setting.toLowerCase(Locale.ROOT)) {
                    case "search_path",
                            "temp_tablespaces",
                            "session_preload_libraries",
                            "local_preload_libraries",
                            "shared_preload_libraries",
                            "datestyle" -> true;
                    default -> false;
                };
        return list && !value.isEmpty() ? value : "'" + value.replace("'", "''") + "'";
    }

    private void nameWhatIsNotKept() throws SQLException {
        String sql = """
                SELECT 'Not protected: large objects (table pg_largeobject); no log carries them for us'
                    WHERE EXISTS (SELECT FROM pg_largeobject_metadata)
                UNION ALL SELECT 'Not kept: publication ' || quote_ident(pubname) FROM pg_publication
                    WHERE pubname !~ '^cdp(_|$)'
                UNION ALL SELECT 'Not kept: subscription ' || quote_ident(subname) FROM pg_subscription
                    WHERE subdbid = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database())
                UNION ALL SELECT 'Not kept: foreign server ' || quote_ident(srvname) FROM pg_foreign_server
                UNION ALL SELECT 'Not kept: foreign-data wrapper ' || quote_ident(w.fdwname)
                    FROM pg_foreign_data_wrapper w
                    WHERE %s
                UNION ALL SELECT 'Not kept: language ' || quote_ident(l.lanname) FROM pg_language l
                    WHERE l.oid >= 16384 AND %s
                UNION ALL SELECT 'Not kept: access method ' || quote_ident(a.amname) FROM pg_am a
                    WHERE a.oid >= 16384 AND %s
                UNION ALL SELECT 'Not kept: operator class ' || o.opcnamespace::regnamespace::text || '.'
                    || quote_ident(o.opcname)
                    FROM pg_opclass o WHERE %s
                UNION ALL SELECT 'Not kept: conversion ' || o.connamespace::regnamespace::text || '.'
                    || quote_ident(o.conname)
                    FROM pg_conversion o WHERE %s
                UNION ALL SELECT 'Not kept: text search parser ' || p.prsnamespace::regnamespace::text || '.'
                    || quote_ident(p.prsname)
                    FROM pg_ts_parser p WHERE %s
                UNION ALL SELECT DISTINCT 'Not kept: security labels' FROM pg_seclabel
                """.formatted(
                        Catalog.outsideOfExtensions("pg_foreign_data_wrapper", "w.oid"),
                        Catalog.outsideOfExtensions("pg_language", "l.oid"),
                        Catalog.outsideOfExtensions("pg_am", "a.oid"),
                        Catalog.covered("pg_opclass", "o.oid", "o.opcnamespace"),
                        Catalog.covered("pg_conversion", "o.oid", "o.connamespace"),
                        Catalog.covered("pg_ts_parser", "p.oid", "p.prsnamespace"));
        catalog.forEach(sql, row -> graph.warn(row.getString(1)));
    }
}
