package dev.cdp.capture.postgres;

import dev.cdp.capture.source.DatabaseAddress;
import dev.cdp.capture.source.SourceAccessException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Properties;

/** Opens connections whose settings make the server print every value in one way. */
final class PostgresConnections {
    /** Pinned on every connection that reads values; the archive holds what is printed under these. */
    private static final String PINNED =
            "SET DateStyle = 'ISO, YMD'; SET IntervalStyle = 'postgres'; SET TimeZone = 'UTC';"
                    + " SET extra_float_digits = 1; SET bytea_output = 'hex'; SET row_security = off; SET statement_timeout = 0;"
                    + " SET idle_in_transaction_session_timeout = 0; SET search_path = pg_catalog; SET lc_monetary = 'C'";

    private final DatabaseAddress address;

    PostgresConnections(DatabaseAddress address) {
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
        Connection connection = DriverManager.getConnection(url(), properties());
        try (Statement statement = connection.createStatement()) {
            statement.execute(PINNED);
            return connection;
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
    }

    /** A connection that takes replication commands. */
    Connection openReplication() throws SQLException {
        Properties properties = properties();
        properties.put("replication", "database");
        properties.put("preferQueryMode", "simple");
        properties.put("assumeMinServerVersion", "10");
        return DriverManager.getConnection(url(), properties);
    }

    /** @param what is done, as an infinitive, for the message of a failure */
    <T> T with(String what, Work<T> work) {
        try (Connection connection = open()) {
            return work.on(connection);
        } catch (SQLException e) {
            throw SourceAccessException.of(address, what, e);
        }
    }

    /** The same on a connection that takes replication commands beside statements. */
    <T> T withReplication(String what, Work<T> work) {
        try (Connection connection = openReplication()) {
            return work.on(connection);
        } catch (SQLException e) {
            throw SourceAccessException.of(address, what, e);
        }
    }

    private String url() {
        return "jdbc:postgresql://" + address.host() + ":" + address.port() + "/" + encoded(address.database());
    }

    private static String encoded(String name) {
        return java.net.URLEncoder.encode(name, java.nio.charset.StandardCharsets.UTF_8);
    }

    private Properties properties() {
        Properties properties = new Properties();
        properties.put("user", address.user());
        properties.put("password", address.password());
        properties.put("ApplicationName", "cdp");
        properties.put("connectTimeout", "10");
        properties.put("tcpKeepAlive", "true");
        return properties;
    }
}
