package dev.cdp.restore.target;

import dev.cdp.core.TableName;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Opens connections to the server of a target, prepared for what they are for. */
final class PostgresSessions {
    private static final Logger log = LoggerFactory.getLogger(PostgresSessions.class);

    /**
     * Undoes what a database or a role may set for every session, and what would get in the way of long work, as far as
     * the server knows it: a session waits for hours while another loads.
     */
    private static final String UNHINDERED =
            "SET default_transaction_read_only = off; SET row_security = off; SELECT set_config(name, '0', false)"
                    + " FROM pg_settings WHERE name IN ('statement_timeout', 'lock_timeout', 'transaction_timeout',"
                    + " 'idle_in_transaction_session_timeout', 'idle_session_timeout')";

    /** The archive holds what a server prints under these. */
    private static final String PINNED =
            "SET DateStyle = 'ISO, YMD'; SET IntervalStyle = 'postgres'; SET TimeZone = 'UTC';"
                    + " SET extra_float_digits = 1; SET bytea_output = 'hex'; SET xmloption = 'content';"
                    + " SET search_path = pg_catalog; SET lc_monetary = 'C'";

    // Nothing of a restore counts before its last commit, which forces all earlier ones to disk too.
    private static final String LAZY = "SET synchronous_commit = off";

    private static final List<String> MAINTENANCE = List.of("postgres", "template1");
    private static final String NO_SUCH_DATABASE = "3D000";

    private final TargetServer server;

    PostgresSessions(TargetServer server) {
        this.server = server;
    }

    /** What is done with a connection. */
    @FunctionalInterface
    interface Work<T> {
        T on(Statement statement) throws SQLException;
    }

    /** Works in a database that every server has. */
    <T> T inMaintenance(String what, Work<T> work) {
        try (Connection connection = openMaintenance();
                Statement statement = connection.createStatement()) {
            return work.on(statement);
        } catch (SQLException e) {
            throw TargetException.refused(what, e);
        }
    }

    private Connection openMaintenance() throws SQLException {
        try {
            return open(MAINTENANCE.get(0), UNHINDERED);
        } catch (SQLException e) {
            if (!NO_SUCH_DATABASE.equals(e.getSQLState())) {
                throw e;
            }
            return open(MAINTENANCE.get(1), UNHINDERED);
        }
    }

    /** @param settings on top of what every session gets */
    Connection openForDefinitions(String database, List<String> settings) throws SQLException {
        return open(database, UNHINDERED + "; " + LAZY + "; " + String.join("; ", settings));
    }

    /** A connection that reads and writes rows in the archive's form. */
    Connection openForRows(String database) throws SQLException {
        return open(database, UNHINDERED + "; " + LAZY + "; " + PINNED);
    }

    /**
     * A connection to a database in use: reads rows in the archive's form, and gives in where others hold on for long. What
     * it commits is on disk.
     */
    Connection openLive(String database) throws SQLException {
        return open(database, UNHINDERED + "; " + PINNED + "; SET lock_timeout = '10s'; SET synchronous_commit = on");
    }

    private Connection open(String database, String settings) throws SQLException {
        Properties properties = new Properties();
        properties.putAll(server.properties());
        properties.put("user", server.user());
        properties.put("password", server.password().reveal());
        properties.put("ApplicationName", "cdp restore");
        properties.put("connectTimeout", "10");
        properties.put("tcpKeepAlive", "true");
        // Statements go to the server as they are; details of errors stay there, since they repeat values of rows.
        properties.put("preferQueryMode", "simple");
        properties.put("logServerErrorDetail", "false");
        String url = "jdbc:postgresql://" + server.host() + ":" + server.port() + "/"
                + URLEncoder.encode(database, StandardCharsets.UTF_8).replace("+", "%20");
        Connection connection = connect(url, properties);
        try (Statement statement = connection.createStatement()) {
            statement.execute(settings);
            return connection;
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
    }

    private Connection connect(String url, Properties properties) throws SQLException {
        try {
            return DriverManager.getConnection(url, properties);
        } catch (SQLException e) {
            if (NO_SUCH_DATABASE.equals(e.getSQLState())) {
                throw e;
            }
            throw TargetException.unreachable(server, e);
        }
    }

    /** Rolls back what was not committed; a connection that is gone has done so itself. */
    static void endTransaction(Connection connection) {
        try {
            connection.rollback();
            connection.setAutoCommit(true);
        } catch (SQLException e) {
            log.debug("A transaction did not end cleanly", e);
        }
    }

    /** The columns of a table, without computed ones. */
    static List<String> columns(Connection connection, TableName table) throws SQLException {
        List<String> names = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT attname FROM pg_attribute WHERE attrelid = "
                        + literal(quoted(table)) + "::regclass AND attnum > 0 AND NOT attisdropped"
                        + " AND attgenerated = ''")) {
            while (row.next()) {
                names.add(row.getString(1));
            }
        }
        return names;
    }

    static void closeQuietly(Connection connection) {
        try {
            connection.close();
        } catch (SQLException e) {
            log.debug("A connection did not close cleanly", e);
        }
    }

    static String quoted(TableName table) {
        return quoted(table.schema()) + "." + quoted(table.name());
    }

    static String quoted(String identifier) {
        return "\"" + identifier.replace("\"", "\"\"") + "\"";
    }

    /** A string constant that means the same under every setting. */
    static String literal(String text) {
        return " E'" + text.replace("\\", "\\\\").replace("'", "''") + "'";
    }
}
