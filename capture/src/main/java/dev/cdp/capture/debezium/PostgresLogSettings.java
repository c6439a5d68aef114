package dev.cdp.capture.debezium;

import dev.cdp.core.Lsn;
import dev.cdp.core.TableName;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which PostgreSQL log to read, and from where.
 *
 * @param name of the source; names threads and metrics
 * @param unreadable tables that the connector would stop at although nothing of them is published
 * @param boundary the end of a transaction from which reading goes on; null to start where the slot stands
 */
public record PostgresLogSettings(
        String name,
        Server server,
        String slot,
        String publication,
        Set<TableName> unreadable,
        @Nullable Lsn boundary) {

    public PostgresLogSettings {
        unreadable = Set.copyOf(unreadable);
    }

    /**
     * A database and the user that reads it.
     *
     * @param sslMode as pgjdbc names it
     */
    public record Server(String host, int port, String database, String user, String password, String sslMode) {

        /** Leaves the password out. */
        @Override
        public String toString() {
            return user + "@" + host + ":" + port + "/" + database;
        }
    }

    Optional<Lsn> resumeAt() {
        return Optional.ofNullable(boundary);
    }
}
