package dev.cdp.capture.postgres;

import dev.cdp.capture.source.HistoryLostException;
import dev.cdp.capture.source.LogKeeping;
import dev.cdp.core.CdpException;
import dev.cdp.core.ErrorCode;
import dev.cdp.core.Lsn;
import dev.cdp.core.SourcePosition;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The replication slot that keeps the log for us, looked at before each start: Debezium would make a new one in silence. */
final class PostgresSlot {
    private static final Logger log = LoggerFactory.getLogger(PostgresSlot.class);
    private static final Duration RELEASE_PATIENCE = Duration.ofSeconds(20);
    private static final Duration RELEASE_POLL = Duration.ofMillis(200);
    // Columns that only newer versions have are read by way of JSON.
    private static final String LOOK = """
            SELECT CASE WHEN active THEN active_pid END AS reader, wal_status, confirmed_flush_lsn,
                pg_current_wal_flush_lsn() AS flushed,
                coalesce(pg_current_wal_lsn() - restart_lsn, 0)::bigint AS retained,
                to_jsonb(s) ->> 'invalidation_reason' AS invalidated,
                system_identifier || '/' || left(pg_walfile_name(pg_current_wal_lsn()), 8) AS server,
                concat_ws(', ',
                    CASE WHEN slot_type <> 'logical' THEN 'it is ' || slot_type END,
                    CASE WHEN plugin <> 'pgoutput' THEN 'its plugin is ' || plugin END,
                    CASE WHEN database <> current_database() THEN 'it is of database ' || database END,
                    CASE WHEN two_phase THEN 'it decodes two-phase commits' END,
                    CASE WHEN temporary THEN 'it is temporary' END) AS foreign_by
            FROM pg_replication_slots s, pg_control_system() WHERE slot_name = ?""";

    private final PostgresConnections connections;
    private final String name;

    /**
     * The slot at one moment.
     *
     * @param reader the process id of the session that reads from it
     * @param walStatus as the server calls it; {@code lost} when it cannot be read any more
     * @param invalidated why it is lost, where the server says so
     * @param foreignBy what shows that it is not one of ours, empty when it may be
     */
    private record Look(
            @Nullable String reader,
            @Nullable String walStatus,
            @Nullable Lsn confirmed,
            Lsn flushed,
            long retainedBytes,
            @Nullable String invalidated,
            String server,
            String foreignBy) {

        boolean isLost() {
            return "lost".equals(walStatus) || confirmed == null;
        }
    }

    PostgresSlot(PostgresConnections connections, String name) {
        this.connections = connections;
        this.name = name;
    }

    /** Makes sure that every transaction behind {@code boundary} is still to come out of the slot. */
    void requireResumable(SourcePosition boundary) {
        Lsn resume = ((SourcePosition.Postgres) boundary).lsn();
        Look slot = awaitFree()
                .orElseThrow(() -> HistoryLostException.placeGone(boundary, "replication slot '" + name + "' is gone"));
        requireOurs(slot);
        if (slot.isLost()) {
            throw HistoryLostException.placeGone(
                    boundary,
                    "the server has invalidated replication slot '" + name + "'"
                            + (slot.invalidated() == null ? "" : " (" + slot.invalidated() + ")"));
        }
        Lsn confirmed = Objects.requireNonNull(slot.confirmed());
        if (confirmed.compareTo(resume) > 0) { // the server would skip transactions without a word
            throw HistoryLostException.placeGone(
                    boundary, "replication slot '" + name + "' stands at " + confirmed + " already");
        }
        if (slot.flushed().compareTo(resume) < 0) {
            throw HistoryLostException.otherServer(
                    "its log ends at " + slot.flushed() + ", we have read up to " + resume + " before");
        }
    }

