package dev.cdp.capture.binlog;

import dev.cdp.capture.binlog.BinlogCatalog.Listed;
import dev.cdp.capture.binlog.BinlogServer.DefinitionWatch;
import dev.cdp.capture.binlog.reading.CharacterSets;
import dev.cdp.capture.log.NotCarried;
import dev.cdp.capture.source.BaseReading;
import dev.cdp.capture.source.RowName;
import dev.cdp.capture.source.TableDescription;
import dev.cdp.capture.source.TableDescription.ColumnDescription;
import dev.cdp.capture.source.ValueNotCarriedException;
import dev.cdp.core.Carrier;
import dev.cdp.core.CdpException;
import dev.cdp.core.ErrorCode;
import dev.cdp.core.SourcePosition;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A consistent snapshot of InnoDB on one connection, whose place in the binary log is known.
 *
 * <p>The catalog is not part of the snapshot, so it is read before and after and has to be the same. A table that is
 * defined anew later is refused by the server when it is read, or by us when it has been. Locks on a table's
 * definition are given back after each table, so a long copy does not hold up statements on tables already read.
 */
final class BinlogBaseReading implements BaseReading {
    private static final Logger log = LoggerFactory.getLogger(BinlogBaseReading.class);
    private static final int ATTEMPTS = 10;
    private static final int ROWS_PER_FETCH = 1_000;

    private final Connection connection;
    private final BinlogCatalog catalog;
    private final DefinitionWatch watch;
    private final SourcePosition position;
    private final List<TableDescription> tables;
    private final CharacterSets characterSets;

    private BinlogBaseReading(
            Connection connection,
            BinlogCatalog catalog,
            DefinitionWatch watch,
            SourcePosition position,
            List<TableDescription> tables) {
        this.connection = connection;
        this.catalog = catalog;
        this.watch = watch;
        this.position = position;
        this.tables = tables;
        this.characterSets = catalog.characterSets();
    }

    /** @param nativeIds the tables, empty for all that can be protected */
    static BinlogBaseReading open(
            Connections connections, BinlogServer server, BinlogCatalog catalog, Set<String> nativeIds)
            throws SQLException {
        Connection connection = connections.open();
        try {
            return open(connection, server, catalog, nativeIds);
        } catch (SQLException | RuntimeException e) {
            connection.close();
            throw e;
        }
    }

    private static BinlogBaseReading open(
            Connection connection, BinlogServer server, BinlogCatalog catalog, Set<String> nativeIds)
            throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ");
            for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
                Map<String, Listed> before = catalog.all(connection);
                SourcePosition position = server.openSnapshot(connection);
                if (catalog.all(connection).equals(before)) {
                    List<TableDescription> tables = before.values().stream()
                            .filter(table -> table.obstacle() == null)
                            .map(Listed::description)
                            .filter(table -> nativeIds.isEmpty() || nativeIds.contains(table.nativeId()))
                            .toList();
                    statement.execute("SAVEPOINT cdp_table");
                    DefinitionWatch watch = server.definitionWatch();
                    return new BinlogBaseReading(connection, catalog, watch, position, tables);
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
        try {
            List<BaseColumn> columns = columns(table);
            String sql = "SELECT "
                    + (columns.isEmpty()
                            ? "1"
                            : columns.stream().map(BaseColumn::expression).collect(Collectors.joining(", ")))
                    + " FROM " + Names.quoted(table.name());
            try (PreparedStatement select =
                    connection.prepareStatement(sql, ResultSet.TYPE_FORWARD_ONLY, ResultSet.CONCUR_READ_ONLY)) {
                select.setFetchSize(ROWS_PER_FETCH); // streams: the driver holds no more rows than that
                try (ResultSet row = select.executeQuery()) {
                    while (row.next()) {
                        @Nullable Object[] values = values(row, columns);
                        requireCarried(table, values);
                        rows.accept(values);
                    }
                }
                requireSameDefinition(table);
            } finally {
                try (Statement statement = connection.createStatement()) {
                    statement.execute("ROLLBACK TO SAVEPOINT cdp_table");
                }
            }
        } catch (SQLException e) {
            throw new CdpException(
                    ErrorCode.BASE_FAILED,
                    "Table " + table.name() + " cannot be read as of " + position.nativeText() + ": " + e.getMessage(),
                    "The base is taken again; if this repeats, do not change definitions meanwhile",
                    e);
        }
    }

    private List<BaseColumn> columns(TableDescription table) throws SQLException {
        Map<String, String> sets = catalog.characterSets(connection, table.name());
        List<BaseColumn> columns = new ArrayList<>();
        for (ColumnDescription column : table.writtenColumns()) {
            String set = column.carrier() == Carrier.TEXT ? sets.get(column.name()) : null;
            columns.add(
                    set == null
                            ? BaseColumn.asPrinted(column)
                            : BaseColumn.asStored(column, characterSets.decoder(set)));
        }
        return columns;
    }

    /** Called while the table is still locked against being defined anew. */
    private void requireSameDefinition(TableDescription table) throws SQLException {
        if (watch == DefinitionWatch.US && !catalog.describe(table.name()).equals(Optional.of(table))) {
            throw new SQLException("it has been defined anew since");
        }
    }

    private static @Nullable Object[] values(ResultSet row, List<BaseColumn> columns) throws SQLException {
        @Nullable Object[] values = new Object[columns.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = columns.get(i).value(row, i + 1);
        }
        return values;
    }

    private static void requireCarried(TableDescription table, @Nullable Object[] values) {
        for (int i = 0; i < values.length; i++) {
            if (values[i] instanceof NotCarried what) {
                List<String> names = table.writtenColumns().stream()
                        .map(ColumnDescription::name)
                        .toList();
                String row = RowName.of(table.key(), column -> {
                    int at = names.indexOf(column);
                    return at < 0 ? null : values[at]; // a computed one
                });
                throw new ValueNotCarriedException(table.name(), names.get(i), what, row);
            }
        }
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
