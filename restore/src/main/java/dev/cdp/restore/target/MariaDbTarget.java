package dev.cdp.restore.target;

import dev.cdp.core.RowImage;
import dev.cdp.core.TableSchema;
import dev.cdp.core.definition.DatabaseDefinition;
import dev.cdp.core.definition.DefinitionStatement;
import dev.cdp.core.definition.DefinitionStatement.Phase;
import dev.cdp.core.definition.SequenceValue;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A database on a MariaDB server.
 *
 * <p>MariaDB cannot rename a database, and tables cannot move once triggers stand on them. So the database has its name
 * from the start, and a table {@code cdp_restore_incomplete} that names the plan stands in it until the last step
 * drops it. Events, which act by themselves, are made just before that.
 *
 * <p>What is written stands in the server's binary log: a replica that lacked the database would stop at the first
 * change of it later on.
 */
final class MariaDbTarget implements TargetDatabase {
    private static final Logger log = LoggerFactory.getLogger(MariaDbTarget.class);
    private static final String JOURNAL = "cdp_restore_incomplete";
    private static final String EVENT = "EVENT";
    private static final Set<String> OF_EVENTS = Set.of(EVENT, "SESSION");
    private static final Pattern PLACE = Pattern.compile("for column (.+) at row (\\d+)", Pattern.DOTALL);
    private static final String OBJECTS = """
            SELECT table_name FROM information_schema.tables WHERE table_schema = %1$s
            UNION ALL SELECT routine_name FROM information_schema.routines WHERE routine_schema = %1$s
            UNION ALL SELECT event_name FROM information_schema.events WHERE event_schema = %1$s""";

    private final TargetServer server;
    private final String name;
    private final MariaDbSessions sessions;
    private final List<DefinitionStatement> heldBack = new ArrayList<>();
    private @Nullable Connection definitions;
    private @Nullable Connection rows;

    MariaDbTarget(TargetServer server, String name) {
        this.server = server;
        this.name = name;
        this.sessions = new MariaDbSessions(server);
    }

    @Override
    public Standing standing(String planId) {
        return sessions.inMaintenance(
                "say what stands under '" + name + "'", connection -> standing(connection, planId));
    }

    private Standing standing(Connection maintenance, String planId) throws SQLException {
        String present = "SELECT schema_name FROM information_schema.schemata WHERE schema_name = ";
        if (strings(maintenance, present + MariaDbSessions.literal(name)).isEmpty()) {
            requireCreateRight(maintenance);
            return Standing.ABSENT;
        }
        List<String> objects = strings(maintenance, OBJECTS.formatted(MariaDbSessions.literal(name)));
        if (objects.isEmpty()) {
            return Standing.EMPTY;
        }
        boolean own = objects.contains(JOURNAL)
                && strings(maintenance, "SELECT plan_id FROM " + journal()).contains(planId);
        return own ? Standing.OWN_INCOMPLETE : Standing.NOT_EMPTY;
    }

    private String journal() {
        return MariaDbSessions.quoted(name) + "." + MariaDbSessions.quoted(JOURNAL);
    }

    /** The server tells its own rights best, whatever they were granted through. */
    private void requireCreateRight(Connection maintenance) throws SQLException {
        boolean may = strings(maintenance, "SHOW GRANTS").stream()
                .map(grant -> grant.toUpperCase(Locale.ROOT))
                .anyMatch(grant -> grant.startsWith("GRANT ALL PRIVILEGES ON ")
                        || grant.matches("(?s)GRANT [^`]*\\bCREATE(,| ON ).*")
                        || grant.startsWith("GRANT `"));
        if (!may) {
            throw mayNotCreate();
        }
    }

    private TargetException mayNotCreate() {
        return TargetException.mayNotCreate(
                server, "GRANT ALL PRIVILEGES ON " + MariaDbSessions.quoted(name) + ".* TO '" + server.user() + "'");
    }

    @Override
    public void requireFree(String planId) {
        if (standing(planId) == Standing.NOT_EMPTY) {
            throw TargetException.notEmpty(server, name, "exists and is not empty");
        }
    }

    @Override
    public void begin(String planId, DatabaseDefinition definition) {
        requireFree(planId);
        Standing standing = standing(planId);
        sessions.inMaintenance("make database '" + name + "'", connection -> {
            try {
                begin(connection, standing, planId, definition.databaseSettings());
                return planId;
            } catch (SQLException e) {
                if (e.getErrorCode() == 1044) { // ER_DBACCESS_DENIED_ERROR
                    throw mayNotCreate();
                }
                throw e;
            }
        });
    }

    private void begin(Connection maintenance, Standing standing, String planId, Map<String, String> settings)
            throws SQLException {
        String database = MariaDbSessions.quoted(name);
        if (standing == Standing.OWN_INCOMPLETE) {
            close();
            MariaDbSessions.run(maintenance, "DROP DATABASE " + database);
            log.info("Dropped {}, which an interrupted restore left", name);
        }
        String verb = standing == Standing.EMPTY ? "ALTER DATABASE " : "CREATE DATABASE ";
        String options = options(settings);
        if (standing != Standing.EMPTY || !options.isEmpty()) {
            MariaDbSessions.run(maintenance, verb + database + options);
        }
        MariaDbSessions.run(maintenance, "CREATE TABLE " + journal() + """
                 (plan_id VARCHAR(200) CHARACTER SET utf8mb4 NOT NULL,
                  started_at TIMESTAMP NOT NULL DEFAULT current_timestamp())
                 ENGINE=InnoDB COMMENT='This database is being restored and is incomplete'""");
        MariaDbSessions.run(
                maintenance,
                "INSERT INTO " + journal() + " (plan_id) VALUES (" + MariaDbSessions.literal(planId) + ")");
    }

