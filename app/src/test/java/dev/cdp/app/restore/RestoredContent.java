package dev.cdp.app.restore;

import dev.cdp.capture.binlog.definition.DefinitionReader;
import dev.cdp.capture.postgres.definition.PostgresDefinitionReader;
import dev.cdp.core.Engine;
import dev.cdp.core.definition.DatabaseDefinition;
import dev.cdp.testkit.services.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What stands under the name of a database: nothing, something that says it is incomplete, or everything.
 *
 * @param lines the definition, what was counted, and every row; nothing of them names the database
 */
record RestoredContent(State state, List<String> lines) {
    private static final List<String> TABLES = List.of("kind", "line", "log");
    private static final int SHOWN = 5;

    enum State {
        ABSENT,
        SAYS_IT_IS_INCOMPLETE,
        COMPLETE
    }

    static RestoredContent ofPostgres(TestDatabase database) {
        try {
            TestDatabase maintenance = RestorableShop.renamed(database, "postgres");
            List<List<@Nullable String>> found = maintenance.query(
                    "SELECT has_database_privilege('public', oid, 'CONNECT') FROM pg_database WHERE datname = '"
                            + database.name() + "'");
            if (found.isEmpty()) {
                return new RestoredContent(State.ABSENT, List.of());
            }
            List<List<@Nullable String>> rows = new ArrayList<>(found);
            for (String table : TABLES) {
                rows.addAll(database.query("SELECT t::text FROM public." + table + " t ORDER BY 1"));
            }
            try (Connection connection = database.connect()) {
                return of(PostgresDefinitionReader.read(connection), rows);
            }
        } catch (SQLException e) {
            throw new AssertionError("Database " + database + " stands under its name and cannot be read", e);
        }
    }

    static RestoredContent ofMariaDb(TestDatabase database) {
        try {
            TestDatabase server = RestorableShop.renamed(database, "mysql");
            List<String> tables = server
                    .query("SELECT table_name FROM information_schema.tables WHERE table_schema = '" + database.name()
                            + "'")
                    .stream()
                    .map(row -> String.valueOf(row.get(0)))
                    .toList();
            if (tables.isEmpty()) {
                return new RestoredContent(State.ABSENT, List.of());
            }
            if (tables.contains("cdp_restore_incomplete")) {
                return new RestoredContent(State.SAYS_IT_IS_INCOMPLETE, List.of());
            }
            List<List<@Nullable String>> rows = new ArrayList<>();
            for (String table : TABLES) {
                rows.addAll(database.query("SELECT * FROM " + table + " ORDER BY 1"));
            }
            try (Connection connection = database.connect()) {
                return of(DefinitionReader.read(connection, Engine.MARIADB), rows);
            }
        } catch (SQLException e) {
            throw new AssertionError("Database " + database + " stands under its name and cannot be read", e);
        }
    }

    private static RestoredContent of(DatabaseDefinition definition, List<List<@Nullable String>> rows) {
        List<String> lines = new ArrayList<>();
        lines.add(definition.databaseSettings().toString());
        definition
                .statements()
                .forEach(each -> lines.add(each.phase() + " " + each.kind() + " " + each.object() + " " + each.sql()));
        definition
                .sequences()
                .forEach(each -> lines.add(each.kind() + " " + each.name() + " " + each.lastValue() + each.called()));
        rows.forEach(row -> lines.add(row.toString()));
        return new RestoredContent(State.COMPLETE, lines);
    }

    /** Some of what only one of the two has; empty when they are equal. */
    List<String> differences(RestoredContent other) {
        if (equals(other)) {
            return List.of();
        }
        List<String> only = new ArrayList<>(lines);
        other.lines.forEach(only::remove);
        List<String> missing = new ArrayList<>(other.lines);
        lines.forEach(missing::remove);
        List<String> all = new ArrayList<>(List.of(state + " instead of " + other.state));
        only.stream().limit(SHOWN).forEach(line -> all.add("has    " + line));
        missing.stream().limit(SHOWN).forEach(line -> all.add("misses " + line));
        return all;
    }
}
