package dev.cdp.restore.target;

import dev.cdp.core.Engine;
import dev.cdp.core.definition.DefinitionSession;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;

/** Where MariaDB and MySQL have to be spoken to in different words. */
enum SqlDialect {
    MARIADB(
            Engine.MARIADB,
            "mariadb",
            "max_statement_time = 0, idle_transaction_timeout = 0",
            "check_constraint_checks = 0, ",
            Map.of()),
    /**
     * MySQL judges CHECK constraints always. Accounts sign in with caching_sha2_password, whose key the server hands out
     * where there is no TLS.
     */
    MYSQL(Engine.MYSQL, "mysql", "max_execution_time = 0", "", Map.of("allowPublicKeyRetrieval", "true"));

    private final Engine engine;
    private final String client;
    private final String patience;
    private final String uncheckedConstraints;
    private final Map<String, String> properties;

    SqlDialect(
            Engine engine,
            String client,
            String patience,
            String uncheckedConstraints,
            Map<String, String> properties) {
        this.engine = engine;
        this.client = client;
        this.patience = patience;
        this.uncheckedConstraints = uncheckedConstraints;
        this.properties = properties;
    }

    static SqlDialect of(Engine engine) {
        return switch (engine) {
            case MARIADB -> MARIADB;
            case MYSQL -> MYSQL;
            case POSTGRESQL -> throw new IllegalArgumentException("PostgreSQL has its own target");
        };
    }

    /** The command line client's name. */
    String client() {
        return client;
    }

    /** Properties of a connection beyond the usual ones. */
    Map<String, String> properties() {
        return properties;
    }

    /** A session waits for hours while another loads, and a statement for minutes on its next row. */
    String patientSession() {
        return "SET wait_timeout = 2419200, net_read_timeout = 86400, net_write_timeout = 86400, " + patience;
    }

    /**
     * Takes every value that some mode once took, dates that no calendar has among them; the archive holds times in UTC.
     * What the source's constraints let pass is not judged again where that can be had; foreign keys come after the rows.
     */
    String loadingSession() {
        return "SET sql_mode = 'NO_AUTO_VALUE_ON_ZERO,ALLOW_INVALID_DATES', time_zone = '+00:00', "
                + uncheckedConstraints + "foreign_key_checks = 0, unique_checks = 0";
    }

    /** Makes a connection take definitions as they were printed. */
    void prepareForDefinitions(Connection connection) throws SQLException {
        for (String setting : DefinitionSession.settings(engine)) {
            MariaDbSessions.run(connection, setting);
        }
        if (this == MYSQL && addsKeys(connection)) {
            MariaDbSessions.run(connection, "SET SESSION sql_generate_invisible_primary_key = OFF");
        }
    }

    /** Whether the server would give tables without a key one that they did not have. */
    private static boolean addsKeys(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT @@sql_generate_invisible_primary_key")) {
            row.next();
            return row.getBoolean(1);
        }
    }
}
