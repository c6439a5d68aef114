package dev.cdp.restore.target;

import dev.cdp.core.Column;
import dev.cdp.core.RowImage;
import dev.cdp.core.TableName;
import dev.cdp.core.TableSchema;
import dev.cdp.restore.target.LiveTable.ForeignKey;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A MariaDB or MySQL database in use. Its foreign keys are judged row by row and their actions do not show in its log, so
 * they are off, and what they stand for is looked for by queries before the end.
 */
final class MariaDbLive implements LiveDatabase {
    private static final String STAGED = "cdp_staged";
    private static final int ROWS_PER_BATCH = 1_000;
    private static final Set<Integer> BUSY = Set.of(1205, 1213); // lock wait timeout, deadlock

    private static final String COLUMNS = "SELECT column_name, column_type FROM information_schema.columns WHERE"
            + " table_schema = ? AND table_name = ? AND coalesce(generation_expression, '') = ''"
            + " ORDER BY ordinal_position";
    private static final String UNIQUES = "SELECT index_name, column_name FROM information_schema.statistics WHERE"
            + " table_schema = ? AND table_name = ? AND non_unique = 0 AND index_name <> 'PRIMARY'"
            + " ORDER BY index_name, seq_in_index";
    private static final String TRIGGERS = "SELECT trigger_name, '' FROM information_schema.triggers WHERE"
            + " event_object_schema = ? AND event_object_table = ? ORDER BY trigger_name";
    private static final String FOREIGN_KEYS = "SELECT constraint_name, table_schema, table_name, column_name,"
            + " referenced_table_schema, referenced_table_name, referenced_column_name FROM"
            + " information_schema.key_column_usage WHERE %1$stable_schema = ? AND %1$stable_name = ? AND"
            + " referenced_table_name IS NOT NULL ORDER BY table_schema, table_name, constraint_name, ordinal_position";

    private final TargetServer server;
    private final String database;
    private @Nullable Connection session;

    MariaDbLive(TargetServer server, String database) {
        this.server = server;
        this.database = database;
    }

    /** What is done with the session. */
    @FunctionalInterface
    private interface Work<T> {
        T on(Connection connection) throws SQLException;
    }

    private <T> T with(String what, Work<T> work) {
        try {
            if (session == null) {
                session = new MariaDbSessions(server).openLive(database);
            }
            return work.on(session);
        } catch (SQLException e) {
            throw BUSY.contains(e.getErrorCode())
                    ? TargetException.busy(server, database, what, e)
                    : TargetException.refusedLive(what, e);
        }
    }

    @Override
    public LiveTable look(TableSchema table) {
        return with("look at table " + quoted(table), connection -> {
            requireColumns(connection, table);
            Map<String, List<String>> uniques = new LinkedHashMap<>();
            select(connection, UNIQUES, table, row -> uniques.computeIfAbsent(
                            row.getString(1), each -> new ArrayList<>())
                    .add(row.getString(2)));
            List<String> triggers = new ArrayList<>();
            select(connection, TRIGGERS, table, row -> triggers.add(row.getString(1)));
            return new LiveTable(
                    table.name(),
                    List.copyOf(uniques.values()),
                    triggers,
                    foreignKeys(connection, table, ""),
                    foreignKeys(connection, table, "referenced_"));
        });
    }

    private void requireColumns(Connection connection, TableSchema table) throws SQLException {
        List<String> known = table.columns().stream().map(Column::name).toList();
        List<String> found = new ArrayList<>();
        select(connection, COLUMNS, table, row -> found.add(row.getString(1)));
        if (!found.equals(known)) {
            throw TargetException.conflict(
                    found.isEmpty()
                            ? "Table " + table.name() + " is not there"
                            : "Table " + table.name() + " has the columns " + found + ", and the archive knows "
                                    + known,
                    "Wait until capture has seen the change ('cdp status'), then try again");
        }
    }

