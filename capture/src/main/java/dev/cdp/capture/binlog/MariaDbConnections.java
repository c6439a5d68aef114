package dev.cdp.capture.binlog;

import dev.cdp.capture.source.DatabaseAddress;
import dev.cdp.capture.source.SourceAccessException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Properties;

/** Opens connections whose settings make the server print every value in one way. */
final class MariaDbConnections {
    // The archive holds what is printed under these. The last two keep a long copy from being cut off.
    private static final String PINNED = "SET time_zone = '+00:00', sql_mode = '', max_statement_time = 0,"
            + " net_write_timeout = 3600, wait_timeout = 28800";

    private final DatabaseAddress address;

    MariaDbConnections(DatabaseAddress address) {
        this.address = address;
    }

    /** What is done with a connection. */
    @FunctionalInterface
    interface Work<T> {
        T on(Connection connection) throws SQLException;
    }

    DatabaseAddress address() {
        return address;
    }

    Connection open() throws SQLException {
        Properties properties = new Properties();
        properties.put("user", address.user());
        properties.put("password", address.password());
        properties.put("connectTimeout", "10000");
        properties.put("useServerPrepStmts", "true"); // the text of a float is rounded, its binary form is not
        properties.put("tinyInt1isBit", "false");
        properties.put("yearIsDateType", "false");
        properties.put("tcpKeepAlive", "true");
        Connection connection = DriverManager.getConnection(url(), properties);
        try (Statement statement = connection.createStatement()) {
            statement.execute(PINNED);
            return connection;
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
    }

    /** @param what is done, as an infinitive, for the message of a failure */
    <T> T with(String what, Work<T> work) {
        try (Connection connection = open()) {
            return work.on(connection);
        } catch (SQLException e) {
            throw SourceAccessException.of(address, what, e);
        }
    }

    private String url() {
        String database = URLEncoder.encode(address.database(), StandardCharsets.UTF_8);
        return "jdbc:mariadb://" + address.host() + ":" + address.port() + "/" + database;
    }
}
