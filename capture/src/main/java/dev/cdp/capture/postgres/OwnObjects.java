package dev.cdp.capture.postgres;

import dev.cdp.capture.source.HistoryLostException;
import dev.cdp.core.CdpException;
import dev.cdp.core.ErrorCode;
import dev.cdp.core.SourceId;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.jspecify.annotations.Nullable;

/**
 * Whether our publication and our event triggers are as we made them. A table that is taken out of the publication is
 * missing in the log without a word. Our own event trigger puts the publication back within the statement that changes
 * it; this finds what happened without it.
 */
final class OwnObjects {
    private final SourceId source;
    private final PostgresConnections connections;
    private volatile boolean isWatched;

    OwnObjects(SourceId source, PostgresConnections connections) {
        this.source = source;
        this.connections = connections;
    }

    /** @throws HistoryLostException when the log may lack changes */
    void requireUndisturbed() {
        connections.with("look at what cdp made in the database", connection -> {
            requireUndisturbed(connection);
            return true;
        });
    }

    /** @throws HistoryLostException when the log may lack changes */
    void requireUndisturbed(Connection connection) throws SQLException {
        String disturbed = disturbed(connection);
        if (!disturbed.isEmpty()) {
            throw HistoryLostException.unwatched(
                    source, "somebody changed what cdp made in the database: " + disturbed);
        }
    }

    /** Before a new history begins: puts everything back. */
    void mend() {
        String left = connections.with("put back what cdp made in the database", connection -> {
            if (!disturbed(connection).isEmpty()) {
                value(connection, "SELECT cdp.mend(true)");
            }
            return disturbed(connection);
        });
        if (!left.isEmpty()) {
            throw new CdpException(
                    ErrorCode.SOURCE_SETTINGS_WRONG,
                    "The log of source '" + source + "' would not show all changes: " + left,
                    "Undo that as a superuser, such as by ALTER SYSTEM RESET event_triggers and SELECT pg_reload_conf(),"
                            + " then start the source again");
        }
    }

    /** Empty where an earlier version made no note of how it left things. */
    private String disturbed(Connection connection) throws SQLException {
        isWatched = isWatched || value(connection, "SELECT to_regclass('cdp.watched')") != null;
        String disturbed = isWatched ? value(connection, "SELECT cdp.disturbed()") : null;
        return disturbed == null ? "" : disturbed;
    }

    private static @Nullable String value(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getString(1);
        }
    }
}
