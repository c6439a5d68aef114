package dev.cdp.capture.postgres;

import dev.cdp.capture.log.LogConsumer;
import dev.cdp.capture.log.LogEvent;
import dev.cdp.capture.source.HistoryLostException;
import dev.cdp.core.CdpException;
import dev.cdp.core.ErrorCode;
import dev.cdp.core.SourcePosition;
import dev.cdp.core.TableName;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Tables whose columns differ only by case. Debezium describes every table when it starts and stops at one of these, even
 * if nothing of it is published, so a run leaves them out. A run that left a table out cannot see its rows: when the log
 * says that the table has become one that can be read, reading begins again at the last boundary, without leaving it out.
 */
final class UnreadableTables implements LogConsumer {
    private static final String FIND = """
            SELECT DISTINCT n.nspname, c.relname
            FROM pg_attribute a
            JOIN pg_attribute b ON b.attrelid = a.attrelid AND b.attnum > a.attnum AND lower(b.attname) = lower(a.attname)
            JOIN pg_class c ON c.oid = a.attrelid
            JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE a.attnum > 0 AND NOT a.attisdropped AND NOT b.attisdropped AND c.relkind <> 'i'""";

    private final SourcePosition boundary;
    private final Set<TableName> leftOut;
    private final Supplier<Set<TableName>> unreadableNow;
    private final LogConsumer next;

    /**
     * @param boundary where this run began to read
     * @param leftOut by this run
     */
    UnreadableTables(
            SourcePosition boundary, Set<TableName> leftOut, Supplier<Set<TableName>> unreadableNow, LogConsumer next) {
        this.boundary = boundary;
        this.leftOut = Set.copyOf(leftOut);
        this.unreadableNow = unreadableNow;
        this.next = next;
    }

    static Set<TableName> find(Connection connection) throws SQLException {
        Set<TableName> found = new HashSet<>();
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(FIND)) {
            while (row.next()) {
                found.add(new TableName(row.getString(1), row.getString(2)));
            }
        }
        return found;
    }

    @Override
    public void accept(List<LogEvent> batch) throws InterruptedException {
        for (LogEvent event : batch) {
            if (event instanceof LogEvent.Ddl statement) {
                statement.tables().forEach(table -> requireRead(table.name()));
            }
        }
        next.accept(batch);
    }

    private void requireRead(TableName table) {
        if (leftOut.contains(table)) {
            if (unreadableNow.get().contains(table)) { // it was one that can be read only for a while
                throw HistoryLostException.placeGone(
                        boundary, "columns of " + table + " differ only by case, now and before but not in between");
            }
            throw new CdpException(
                    ErrorCode.SOURCE_UNREACHABLE,
                    "Table " + table + " can be read from here on, and the log is read again for it",
                    "Nothing: capture goes on by itself");
        }
    }
}
