package dev.cdp.capture.postgres;

import dev.cdp.core.Lsn;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.function.IntFunction;

/**
 * A snapshot of the database that belongs to the consistent point of a new replication slot. It can be imported while
 * the connection that made it stays open and idle.
 */
final class ExportedSnapshot implements AutoCloseable {
    private static final int FAILOVER_SINCE = 17;

    private final Connection connection;
    private final Lsn consistentPoint;
    private final String name;

    private ExportedSnapshot(Connection connection, Lsn consistentPoint, String name) {
        this.connection = connection;
        this.consistentPoint = consistentPoint;
        this.name = name;
    }

    /** Makes a slot that keeps the log from its consistent point on. */
    static ExportedSnapshot ofLastingSlot(PostgresConnections connections, SlotWait wait, String slot)
            throws SQLException {
        // Standbys that synchronise slots take it over, so that reading can go on there.
        return create(
                connections,
                wait,
                version -> "CREATE_REPLICATION_SLOT " + quoted(slot) + " LOGICAL pgoutput "
                        + (version >= FAILOVER_SINCE ? "(SNAPSHOT 'export', FAILOVER)" : "EXPORT_SNAPSHOT"));
    }

    /** Makes a slot that vanishes with this snapshot. */
    static ExportedSnapshot ofPassingSlot(PostgresConnections connections, SlotWait wait, String slot)
            throws SQLException {
        return create(
                connections,
                wait,
                version -> "CREATE_REPLICATION_SLOT " + quoted(slot) + " TEMPORARY LOGICAL pgoutput EXPORT_SNAPSHOT");
    }

    /** @param command by the server's major version */
    private static ExportedSnapshot create(PostgresConnections connections, SlotWait wait, IntFunction<String> command)
            throws SQLException {
        Connection connection = connections.openReplication();
        try (Statement statement = connection.createStatement()) {
            String sql = command.apply(connection.getMetaData().getDatabaseMajorVersion());
            return wait.during(connections, connection, () -> {
                try (ResultSet row = statement.executeQuery(sql)) {
                    row.next();
                    return new ExportedSnapshot(
                            connection, Lsn.parse(row.getString("consistent_point")), row.getString("snapshot_name"));
                }
            });
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
    }

    private static String quoted(String identifier) {
        return "\"" + identifier.replace("\"", "\"\"") + "\"";
    }

    Lsn consistentPoint() {
        return consistentPoint;
    }

    /** Lets {@code other} see what this snapshot sees, until it ends its transaction. */
    void importInto(Connection other) throws SQLException {
        other.setAutoCommit(false);
        try (Statement statement = other.createStatement()) {
            statement.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY");
            statement.execute("SET TRANSACTION SNAPSHOT '" + name + "'");
        }
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
