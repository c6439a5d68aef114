package dev.cdp.capture.debezium;

import io.debezium.connector.postgresql.PostgresConnectorConfig;
import io.debezium.connector.postgresql.PostgresConnectorTask;
import io.debezium.connector.postgresql.PostgresSchema;
import io.debezium.connector.postgresql.connection.PostgresConnection;
import io.debezium.connector.postgresql.connection.ReplicationConnection;
import io.debezium.jdbc.JdbcConnection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;

/**
 * Reads the log so that each value arrives as the text that pgoutput sent.
 *
 * <p>Debezium parses that text into Java objects before any converter sees it, and the objects lose what they cannot
 * hold: the zone of a timetz, infinity, {@code 24:00:00}, the scale of money, the spelling of an interval or a point; a
 * zone with seconds stops the engine. Which parser runs is looked up in the {@link
 * io.debezium.connector.postgresql.TypeRegistry}, so the replication connection gets one in which no type is known.
 */
public final class VerbatimPostgresTask extends PostgresConnectorTask {

    private static final Duration STATUS_UPDATES = Duration.ofSeconds(1);

    /** As in 3.5.0.Final's super class, apart from the type registry and the session's time zone. */
    @Override
    protected ReplicationConnection buildReplicationConnection(
            PostgresConnection jdbcConnection, PostgresSchema schema, PostgresConnectorConfig config)
            throws SQLException {
        ReplicationConnection connection = ReplicationConnection.builder(config)
                .withSlot(config.slotName())
                .withPublication(config.publicationName())
                .withTableFilter(config.getTableFilters())
                .withPublicationAutocreateMode(PostgresConnectorConfig.AutoCreateMode.DISABLED)
                .withPlugin(config.plugin())
                .dropSlotOnClose(false)
                .createFailOverSlot(false)
                .statusUpdateInterval(STATUS_UPDATES)
                .withTypeRegistry(new VerbatimTypes(jdbcConnection))
                .withSchema(schema)
                .jdbcMetadataConnection(jdbcConnection)
                .build();
        useUtc(connection);
        return connection;
    }

    // The driver sends the JVM's zone when it connects, and that wins over options and role settings.
    private static void useUtc(ReplicationConnection connection) throws SQLException {
        if (!(connection instanceof JdbcConnection jdbc)) {
            throw new SQLException("The replication connection is no JDBC connection: " + connection.getClass());
        }
        try (Statement statement = jdbc.connection(false).createStatement()) {
            statement.execute("SET TimeZone = 'UTC'");
        }
    }
}