    private List<ForeignKey> foreignKeys(Connection connection, TableSchema table, String side) throws SQLException {
        Map<String, ForeignKey> keys = new LinkedHashMap<>();
        select(connection, FOREIGN_KEYS.formatted(side), table, row -> {
            TableName child = new TableName(row.getString(2), row.getString(3));
            ForeignKey key = keys.computeIfAbsent(child + " " + row.getString(1), each -> empty(row, child));
            key.columns().add(row.getString(4));
            key.parentColumns().add(row.getString(7));
        });
        return List.copyOf(keys.values());
    }

    private static ForeignKey empty(ResultSet row, TableName child) {
        try {
            TableName parent = new TableName(row.getString(5), row.getString(6));
            return new ForeignKey(row.getString(1), child, new ArrayList<>(), parent, new ArrayList<>());
        } catch (SQLException e) {
            throw TargetException.refusedLive("look at foreign keys", e);
        }
    }

    /** Takes one row. */
    @FunctionalInterface
    private interface RowTaker {
        void take(ResultSet row) throws SQLException;
    }

    private void select(Connection connection, String sql, TableSchema table, RowTaker taker) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, database);
            statement.setString(2, table.name().name());
            try (ResultSet result = statement.executeQuery()) {
                while (result.next()) {
                    taker.take(result);
                }
            }
        }
    }

    @Override
    public boolean canSilenceTriggers() {
        return false;
    }

    @Override
    public void begin(Collection<LiveTable> silenced) {
        with("begin", connection -> {
            connection.setAutoCommit(false);
            return null;
        });
    }

    @Override
    public void read(TableSchema table, List<RowImage> images, boolean locked, Consumer<RowImage> reader) {
        with("read table " + quoted(table), connection -> {
            connection.setAutoCommit(false);
            stage(connection, table, images);
            List<Column> columns = table.columns();
            String sql = "SELECT " + columns.stream().map(MariaDbRows::readable).collect(Collectors.joining(", "))
                    + " FROM " + quoted(table) + " WHERE " + keyAmongStaged(table) + (locked ? " FOR UPDATE" : "");
            try (Statement statement = connection.createStatement();
                    ResultSet result = statement.executeQuery(sql)) {
                while (result.next()) {
                    @Nullable Object[] values = new Object[columns.size()];
                    for (int i = 0; i < values.length; i++) {
                        values[i] = MariaDbRows.value(columns.get(i).carrier(), result, i + 1);
                    }
                    reader.accept(RowImage.of(values));
                }
            }
            return null;
        });
    }

    private void stage(Connection connection, TableSchema table, List<RowImage> images) throws SQLException {
        MariaDbSessions.run(connection, "DROP TEMPORARY TABLE IF EXISTS " + STAGED);
        String columns = IntStream.range(0, table.columns().size())
                .mapToObj(i -> MariaDbSessions.quoted(table.columns().get(i).name()) + " AS c" + i)
                .collect(Collectors.joining(", "));
        MariaDbSessions.run(
                connection,
                "CREATE TEMPORARY TABLE " + STAGED + " AS SELECT " + columns + " FROM " + quoted(table) + " LIMIT 0");
        String places = String.join(", ", Collections.nCopies(table.columns().size(), "?"));
        try (PreparedStatement insert =
                connection.prepareStatement("INSERT INTO " + STAGED + " VALUES (" + places + ")")) {
            int held = 0;
            for (RowImage image : images) {
                MariaDbRows.bind(insert, table, image);
                insert.addBatch();
                if (++held == ROWS_PER_BATCH) {
                    insert.executeBatch();
                    held = 0;
                }
            }
            insert.executeBatch();
        }
    }

    private static String keyAmongStaged(TableSchema table) {
        return "("
                + key(table, i -> MariaDbSessions.quoted(table.columns().get(i).name())) + ") IN (SELECT "
                + key(table, i -> "c" + i) + " FROM " + STAGED + ")";
    }

    private static String key(TableSchema table, Function<Integer, String> name) {
        return table.keyFieldIds().stream().map(table::indexOfField).map(name).collect(Collectors.joining(", "));
    }

    private static String sameKey(TableSchema table) {
        return table.keyFieldIds().stream()
                .map(table::indexOfField)
                .map(i -> "t." + MariaDbSessions.quoted(table.columns().get(i).name()) + " = s.c" + i)
                .collect(Collectors.joining(" AND "));
    }

    @Override
    public long write(TableSchema table, Write kind, List<RowImage> images) {
        String name = quoted(table);
        return with("write into table " + name, connection -> {
            stage(connection, table, images);
            String sql =
                    switch (kind) {
                        case DELETE -> "DELETE t FROM " + name + " t JOIN " + STAGED + " s ON " + sameKey(table);
                        case UPDATE ->
                            "UPDATE " + name + " t JOIN " + STAGED + " s ON " + sameKey(table) + " SET "
                                    + assignments(table);
                        case INSERT ->
                            "INSERT INTO " + name + " (" + names(table) + ") SELECT "
                                    + IntStream.range(0, table.columns().size())
                                            .mapToObj(i -> "c" + i)
                                            .collect(Collectors.joining(", "))
                                    + " FROM " + STAGED;
                    };
            try (Statement statement = connection.createStatement()) {
                return statement.executeLargeUpdate(sql);
            }
        });
    }

    private static String assignments(TableSchema table) {
        return IntStream.range(0, table.columns().size())
                .filter(i ->
                        !table.keyFieldIds().contains(table.columns().get(i).fieldId()))
                .mapToObj(i ->
                        "t." + MariaDbSessions.quoted(table.columns().get(i).name()) + " = s.c" + i)
                .collect(Collectors.joining(", "));
    }

    private static String names(TableSchema table) {
        return table.columns().stream()
                .map(column -> MariaDbSessions.quoted(column.name()))
                .collect(Collectors.joining(", "));
    }

    @Override
    public long countReferrers(ForeignKey key, TableSchema parent, List<RowImage> parents) {
        return with("look for rows that refer to table " + quoted(parent), connection -> {
            stage(connection, parent, parents);
            boolean isOwn = key.child().name().equals(parent.name().name())
                    && key.child().schema().equals(database);
            return count(
                    connection,
                    "SELECT count(*) FROM " + quoted(key.child()) + " WHERE (" + MariaDbSessions.quoted(key.columns())
                            + ") IN (SELECT " + staged(parent, key.parentColumns()) + " FROM " + STAGED + ")"
                            + (isOwn ? " AND NOT " + keyAmongStaged(parent) : "") + " LOCK IN SHARE MODE");
        });
    }

    @Override
    public long countOrphans(ForeignKey key, TableSchema child, List<RowImage> children) {
        return with("look for rows that " + quoted(child) + " refers to", connection -> {
            stage(connection, child, children);
            String staged = staged(child, key.columns());
            return count(
                    connection,
                    "SELECT count(*) FROM " + STAGED + " WHERE concat(" + staged + ") IS NOT NULL AND (" + staged
                            + ") NOT IN (SELECT " + MariaDbSessions.quoted(key.parentColumns()) + " FROM "
                            + quoted(key.parent()) + " WHERE concat(" + MariaDbSessions.quoted(key.parentColumns())
                            + ") IS NOT NULL) LOCK IN SHARE MODE");
        });
    }

    private static long count(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getLong(1);
        }
    }

    private static String staged(TableSchema table, List<String> columns) {
        return columns.stream()
                .map(column -> "c"
                        + IntStream.range(0, table.columns().size())
                                .filter(i -> table.columns().get(i).name().equals(column))
                                .findFirst()
                                .orElseThrow(() -> TargetException.conflict(
                                        "A foreign key stands on column " + column + " of " + table.name()
                                                + ", which is not archived",
                                        "Change these rows by hand: 'cdp history' shows what they were")))
                .collect(Collectors.joining(", "));
    }

    @Override
    public void commit() {
        with("commit", connection -> {
            connection.commit();
            return null;
        });
    }

    private String quoted(TableSchema table) {
        return MariaDbSessions.quoted(database) + "."
                + MariaDbSessions.quoted(table.name().name());
    }

    private static String quoted(TableName name) {
        return MariaDbSessions.quoted(name.schema()) + "." + MariaDbSessions.quoted(name.name());
    }

    /** What was not committed goes with the connection. */
    @Override
    public void close() {
        if (session != null) {
            PostgresSessions.endTransaction(session);
            PostgresSessions.closeQuietly(session);
            session = null;
        }
    }
}
