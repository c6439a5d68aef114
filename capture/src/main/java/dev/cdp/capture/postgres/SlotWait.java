package dev.cdp.capture.postgres;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whom the making of a replication slot waits for: every transaction that had written when it began, in any database of
 * the server. It may take as long as they do, so they are named. Thread-safe.
 */
final class SlotWait {
    private static final Logger log = LoggerFactory.getLogger(SlotWait.class);
    private static final Duration LOOK_EVERY = Duration.ofSeconds(2);
    // A prepared transaction has no session. Of a statement only its first words: values must not get into a log.
    private static final String BLOCKERS = """
            WITH waited AS (
                SELECT transactionid FROM pg_locks WHERE pid = ? AND locktype = 'transactionid' AND NOT granted)
            SELECT string_agg(who, '; ' ORDER BY who) FROM (
                SELECT format('pid %s (user %s, database %s, application %s, %s, since %s: %s)', a.pid, a.usename,
                    a.datname, nullif(a.application_name, ''), a.state, date_trunc('second', a.xact_start),
                    left(substring(a.query from '^\\s*(\\S+(\\s+\\S+){0,2})'), 60)) AS who
                FROM waited JOIN pg_locks l ON l.locktype = 'transactionid' AND l.granted
                    AND l.transactionid = waited.transactionid
                JOIN pg_stat_activity a ON a.pid = l.pid
                UNION ALL SELECT format('prepared transaction %s (user %s, database %s, since %s)', quote_literal(p.gid),
                    p.owner, p.database, date_trunc('second', p.prepared))
                FROM waited JOIN pg_prepared_xacts p ON p.transaction = waited.transactionid) blockers""";

    private volatile @Nullable String blockers;

    /** Who is waited for now, as the server names them; empty while nobody is. */
    Optional<String> blockers() {
        return Optional.ofNullable(blockers);
    }

    /** The command that makes a slot on a connection. */
    @FunctionalInterface
    interface Making<T> {
        T run() throws SQLException;
    }

    /** Runs the command, and looks whom it waits for until it ends. */
    <T> T during(PostgresConnections connections, Connection making, Making<T> command) throws SQLException {
        CountDownLatch made = new CountDownLatch(1);
        int pid = making.unwrap(PGConnection.class).getBackendPID();
        Thread watch = new Thread(() -> look(connections, pid, made), "capture-slot-watch");
        watch.setDaemon(true);
        watch.start();
        try {
            return command.run();
        } finally {
            made.countDown();
        }
    }

    private void look(PostgresConnections connections, int pid, CountDownLatch made) {
        try {
            while (!made.await(LOOK_EVERY.toMillis(), TimeUnit.MILLISECONDS)) {
                String now = connections.with("look for open transactions", connection -> find(connection, pid));
                if (now != null && !now.equals(blockers)) {
                    log.warn("The replication slot waits for open transactions: {}", now);
                }
                blockers = now;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            log.warn("Cannot see which transactions the replication slot waits for", e);
        } finally {
            blockers = null;
        }
    }

    private static @Nullable String find(Connection connection, int pid) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(BLOCKERS)) {
            statement.setInt(1, pid);
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return row.getString(1);
            }
        }
    }
}
