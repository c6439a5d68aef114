package dev.cdp.capture.binlog.definition;

import java.sql.ResultSet;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * The session settings that the server stores beside a routine, trigger, event or view, because its text means
 * something else under others.
 *
 * @param timeZone for events only
 */
record SessionContext(
        String sqlMode,
        String characterSet,
        String collation,
        @Nullable String timeZone) {
    private static final String UNIVERSAL = "utf8mb4";

    /** Reads the columns that SHOW CREATE prints for all kinds of programs. */
    static SessionContext of(ResultSet row, @Nullable String timeZone) throws SQLException {
        return new SessionContext(
                row.getString("sql_mode"),
                row.getString("character_set_client"),
                row.getString("collation_connection"),
                timeZone);
    }

    /** The same for a driver that sends UTF-8 only: it closes connections that are told to expect something else. */
    SessionContext toSend() {
        return characterSet.startsWith("utf8") ? this : new SessionContext(sqlMode, UNIVERSAL, collation, timeZone);
    }

    String statement() {
        String zone = timeZone == null ? "" : ", time_zone = " + SqlScanner.literal(timeZone);
        return "SET sql_mode = %s, character_set_client = %s, collation_connection = %s%s"
                .formatted(SqlScanner.literal(sqlMode), characterSet, collation, zone);
    }
}
