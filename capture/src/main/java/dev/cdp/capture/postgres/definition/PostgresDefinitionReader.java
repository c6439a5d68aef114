package dev.cdp.capture.postgres.definition;

import dev.cdp.core.Engine;
import dev.cdp.core.definition.DatabaseDefinition;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads the definition of the database a connection is in, from PostgreSQL 14 to 18.
 *
 * <p>Inside a transaction it reads as of that transaction's snapshot, as far as the server does: the functions that
 * print definitions see what is committed when they run, and fail where an object has been dropped since. Outside of a
 * transaction it opens its own, and tries again.
 */
public final class PostgresDefinitionReader {
    private static final String SEARCH_PATH = "search_path";

    private PostgresDefinitionReader() {}

    /** The definition of all objects but the system's, an extension's and those of our own schema {@code cdp}. */
    public static DatabaseDefinition read(Connection connection) throws SQLException {
        return connection.getAutoCommit()
                ? new SteadyCatalog(connection).read(PostgresDefinitionReader::readWithPlainNames)
                : readWithPlainNames(connection);
    }

    /** Reads while only the system's own names may stand without their schema. */
    private static DatabaseDefinition readWithPlainNames(Connection connection) throws SQLException {
        Catalog catalog = new Catalog(connection);
        Map<String, String> before = new LinkedHashMap<>();
        Map<String, String> wanted = Map.of(
                SEARCH_PATH,
                "pg_catalog",
                "DateStyle",
                "ISO, YMD",
                "IntervalStyle",
                "postgres",
                "quote_all_identifiers",
                "off");
        for (Map.Entry<String, String> setting : wanted.entrySet()) {
            before.put(setting.getKey(), catalog.setting(setting.getKey()));
            catalog.set(setting.getKey(), setting.getValue());
        }
        DatabaseDefinition definition = readAll(catalog);
        for (Map.Entry<String, String> setting : before.entrySet()) {
            catalog.set(setting.getKey(), setting.getValue());
        }
        return definition;
    }

    private static DatabaseDefinition readAll(Catalog catalog) throws SQLException {
        ObjectGraph graph = new ObjectGraph();
        Map<Long, List<TableColumn>> columns = TableColumn.byRelation(catalog);
        new SchemaObjects(catalog, graph).read();
        new TypeObjects(catalog, graph).read();
        new RoutineObjects(catalog, graph).read();
        new SequenceObjects(catalog, graph).read();
        new TableObjects(catalog, graph, columns).read();
        new ConstraintObjects(catalog, graph).read();
        new ViewObjects(catalog, graph, columns).read();
        new BehaviourObjects(catalog, graph).read();
        // These describe objects that the graph holds by now.
        new DescriptionObjects(catalog, graph).read();
        new RoleObjects(catalog, graph).read();
        graph.link(catalog);
        return new DatabaseDefinition(
                Engine.POSTGRESQL,
                catalog.setting("server_version"),
                databaseSettings(catalog),
                new DependencyOrder(graph).statements(),
                SequenceObjects.values(catalog),
                graph.unprotected());
    }

    private static Map<String, String> databaseSettings(Catalog catalog) throws SQLException {
        String locale = catalog.isAtLeast(17) ? "datlocale" : catalog.isAtLeast(15) ? "daticulocale" : "NULL";
        String rules = catalog.isAtLeast(16) ? "daticurules" : "NULL";
        String provider = catalog.isAtLeast(15) ? "datlocprovider" : "'c'";
        String sql = """
                SELECT pg_encoding_to_char(encoding), datcollate, datctype,
                       CASE %s WHEN 'i' THEN 'icu' WHEN 'b' THEN 'builtin' ELSE 'libc' END, %s, %s
                FROM pg_database WHERE datname = current_database()
                """.formatted(provider, locale, rules);
        Map<String, String> settings = new LinkedHashMap<>();
        catalog.forEach(sql, row -> {
            List<String> names =
                    List.of("encoding", "lc_collate", "lc_ctype", "locale_provider", "locale", "icu_rules");
            for (int i = 0; i < names.size(); i++) {
                if (row.getString(i + 1) != null) {
                    settings.put(names.get(i), row.getString(i + 1));
                }
            }
        });
        return settings;
    }
}
