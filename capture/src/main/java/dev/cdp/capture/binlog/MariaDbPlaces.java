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
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

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

    /** Up to where the log is written. */
    static GtidSet written(Connection connection) throws SQLException {
        return GtidSet.parse(new MariaDbPlaces(connection).text("SELECT @@gtid_binlog_pos"));
    }

    private void require(SourcePosition.MariaDb boundary) throws SQLException {
        GtidSet written = GtidSet.parse(text("SELECT @@gtid_binlog_pos"));
        if (!written.includes(boundary.gtids())) {
            throw HistoryLostException.otherServer(
                    "its binary log holds transactions up to '" + written + "', not up to " + boundary.nativeText());
        }
        requireSameTransactions(boundary);
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
        requireNothingMissing(boundary, files);
    }

    /** A file that was removed may be missed only if it ended just before its successor began. */
    private void requireNothingMissing(SourcePosition.MariaDb boundary, List<String> files) throws SQLException {
        if (files.isEmpty() || isReset(boundary.file(), files.get(0))) {
            throw HistoryLostException.otherServer("its binary log was begun anew: the oldest file is "
                    + (files.isEmpty() ? "none" : files.get(0)) + ", and " + boundary.file() + " is not there");
        }
        Optional<GtidSet> before = transactionsBefore(files.get(0), FIRST_EVENT_OFFSET);
        if (!before.equals(Optional.of(boundary.gtids()))) {
            throw HistoryLostException.placeGone(
                    boundary,
                    "binary log " + boundary.file() + " was removed; the oldest is " + files.get(0) + ", which begins"
                            + before.map(gtids -> " behind '" + gtids + "'").orElse(" nowhere"));
        }
    }

    /** Files are numbered on and removed from the oldest on, so a file that is gone has a lower number than all others. */
    private static boolean isReset(String gone, String oldest) {
        int dot = gone.lastIndexOf('.');
        return !oldest.startsWith(gone.substring(0, dot + 1)) || number(oldest) <= number(gone);
    }

    private static long number(String file) {
        return Long.parseLong(file.substring(file.lastIndexOf('.') + 1));
    }

    /** A server that took over, or an old copy, may have given the same numbers to other transactions. */
    private void requireSameTransactions(SourcePosition.MariaDb boundary) throws SQLException {
        Set<String> known = Arrays.stream(text("SELECT @@gtid_binlog_state").split(","))
                .map(String::strip)
                .collect(Collectors.toSet());
        for (GtidSet.Gtid gtid : boundary.gtids().lastByDomain().values()) {
            boolean held = known.stream()
                    .filter(each -> !each.isEmpty())
                    .map(GtidSet.Gtid::parse)
                    .anyMatch(each -> each.domain() == gtid.domain()
                            && each.server() == gtid.server()
                            && Long.compareUnsigned(each.sequence(), gtid.sequence()) >= 0);
            if (!held) {
                throw HistoryLostException.otherServer("its binary log does not hold transaction " + gtid + ", only '"
                        + String.join(",", known) + "'");
            }
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
