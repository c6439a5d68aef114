package dev.cdp.capture.binlog.definition;

import dev.cdp.core.Engine;
import dev.cdp.core.definition.DatabaseDefinition;
import dev.cdp.core.definition.SequenceValue;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads the definition of the database that a connection is in, from MariaDB 10.11 and 11.4 and
 * MySQL 8.4. Statements do not name
 * the database, so they run in one of another name.
 *
 * <p>The catalog is not versioned: what is read is what is committed, also inside a transaction with a snapshot.
 */
public final class DefinitionReader {
    private DefinitionReader() {}

    /**
     * The definition of all objects of the current database.
     *
     * @param engine MariaDB or MySQL
     * @throws SQLException also when the connection is in no database
     */
    public static DatabaseDefinition read(Connection connection, Engine engine) throws SQLException {
        Catalog catalog = new Catalog(connection);
        // Under other modes and settings the server prints in another way.
        List<String> before = catalog.rows(
                        "SELECT @@sql_mode, @@sql_quote_show_create",
                        row -> List.of(row.getString(1), row.getString(2)))
                .get(0);
        catalog.execute("SET sql_mode = '', sql_quote_show_create = 1");
        try {
            return readAll(catalog, engine);
        } finally {
            catalog.execute("SET sql_mode = " + SqlScanner.literal(before.get(0)) + ", sql_quote_show_create = "
                    + before.get(1));
        }
    }

    /** How far sequences and AUTO_INCREMENT counters of this database have counted; cheap enough to ask often. */
    public static List<SequenceValue> sequences(Connection connection) throws SQLException {
        Catalog catalog = new Catalog(connection);
        return new TableObjects(catalog, new DefinitionText(catalog.database())).values();
    }

    private static DatabaseDefinition readAll(Catalog catalog, Engine engine) throws SQLException {
        DefinitionText text = new DefinitionText(catalog.database());
        TableObjects tables = new TableObjects(catalog, text);
        ProgramObjects programs = new ProgramObjects(catalog, text, engine);
        tables.read();
        programs.readRoutines();
        new ViewObjects(catalog, text).read();
        text.useUsualSession();
        programs.readTriggers();
        programs.readEvents();
        text.useUsualSession();
        warnOfPrivileges(catalog, text);
        if (engine == Engine.MYSQL) {
            warnOfJson(catalog, text);
        }
        List<SequenceValue> values = tables.values();
        return new DatabaseDefinition(
                engine,
                catalog.texts("SELECT VERSION()").get(0),
                databaseSettings(catalog, engine),
                text.statements(),
                values,
                text.unprotected());
    }

    private static Map<String, String> databaseSettings(Catalog catalog, Engine engine) throws SQLException {
        String sql = """
                SELECT default_character_set_name, default_collation_name, %s
                FROM information_schema.schemata WHERE schema_name = DATABASE()
                """.formatted(engine == Engine.MYSQL ? "''" : "schema_comment");
        Map<String, String> settings = new LinkedHashMap<>();
        catalog.rows(sql, row -> {
            settings.put("character_set", row.getString(1));
            settings.put("collation", row.getString(2));
            return settings.put("comment", row.getString(3));
        });
        return settings;
    }

    private static void warnOfPrivileges(Catalog catalog, DefinitionText text) throws SQLException {
        String sql = """
                SELECT DISTINCT grantee FROM
                    (SELECT grantee FROM information_schema.schema_privileges WHERE table_schema = DATABASE()
                     UNION ALL SELECT grantee FROM information_schema.table_privileges WHERE table_schema = DATABASE()
                     UNION ALL SELECT grantee FROM information_schema.column_privileges
                         WHERE table_schema = DATABASE()) g
                """;
        catalog.texts(sql)
                .forEach(grantee -> text.warn("Not kept: the privileges of " + grantee
                        + " on this database; grant them on a database restored under another name"));
    }

    /** MariaDB keeps JSON as the text that was written. */
    private static void warnOfJson(Catalog catalog, DefinitionText text) throws SQLException {
        String sql = """
                SELECT concat(table_name, '.', column_name) FROM information_schema.columns
                WHERE table_schema = DATABASE() AND data_type = 'json'
                """;
        catalog.texts(sql)
                .forEach(column -> text.warn("Not kept: the types of values in JSON column " + column
                        + " that JSON text has none for (decimals, dates, times); they come back as they print"));
    }
}