    private static String options(Map<String, String> settings) {
        String characterSet = settings.get("character_set");
        String collation = settings.get("collation");
        String comment = settings.get("comment");
        return (characterSet == null ? "" : " CHARACTER SET " + characterSet)
                + (collation == null ? "" : " COLLATE " + collation)
                + (comment == null || comment.isEmpty() ? "" : " COMMENT " + MariaDbSessions.literal(comment));
    }

    @Override
    public void run(List<DefinitionStatement> statements) {
        int events = startOfEvents(statements);
        heldBack.addAll(statements.subList(events, statements.size()));
        make(statements.subList(0, events));
    }

    /** A definition ends with its events, each with the session settings that it is made under. */
    private static int startOfEvents(List<DefinitionStatement> statements) {
        int start = statements.size();
        while (start > 0 && OF_EVENTS.contains(statements.get(start - 1).kind())) {
            start--;
        }
        boolean any = statements.subList(start, statements.size()).stream()
                .anyMatch(statement -> statement.kind().equals(EVENT));
        return any ? start : statements.size();
    }

    private void make(List<DefinitionStatement> statements) {
        try {
            boolean afterData = statements.stream().anyMatch(statement -> statement.phase() == Phase.AFTER_DATA);
            // Foreign keys are validated, not trusted.
            MariaDbSessions.run(definitions(), "SET foreign_key_checks = " + (afterData ? 1 : 0));
        } catch (SQLException e) {
            throw TargetException.refused("prepare the session", e);
        }
        for (DefinitionStatement statement : statements) {
            try {
                MariaDbSessions.run(definitions(), statement.sql());
            } catch (SQLException e) {
                throw TargetException.refused("make " + statement.kind() + " " + statement.object(), e);
            }
        }
    }

    private Connection definitions() throws SQLException {
        if (definitions == null) {
            definitions = sessions.openForDefinitions(name);
        }
        return definitions;
    }

    private MariaDbRows rows() throws SQLException {
        if (rows == null) {
            rows = sessions.openForRows(name);
        }
        return new MariaDbRows(rows);
    }

    @Override
    public void load(TableSchema table, RowSource source) {
        try {
            rows().load(table, source);
        } catch (SQLException e) {
            Matcher place = PLACE.matcher(String.valueOf(e.getMessage()));
            String column = place.find() ? ", column " + place.group(1) : "";
            throw TargetException.refusedRow(MariaDbSessions.quoted(table.name().name()), column, e);
        }
    }

    @Override
    public void read(TableSchema table, Consumer<RowImage> reader) {
        try {
            rows().read(table, reader);
        } catch (SQLException e) {
            throw TargetException.refused(
                    "read table " + MariaDbSessions.quoted(table.name().name()) + " back", e);
        }
    }

    /** The server itself takes no counter below what stands in the column. */
    @Override
    public void set(List<SequenceValue> values) {
        for (SequenceValue value : values) {
            String counter = MariaDbSessions.quoted(value.name());
            String sql =
                    switch (value.kind()) {
                        case SEQUENCE ->
                            "SELECT SETVAL(" + counter + ", " + value.lastValue() + ", " + (value.called() ? 1 : 0)
                                    + ")";
                        case AUTO_INCREMENT -> "ALTER TABLE " + counter + " AUTO_INCREMENT = " + value.lastValue();
                    };
            try {
                if (hasTable(value.name())) {
                    MariaDbSessions.run(definitions(), sql);
                } else {
                    log.warn("{} is not part of the restored definition; its counter is left out", counter);
                }
            } catch (SQLException e) {
                throw TargetException.refused("set the counter of " + counter, e);
            }
        }
    }

    private boolean hasTable(String table) throws SQLException {
        try (PreparedStatement query = definitions()
                .prepareStatement(
                        "SELECT 1 FROM information_schema.tables WHERE table_schema = database() AND table_name = ?")) {
            query.setString(1, table);
            try (ResultSet result = query.executeQuery()) {
                return result.next();
            }
        }
    }

    @Override
    public void analyze() {
        try {
            List<String> tables = strings(
                    definitions(),
                    "SELECT table_name FROM information_schema.tables WHERE table_type = 'BASE TABLE'"
                            + " AND table_schema = database()");
            tables.remove(JOURNAL);
            if (!tables.isEmpty()) {
                MariaDbSessions.run(definitions(), "ANALYZE TABLE " + MariaDbSessions.quoted(tables));
            }
        } catch (SQLException e) {
            throw TargetException.refused("gather statistics", e);
        }
    }

    @Override
    public void finish() {
        make(heldBack);
        heldBack.clear();
        try {
            MariaDbSessions.run(definitions(), "DROP TABLE " + MariaDbSessions.quoted(JOURNAL));
        } catch (SQLException e) {
            throw TargetException.refused("mark database '" + name + "' as complete", e);
        }
        close();
    }

    @Override
    public String connectCommand() {
        return "mariadb -h " + server.host() + " -P " + server.port() + " -u " + server.user() + " -p " + name;
    }

    private static List<String> strings(Connection connection, String sql) throws SQLException {
        List<String> found = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            while (result.next()) {
                found.add(result.getString(1));
            }
        }
        return found;
    }

    @Override
    public void close() {
        close(definitions);
        close(rows);
        definitions = null;
        rows = null;
    }

    private void close(@Nullable Connection connection) {
        if (connection == null) {
            return;
        }
        try {
            connection.close();
        } catch (SQLException e) {
            log.debug("A connection to {} did not close cleanly", server, e);
        }
    }
}
