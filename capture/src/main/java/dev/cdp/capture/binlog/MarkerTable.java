package dev.cdp.capture.binlog;

import dev.cdp.capture.source.HistoryLostException;
import dev.cdp.core.SourceId;
import dev.cdp.core.TableName;
import dev.cdp.core.crash.CrashPoint;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Where the markers of one source are written: a table with one row in a database of its own, so that nothing of ours
 * stands in the protected database. Several sources on one server have a table each.
 */
final class MarkerTable {
    static final String DATABASE = "cdp";

    /** Of the table that is made; whoever changes its definition raises this. */
    static final int VERSION = 2;

    // Before there were versions, the comment ended in front of the comma.
    private static final Pattern COMMENT = Pattern.compile("Markers of cdp(?:, version (\\d+))?");
    private static final String PRESENT_COMMENT = "Markers of cdp, version " + VERSION;

    private final SourceId source;
    private final TableName name;

    MarkerTable(SourceId source) {
        this.source = source;
        name = new TableName(DATABASE, "marker_" + source.name());
    }

    SourceId source() {
        return source;
    }

    TableName name() {
        return name;
    }

    List<String> installStatements() {
        return List.of(
                "CREATE DATABASE IF NOT EXISTS " + Names.quoted(DATABASE),
                """
                CREATE TABLE IF NOT EXISTS %s (
                  id tinyint NOT NULL PRIMARY KEY,
                  counter bigint NOT NULL,
                  name varchar(255) CHARACTER SET utf8mb4 NULL,
                  round varchar(255) CHARACTER SET utf8mb4 NOT NULL,
                  written_at varchar(40) CHARACTER SET ascii NOT NULL,
                  history char(36) CHARACTER SET ascii NOT NULL
                ) ENGINE=InnoDB COMMENT='%s'""".formatted(Names.quoted(name), PRESENT_COMMENT),
                """
                INSERT IGNORE INTO %s VALUES (1, 0, NULL, '', '1970-01-01T00:00:00Z', UUID())""".formatted(Names.quoted(name)));
    }

    /** Keeps the row, and with it the counter and the history. */
    List<String> upgradeStatements() {
        return List.of("ALTER TABLE " + Names.quoted(name)
                + " MODIFY history char(36) CHARACTER SET ascii NOT NULL, COMMENT = '" + PRESENT_COMMENT + "'");
    }

    /** 0 where there is no such table; 1 where it is of a time before versions. */
    int installedVersion(Connection connection) throws SQLException {
        String sql = "SELECT TABLE_COMMENT FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ?";
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, name.schema());
            statement.setString(2, name.name());
            try (ResultSet row = statement.executeQuery()) {
                if (!row.next()) {
                    return 0;
                }
                Matcher comment = COMMENT.matcher(row.getString(1));
                return comment.matches() && comment.group(1) != null ? Integer.parseInt(comment.group(1)) : 1;
            }
        }
    }

    /** Removes the table, and the database with the last of them. */
    void uninstall(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("DROP TABLE IF EXISTS " + Names.quoted(name));
            CrashPoint.CONTROL_MARKER_TABLE_DROPPED.reached();
            try (ResultSet others = statement.executeQuery(
                    "SELECT 1 FROM information_schema.TABLES WHERE TABLE_SCHEMA = '" + DATABASE + "' LIMIT 1")) {
                if (others.next()) {
                    return;
                }
            }
            statement.execute("DROP DATABASE IF EXISTS " + Names.quoted(DATABASE));
        }
    }

    /** Random at installation: a server that was set up anew under the same address has another one. */
    String history(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(
                        "SELECT CAST(history AS CHAR) FROM " + Names.quoted(name) + " WHERE id = 1")) {
            return row.next() ? row.getString(1) : "";
        }
    }

    /**
     * Makes sure that the markers that were read have been written here: nothing but we counts them on.
     *
     * @throws HistoryLostException when the data are older than what was read
     */
    void requireCounted(Connection connection, long read) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT counter FROM " + Names.quoted(name) + " WHERE id = 1")) {
            long written = row.next() ? row.getLong(1) : 0;
            if (written < read) {
                throw HistoryLostException.otherServer("its data are an old copy: the newest marker is " + written
                        + ", and marker " + read + " was read before");
            }
        }
    }

    long write(Connection connection, @Nullable String marker, String round, Instant writtenAt) throws SQLException {
        String sql = "UPDATE " + Names.quoted(name)
                + " SET counter = LAST_INSERT_ID(counter + 1), name = ?, round = ?, written_at = ? WHERE id = 1";
        try (PreparedStatement update = connection.prepareStatement(sql);
                Statement query = connection.createStatement()) {
            update.setString(1, marker);
            update.setString(2, round);
            update.setString(3, writtenAt.toString());
            if (update.executeUpdate() != 1) {
                throw new SQLException("The row of markers in " + name + " is missing; install it again", "02000");
            }
            try (ResultSet row = query.executeQuery("SELECT LAST_INSERT_ID()")) {
                row.next();
                return row.getLong(1);
            }
        }
    }
}
