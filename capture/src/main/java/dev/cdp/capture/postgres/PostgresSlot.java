package dev.cdp.capture.postgres;

import dev.cdp.capture.source.HistoryLostException;
import dev.cdp.core.CdpException;
import dev.cdp.core.ErrorCode;
import dev.cdp.core.Lsn;
import dev.cdp.core.SourcePosition;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/** The replication slot that keeps the log for us, looked at before each start: Debezium would make a new one in silence. */
final class PostgresSlot {
    private static final Duration RELEASE_PATIENCE = Duration.ofSeconds(20);
    private static final Duration RELEASE_POLL = Duration.ofMillis(200);
    private static final String LOOK = """
            SELECT active_pid, wal_status, confirmed_flush_lsn, database, plugin, pg_current_wal_flush_lsn() AS flushed
            FROM pg_replication_slots WHERE slot_name = ?""";

    private final PostgresConnections connections;
    private final String name;

    PostgresSlot(PostgresConnections connections, String name) {
        this.connections = connections;
        this.name = name;
    }

    void requireResumable(SourcePosition boundary) {
        Lsn resume = ((SourcePosition.Postgres) boundary).lsn();
        awaitFree();
        connections.with("look at replication slot '" + name + "'", connection -> {
            try (PreparedStatement statement = connection.prepareStatement(LOOK)) {
                statement.setString(1, name);
                try (ResultSet row = statement.executeQuery()) {
                    if (!row.next()) {
                        throw HistoryLostException.placeGone(boundary, "replication slot '" + name + "' is gone");
                    }
                    check(row, boundary, resume);
                }
            }
            return null;
        });
    }

    private void check(ResultSet row, SourcePosition boundary, Lsn resume) throws SQLException {
        if ("lost".equals(row.getString("wal_status"))) {
            throw HistoryLostException.placeGone(
                    boundary, "the server has removed log that replication slot '" + name + "' needed");
        }
        Lsn confirmed = Lsn.parse(row.getString("confirmed_flush_lsn"));
        if (confirmed.compareTo(resume) > 0) { // the server would skip transactions without a word
            throw HistoryLostException.placeGone(
                    boundary, "replication slot '" + name + "' stands at " + confirmed + " already");
        }
        Lsn flushed = Lsn.parse(row.getString("flushed"));
        if (flushed.compareTo(resume) < 0) {
            throw HistoryLostException.otherServer(
                    "its log ends at " + flushed + ", we have read up to " + resume + " before");
        }
    }

    /** A connection of ours that broke keeps the slot for a moment. */
    private void awaitFree() {
        long deadline = System.nanoTime() + RELEASE_PATIENCE.toNanos();
        while (true) {
            String user = connections.with("look at replication slot '" + name + "'", this::activePid);
            if (user == null) {
                return;
            }
            if (System.nanoTime() > deadline) {
                throw new CdpException(
                        ErrorCode.FENCED,
                        "Replication slot '" + name + "' of " + connections.address()
                                + " is in use by the session with pid " + user,
                        "Stop the other daemon that captures this source, or end that session with pg_terminate_backend("
                                + user + ")");
            }
            LockSupport.parkNanos(RELEASE_POLL.toNanos());
        }
    }

    private @org.jspecify.annotations.Nullable String activePid(Connection connection) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "SELECT active_pid FROM pg_replication_slots WHERE slot_name = ? AND active")) {
            statement.setString(1, name);
            try (ResultSet row = statement.executeQuery()) {
                return row.next() ? row.getString(1) : null;
            }
        }
    }

    /** Gives the slot up; fine when there is none. */
    void drop() {
        awaitFree();
        connections.with("drop replication slot '" + name + "'", connection -> {
            try (PreparedStatement statement = connection.prepareStatement(
                    "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = ?")) {
                statement.setString(1, name);
                statement.execute();
            }
            return null;
        });
    }

    long retainedBytes() {
        return connections.with("look at replication slot '" + name + "'", connection -> {
            try (PreparedStatement statement = connection.prepareStatement(
                    "SELECT coalesce(pg_current_wal_lsn() - restart_lsn, 0)::bigint FROM pg_replication_slots"
                            + " WHERE slot_name = ?")) {
                statement.setString(1, name);
                try (ResultSet row = statement.executeQuery()) {
                    return row.next() ? row.getLong(1) : 0L;
                }
            }
        });
    }
}
