package dev.cdp.capture.postgres;

import dev.cdp.core.Lsn;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A snapshot of the database that belongs to the consistent point of a new replication slot. It can be imported while
 * the connection that made it stays open and idle.
 */
final class ExportedSnapshot implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(ExportedSnapshot.class);
    private static final Duration NAME_BLOCKERS_EVERY = Duration.ofSeconds(15);
    private static final int FAILOVER_SINCE = 17;
    private static final String BLOCKERS = """
            SELECT string_agg(format('pid %s (%s, %s, since %s)', pid, usename, state, xact_start), '; ')
            FROM pg_stat_activity WHERE backend_xid IS NOT NULL AND pid <> pg_backend_pid()""";

    private final Connection connection;
    private final Lsn consistentPoint;
    private final String name;

    private ExportedSnapshot(Connection connection, Lsn consistentPoint, String name) {
        this.connection = connection;
        this.consistentPoint = consistentPoint;
        this.name = name;
    }

    /** Makes a slot that keeps the log from its consistent point on. */
    static ExportedSnapshot ofLastingSlot(PostgresConnections connections, String slot) throws SQLException {
        // Standbys that synchronise slots take it over, so that reading can go on there.
        return create(
                connections,
                version -> "CREATE_REPLICATION_SLOT " + quoted(slot) + " LOGICAL pgoutput "
                        + (version >= FAILOVER_SINCE ? "(SNAPSHOT 'export', FAILOVER)" : "EXPORT_SNAPSHOT"));
    }

    /** Makes a slot that vanishes with this snapshot. */
    static ExportedSnapshot ofPassingSlot(PostgresConnections connections, String slot) throws SQLException {
        return create(
                connections,
                version -> "CREATE_REPLICATION_SLOT " + quoted(slot) + " TEMPORARY LOGICAL pgoutput EXPORT_SNAPSHOT");
    }

    /** @param command by the server's major version */
    private static ExportedSnapshot create(PostgresConnections connections, IntFunction<String> command)
            throws SQLException {
        Connection connection = connections.openReplication();
        CountDownLatch made = new CountDownLatch(1);
        Thread watch = new Thread(() -> nameBlockers(connections, made), "capture-slot-watch");
        watch.setDaemon(true);
        watch.start();
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(
                        command.apply(connection.getMetaData().getDatabaseMajorVersion()))) {
            row.next();
            return new ExportedSnapshot(
                    connection, Lsn.parse(row.getString("consistent_point")), row.getString("snapshot_name"));
        } catch (SQLException e) {
            connection.close();
            throw e;
        } finally {
            made.countDown();
        }
    }

    /** Making a slot waits for every transaction that has written; say whom it waits for. */
    private static void nameBlockers(PostgresConnections connections, CountDownLatch made) {
        try {
            while (!made.await(NAME_BLOCKERS_EVERY.toMillis(), TimeUnit.MILLISECONDS)) {
                String blockers = connections.with("look for open transactions", connection -> {
                    try (Statement statement = connection.createStatement();
                            ResultSet row = statement.executeQuery(BLOCKERS)) {
                        row.next();
                        return row.getString(1);
                    }
                });
                log.warn("The replication slot waits for open transactions: {}", blockers);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            log.warn("Cannot see which transactions the replication slot waits for", e);
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
