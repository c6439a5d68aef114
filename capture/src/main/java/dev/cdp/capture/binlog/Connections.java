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
final class Connections {
    private final DatabaseAddress address;
    private final BinlogServer server;

    Connections(DatabaseAddress address, BinlogServer server) {
        this.address = address;
        this.server = server;
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
        properties.putAll(server.connectionProperties());
        Connection connection = DriverManager.getConnection(url(), properties);
        try (Statement statement = connection.createStatement()) {
            statement.execute(server.sessionSettings());
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
