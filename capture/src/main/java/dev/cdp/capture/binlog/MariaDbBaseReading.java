package dev.cdp.capture.binlog;

import dev.cdp.capture.binlog.MariaDbCatalog.Listed;
import dev.cdp.capture.binlog.reading.SourceTypes;
import dev.cdp.capture.source.BaseReading;
import dev.cdp.capture.source.TableDescription;
import dev.cdp.capture.source.TableDescription.ColumnDescription;
import dev.cdp.core.CdpException;
import dev.cdp.core.ErrorCode;
import dev.cdp.core.GtidSet;
import dev.cdp.core.SourcePosition;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A consistent snapshot of InnoDB on one connection, whose place in the binary log the server tells without a lock.
 *
 * <p>The catalog is not part of the snapshot, so it is read before and after and has to be the same. A table that is
 * defined anew later is refused by the server itself when it is read (ER_TABLE_DEF_CHANGED). Locks on a table's
 * definition are given back after each table, so a long copy does not hold up statements on tables already read.
 */
final class MariaDbBaseReading implements BaseReading {
    private static final Logger log = LoggerFactory.getLogger(MariaDbBaseReading.class);
    private static final int ATTEMPTS = 10;
    private static final int ROWS_PER_FETCH = 1_000;

    private final Connection connection;
    private final SourcePosition.MariaDb position;
    private final List<TableDescription> tables;

    private MariaDbBaseReading(Connection connection, SourcePosition.MariaDb position, List<TableDescription> tables) {
        this.connection = connection;
        this.position = position;
        this.tables = tables;
    }

    /** @param nativeIds the tables, empty for all that can be protected */
    static MariaDbBaseReading open(MariaDbConnections connections, MariaDbCatalog catalog, Set<String> nativeIds)
            throws SQLException {
        Connection connection = connections.open();
        try {
            return open(connection, catalog, nativeIds);
        } catch (SQLException | RuntimeException e) {
            connection.close();
            throw e;
        }
    }

    private static MariaDbBaseReading open(Connection connection, MariaDbCatalog catalog, Set<String> nativeIds)
            throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ");
            for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
                Map<String, Listed> before = catalog.all(connection);
                statement.execute("START TRANSACTION WITH CONSISTENT SNAPSHOT");
                SourcePosition.MariaDb position = position(statement);
                if (catalog.all(connection).equals(before)) {
                    List<TableDescription> tables = before.values().stream()
                            .filter(table -> table.obstacle() == null)
                            .map(Listed::description)
                            .filter(table -> nativeIds.isEmpty() || nativeIds.contains(table.nativeId()))
                            .toList();
                    statement.execute("SAVEPOINT cdp_table");
                    return new MariaDbBaseReading(connection, position, tables);
                }
                statement.execute("ROLLBACK");
                log.debug("The catalog changed while a snapshot was opened; trying again");
            }
        }
        throw new CdpException(
                ErrorCode.BASE_FAILED,
                "Definitions kept changing while a snapshot was opened, " + ATTEMPTS + " times",
                "Start the source again when the change of definitions is through");
    }

    private static SourcePosition.MariaDb position(Statement statement) throws SQLException {
        Map<String, String> status = new java.util.HashMap<>();
        try (ResultSet row = statement.executeQuery("SHOW STATUS LIKE 'binlog_snapshot_%'")) {
            while (row.next()) {
                status.put(row.getString(1).toLowerCase(java.util.Locale.ROOT), row.getString(2));
            }
        }
        String file = status.getOrDefault("binlog_snapshot_file", "");
        if (file.isEmpty()) {
            throw new CdpException(
                    ErrorCode.SOURCE_SETTINGS_WRONG,
                    "The server keeps no binary log",
                    "Set log_bin in the server's configuration and restart it");
        }
        long offset = Long.parseLong(status.getOrDefault("binlog_snapshot_position", ""));
        try (ResultSet row = statement.executeQuery("SELECT BINLOG_GTID_POS('" + file + "', " + offset + ")")) {
            row.next();
            String gtids = row.getString(1);
            return new SourcePosition.MariaDb(GtidSet.parse(gtids == null ? "" : gtids), file, offset);
        }
    }

    @Override
    public SourcePosition position() {
        return position;
    }

    @Override
    public List<TableDescription> tables() {
        return tables;
    }

    /** One: to open several at the same place, the server would have to be stopped from committing. */
    @Override
    public List<TableCopy> copies() {
        return List.of(this::read);
    }

    private void read(TableDescription table, Consumer<@Nullable Object[]> rows) {
        List<ColumnDescription> columns = table.writtenColumns();
        String expressions = columns.stream()
                .map(column -> SourceTypes.projection(Names.quoted(column.name()), column.sourceType()))
                .collect(Collectors.joining(", "));
        String sql = "SELECT " + (columns.isEmpty() ? "1" : expressions) + " FROM " + Names.quoted(table.name());
        try (PreparedStatement select =
                connection.prepareStatement(sql, ResultSet.TYPE_FORWARD_ONLY, ResultSet.CONCUR_READ_ONLY)) {
            select.setFetchSize(ROWS_PER_FETCH); // streams: the driver holds no more rows than that
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    rows.accept(values(row, columns));
                }
            }
            try (Statement statement = connection.createStatement()) {
                statement.execute("ROLLBACK TO SAVEPOINT cdp_table");
            }
        } catch (SQLException e) {
            throw new CdpException(
                    ErrorCode.BASE_FAILED,
                    "Table " + table.name() + " cannot be read as of " + position.nativeText() + ": " + e.getMessage(),
                    "The base is taken again; if this repeats, do not change definitions meanwhile",
                    e);
        }
    }

    private static @Nullable Object[] values(ResultSet row, List<ColumnDescription> columns) throws SQLException {
        @Nullable Object[] values = new Object[columns.size()];
        for (int i = 0; i < values.length; i++) {
            Object value =
                    switch (columns.get(i).carrier()) {
                        case INT64 -> row.getLong(i + 1);
                        case FLOAT32 -> row.getFloat(i + 1);
                        case FLOAT64 -> row.getDouble(i + 1);
                        case BYTES -> row.getBytes(i + 1);
                        case BOOLEAN, TEXT -> row.getString(i + 1);
                    };
            values[i] = row.wasNull() ? null : value;
        }
        return values;
    }

    @Override
    public void close() {
        try {
            connection.close();
        } catch (SQLException e) {
            log.debug("The connection of a snapshot did not close cleanly", e);
        }
    }
}
