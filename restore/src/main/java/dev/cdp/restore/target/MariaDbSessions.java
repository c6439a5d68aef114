package dev.cdp.restore.target;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Properties;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Opens connections to the MariaDB or MySQL server of a target, prepared for what they are for. */
final class MariaDbSessions {
    private static final Logger log = LoggerFactory.getLogger(MariaDbSessions.class);
    private static final Pattern COMPUTED = Pattern.compile("(VIRTUAL|STORED) GENERATED");
    private static final int NO_SUCH_THREAD = 1094;
    private static final int END_ATTEMPTS = 200;

    private final TargetServer server;
    private final SqlDialect dialect;

    MariaDbSessions(TargetServer server) {
        this.server = server;
        this.dialect = SqlDialect.of(server.engine());
    }

    SqlDialect dialect() {
        return dialect;
    }

    /** What is done with a connection. */
    @FunctionalInterface
    interface Work<T> {
        T on(Connection connection) throws SQLException;
    }

    /** Works in no database. */
    <T> T inMaintenance(String what, Work<T> work) {
        try (Connection connection = open("")) {
            return work.on(connection);
        } catch (SQLException e) {
            throw TargetException.refused(what, e);
        }
    }

    Connection openForDefinitions(String database) throws SQLException {
        Connection connection = open(database);
        prepareForDefinitions(connection);
        return connection;
    }

    /** A definition may leave the settings of its last program behind. */
    void prepareForDefinitions(Connection connection) throws SQLException {
        dialect.prepareForDefinitions(connection);
        run(connection, "SET time_zone = DEFAULT");
    }

    /**
     * A connection that reads and writes rows, apart from the other one: definitions of programs change settings on
     * which the meaning of values depends, the time zone among them.
     */
    Connection openForRows(String database) throws SQLException {
        Connection connection = open(database);
        run(connection, dialect.loadingSession());
        return connection;
    }

    /** A connection to a database in use, that gives in where others hold on for long. Foreign keys are ours to judge. */
    Connection openLive(String database) throws SQLException {
        Connection connection = open(database);
        run(connection, dialect.loadingSession());
        run(connection, "SET unique_checks = 1, innodb_lock_wait_timeout = 10, lock_wait_timeout = 10");
        run(connection, "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED");
        return connection;
    }

    private Connection open(String database) throws SQLException {
        Properties properties = new Properties();
        properties.putAll(dialect.properties());
        properties.putAll(server.properties());
        properties.setProperty("user", server.user());
        properties.setProperty("password", server.password().reveal());
        properties.setProperty("allowLocalInfile", "true");
        properties.setProperty("useBulkStmts", "true");
        properties.setProperty("connectTimeout", "10000");
        properties.setProperty("tinyInt1isBit", "false");
        properties.setProperty("yearIsDateType", "false");
        properties.setProperty("tcpKeepAlive", "true");
        Connection connection;
        try {
            connection = DriverManager.getConnection(
                    "jdbc:mariadb://" + server.host() + ":" + server.port() + "/", properties);
        } catch (SQLException e) {
            throw TargetException.unreachable(server, e);
        }
        try {
            run(connection, dialect.patientSession());
            if (!database.isEmpty()) {
                connection.setCatalog(database);
            }
            return connection;
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
    }

    static void run(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.setEscapeProcessing(false);
            statement.execute(sql);
        }
    }

    /** The first column of a query. */
    static List<String> strings(Connection connection, String sql) throws SQLException {
        List<String> found = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            while (result.next()) {
                found.add(result.getString(1));
            }
        }
        return found;
    }

    /** The columns of a table of the connection's database, without computed ones. */
    static List<String> columns(Connection connection, String table) throws SQLException {
        List<String> names = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet column = statement.executeQuery("SHOW COLUMNS FROM " + quoted(table))) {
            while (column.next()) {
                if (!COMPUTED.matcher(column.getString("Extra")).find()) {
                    names.add(column.getString("Field"));
                }
            }
        }
        return names;
    }

    void close(@Nullable Connection connection) {
        if (connection == null) {
            return;
        }
        try {
            connection.close();
        } catch (SQLException e) {
            log.debug("A connection to {} did not close cleanly", server, e);
        }
    }

    /** The server tells its own rights best, whatever they were granted through. */
    static boolean mayCreate(Connection connection) throws SQLException {
        return strings(connection, "SHOW GRANTS").stream()
                .map(grant -> grant.toUpperCase(Locale.ROOT))
                .anyMatch(grant -> grant.startsWith("GRANT ALL PRIVILEGES ON ")
                        || grant.matches("(?s)GRANT [^`]*\\bCREATE(,| ON ).*")
                        || grant.startsWith("GRANT `"));
    }

    /** Ends sessions of this user that stand in one of the databases, and waits until they are gone. */
    void endOthers(String... databases) {
        String names = String.join(
                ", ", Stream.of(databases).map(MariaDbSessions::literal).toList());
        String others = "SELECT id FROM information_schema.processlist WHERE id <> connection_id() AND db IN (" + names
                + ") AND user = substring_index(session_user(), '@', 1)";
        inMaintenance("end the sessions of the interrupted restore", connection -> {
            for (int attempt = 0; attempt < END_ATTEMPTS; attempt++) {
                List<String> found = strings(connection, others);
                if (found.isEmpty()) {
                    return true;
                }
                for (String id : found) {
                    kill(connection, id);
                }
                run(connection, "DO SLEEP(0.1)");
            }
            return false;
        });
    }

    private static void kill(Connection connection, String id) throws SQLException {
        try {
            run(connection, "KILL " + id);
        } catch (SQLException e) {
            if (e.getErrorCode() != NO_SUCH_THREAD) {
                throw e;
            }
        }
    }

    static String quoted(String name) {
        return "`" + name.replace("`", "``") + "`";
    }

    static String quoted(List<String> names) {
        return String.join(", ", names.stream().map(MariaDbSessions::quoted).toList());
    }

    static String literal(String text) {
        return "'" + text.replace("\\", "\\\\").replace("'", "''") + "'";
    }
}
