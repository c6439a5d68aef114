package dev.cdp.capture.binlog;

import dev.cdp.capture.source.HistoryLostException;
import dev.cdp.core.GtidSet;
import dev.cdp.core.SourcePosition;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Which places of the binary log the server still has. */
final class MariaDbPlaces {
    private static final int FIRST_EVENT_OFFSET = 4;

    private final Connection connection;

    private MariaDbPlaces(Connection connection) {
        this.connection = connection;
    }

    /**
     * Makes sure that everything behind the place can be read.
     *
     * @throws HistoryLostException when some of it is gone, or the place is on another history
     */
    static void requireReadable(Connection connection, SourcePosition.MariaDb boundary) throws SQLException {
        new MariaDbPlaces(connection).require(boundary);
    }

    private void require(SourcePosition.MariaDb boundary) throws SQLException {
        GtidSet written = GtidSet.parse(text("SELECT @@gtid_binlog_pos"));
        if (!written.includes(boundary.gtids())) {
            throw HistoryLostException.otherServer(
                    "its binary log holds transactions up to '" + written + "', not up to " + boundary.nativeText());
        }
        List<String> files = files();
        if (files.contains(boundary.file())) {
            Optional<GtidSet> there = transactionsBefore(boundary.file(), boundary.offset());
            if (!there.equals(Optional.of(boundary.gtids()))) {
                throw HistoryLostException.otherServer("its binary log has "
                        + there.map(gtids -> "'" + gtids + "'").orElse("no transaction's end") + " at "
                        + boundary.file() + ":" + boundary.offset() + ", where " + boundary.nativeText() + " was");
            }
            return;
        }
        // A file that ended just before its successor began is not missed.
        boolean nothingMissing = !files.isEmpty()
                && transactionsBefore(files.get(0), FIRST_EVENT_OFFSET)
                        .filter(boundary.gtids()::includes)
                        .isPresent();
        if (!nothingMissing) {
            throw HistoryLostException.placeGone(
                    boundary,
                    "binary log " + boundary.file() + " was removed; the oldest is "
                            + (files.isEmpty() ? "none" : files.get(0)));
        }
    }

    /** Every transaction in the log before a place; empty when the place is none between two transactions. */
    private Optional<GtidSet> transactionsBefore(String file, long offset) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("SELECT BINLOG_GTID_POS(?, ?)")) {
            statement.setString(1, file);
            statement.setLong(2, offset);
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return Optional.ofNullable(row.getString(1)).map(GtidSet::parse);
            }
        }
    }

    private List<String> files() throws SQLException {
        List<String> files = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SHOW BINARY LOGS")) {
            while (row.next()) {
                files.add(row.getString(1));
            }
        }
        return files;
    }

    private String text(String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            String value = row.getString(1);
            return value == null ? "" : value;
        }
    }
}