    /** Somebody else's slot of the same name is neither read nor dropped. */
    private void requireOurs(Look slot) {
        if (!slot.foreignBy().isEmpty()) {
            throw new CdpException(
                    ErrorCode.SOURCE_SETTINGS_WRONG,
                    "Replication slot '" + name + "' of " + connections.address() + " is not one that cdp made: "
                            + slot.foreignBy(),
                    "If nobody needs it: SELECT pg_drop_replication_slot('" + name
                            + "'). Otherwise give cdp another name in sources.NAME.slot");
        }
    }

    /** A connection of ours that broke keeps the slot for a moment. */
    private Optional<Look> awaitFree() {
        long deadline = System.nanoTime() + RELEASE_PATIENCE.toNanos();
        while (true) {
            Optional<Look> look = look();
            String user = look.map(Look::reader).orElse(null);
            if (user == null) {
                return look;
            }
            if (System.nanoTime() > deadline) {
                throw new CdpException(
                        ErrorCode.SLOT_IN_USE, // not fenced: who has it may be asleep, and stops when it wakes
                        "Replication slot '" + name + "' of " + connections.address()
                                + " is in use by the session with pid " + user,
                        "Stop the other daemon that captures this source, or end that session with pg_terminate_backend("
                                + user + ")");
            }
            LockSupport.parkNanos(RELEASE_POLL.toNanos());
        }
    }

    private Optional<Look> look() {
        return connections.with("look at replication slot '" + name + "'", this::look);
    }

    private Optional<Look> look(Connection connection) throws SQLException {
        requirePrimary(connection);
        try (PreparedStatement statement = connection.prepareStatement(LOOK)) {
            statement.setString(1, name);
            try (ResultSet row = statement.executeQuery()) {
                if (!row.next()) {
                    return Optional.empty();
                }
                String confirmed = row.getString("confirmed_flush_lsn");
                return Optional.of(new Look(
                        row.getString("reader"),
                        row.getString("wal_status"),
                        confirmed == null ? null : Lsn.parse(confirmed),
                        Lsn.parse(row.getString("flushed")),
                        row.getLong("retained"),
                        row.getString("invalidated"),
                        row.getString("server"),
                        row.getString("foreign_by")));
            }
        }
    }

    /** During a failover the name may already lead to a server that is not yet promoted. */
    private void requirePrimary(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT pg_is_in_recovery()")) {
            row.next();
            if (row.getBoolean(1)) {
                throw new CdpException(
                        ErrorCode.SOURCE_UNREACHABLE,
                        "The server at " + connections.address() + " is a standby",
                        "Name the primary; after a failover this waits until the server is promoted");
            }
        }
    }

    /** @throws CdpException {@code SOURCE_UNREACHABLE} when the slot keeps nothing for us any more */
    LogKeeping keeping() {
        Look slot = look().orElseThrow(() -> notKept("is gone"));
        if (slot.isLost()) {
            throw notKept("was invalidated");
        }
        return new LogKeeping(slot.retainedBytes(), slot.server(), slot.reader() == null ? "" : slot.reader());
    }

    private CdpException notKept(String what) {
        return new CdpException(
                ErrorCode.SOURCE_UNREACHABLE,
                "Replication slot '" + name + "' of " + connections.address() + " " + what,
                "Nothing: reading starts again and records what is missing");
    }

    /** Gives the slot up; fine when there is none. Refuses when somebody else made it. */
    void drop() {
        Optional<Look> slot = awaitFree();
        slot.ifPresent(this::requireOurs);
        connections.with("drop replication slot '" + name + "'", connection -> {
            try (PreparedStatement statement = connection.prepareStatement(
                    "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = ?")) {
                statement.setString(1, name);
                statement.execute();
            }
            return null;
        });
    }

    /** The same, but leaves somebody else's slot alone. */
    void dropOurs() {
        if (awaitFree().filter(slot -> !slot.foreignBy().isEmpty()).isPresent()) {
            log.warn("Replication slot {} was not made by cdp and stays", name);
            return;
        }
        drop();
    }
}
