package dev.cdp.restore.target;

import dev.cdp.core.Column;
import dev.cdp.core.RowImage;
import dev.cdp.core.TableName;
import dev.cdp.core.TableSchema;
import dev.cdp.restore.target.LiveTable.ForeignKey;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A PostgreSQL database in use. Rows come in through temporary tables with the columns of the real one, so that any
 * number of them is written by one statement and every value is read by the server's own type.
 */
final class PostgresLive implements LiveDatabase {
    private static final String STAGED = "pg_temp.cdp_staged";
    private static final Set<String> BUSY = Set.of("55P03", "40P01", "40001"); // lock timeout, deadlock, serialisation

    private static final String COLUMNS = """
            SELECT a.attname, format_type(a.atttypid, a.atttypmod) FROM pg_attribute a
            WHERE a.attrelid = ?::regclass AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
            ORDER BY a.attnum""";
    private static final String UNIQUES = """
            SELECT (SELECT array_agg(a.attname::text ORDER BY k.place) FROM unnest(i.indkey::int2[]) WITH ORDINALITY k (number, place)
                    JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.number WHERE k.place <= i.indnkeyatts)
            FROM pg_index i WHERE i.indrelid = ?::regclass AND i.indisunique AND NOT i.indisprimary
                 AND i.indpred IS NULL AND i.indexprs IS NULL ORDER BY i.indexrelid""";
    private static final String TRIGGERS = """
            SELECT tgname, tgenabled FROM pg_trigger WHERE tgrelid = ?::regclass AND NOT tgisinternal AND tgenabled IN ('O', 'A')
            ORDER BY tgname""";
    private static final String FOREIGN_KEYS = """
            SELECT c.conname, cn.nspname, cc.relname, pn.nspname, pc.relname,
                (SELECT array_agg(a.attname::text ORDER BY k.place) FROM unnest(c.conkey) WITH ORDINALITY k (number, place)
                    JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.number),
                (SELECT array_agg(a.attname::text ORDER BY k.place) FROM unnest(c.confkey) WITH ORDINALITY k (number, place)
                    JOIN pg_attribute a ON a.attrelid = c.confrelid AND a.attnum = k.number)
            FROM pg_constraint c JOIN pg_class cc ON cc.oid = c.conrelid JOIN pg_namespace cn ON cn.oid = cc.relnamespace
            JOIN pg_class pc ON pc.oid = c.confrelid JOIN pg_namespace pn ON pn.oid = pc.relnamespace
            WHERE c.contype = 'f' AND %s = ?::regclass ORDER BY c.conname""";

    private final TargetServer server;
    private final String database;
    private final List<String> atTheEnd = new ArrayList<>();
    private @Nullable Connection session;

    PostgresLive(TargetServer server, String database) {
        this.server = server;
        this.database = database;
    }

    private Connection session() throws SQLException {
        if (session == null) {
            session = new PostgresSessions(server).openLive(database);
        }
        return session;
    }

    /** What is done with the session. */
    @FunctionalInterface
    private interface Work<T> {
        T on(Connection connection) throws SQLException;
    }

    private <T> T with(String what, Work<T> work) {
        try {
            return work.on(session());
        } catch (SQLException e) {
            throw BUSY.contains(String.valueOf(e.getSQLState()))
                    ? TargetException.busy(server, database, what, e)
                    : TargetException.refusedLive(what, e);
        }
    }

    @Override
    public LiveTable look(TableSchema table) {
        String name = quoted(table.name());
        return with("look at table " + name, connection -> {
            requireColumns(connection, table);
            List<List<String>> uniques = new ArrayList<>();
            select(connection, UNIQUES, name, row -> uniques.add(names(row.getArray(1))));
            List<String> triggers = new ArrayList<>();
            select(connection, TRIGGERS, name, row -> triggers.add(row.getString(1)));
            return new LiveTable(
                    table.name(),
                    uniques,
                    triggers,
                    foreignKeys(connection, name, "c.conrelid"),
                    foreignKeys(connection, name, "c.confrelid"));
        });
    }

    private static void requireColumns(Connection connection, TableSchema table) throws SQLException {
        List<String> known = table.columns().stream()
                .map(column -> column.name() + " " + column.sourceType())
                .toList();
        List<String> found = new ArrayList<>();
        try {
            select(
                    connection,
                    COLUMNS,
                    quoted(table.name()),
                    row -> found.add(row.getString(1) + " " + row.getString(2)));
        } catch (SQLException e) {
            if (!"42P01".equals(e.getSQLState()) && !"3F000".equals(e.getSQLState())) {
                throw e;
            }
        }
        if (!found.equals(known)) {
            throw TargetException.conflict(
                    found.isEmpty()
                            ? "Table " + table.name() + " is not there"
                            : "Table " + table.name() + " has the columns " + found + ", and the archive knows "
                                    + known,
                    "Wait until capture has seen the change ('cdp status'), then try again");
        }
    }

    private static List<ForeignKey> foreignKeys(Connection connection, String table, String side) throws SQLException {
        List<ForeignKey> keys = new ArrayList<>();
        select(
                connection,
                FOREIGN_KEYS.formatted(side),
                table,
                row -> keys.add(new ForeignKey(
                        row.getString(1),
                        new TableName(row.getString(2), row.getString(3)),
                        names(row.getArray(6)),
                        new TableName(row.getString(4), row.getString(5)),
                        names(row.getArray(7)))));
        return keys;
    }

    /** Takes one row. */
    @FunctionalInterface
    private interface RowTaker {
        void take(ResultSet row) throws SQLException;
    }

    private static void select(Connection connection, String sql, String table, RowTaker taker) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, table);
            try (ResultSet result = statement.executeQuery()) {
                while (result.next()) {
                    taker.take(result);
                }
            }
        }
    }

    private static List<String> names(Array array) throws SQLException {
        return Arrays.stream((Object[]) array.getArray()).map(String::valueOf).toList();
    }

    @Override
    public boolean canSilenceTriggers() {
        return true;
    }

    @Override
    public void begin(Collection<LiveTable> silenced) {
        with("begin", connection -> {
            connection.setAutoCommit(false);
            run(connection, "SET CONSTRAINTS ALL DEFERRED");
            for (LiveTable table : silenced) {
                silence(connection, quoted(table.name()));
            }
            return null;
        });
    }

    /** A trigger that is switched off for a moment comes back as it was, also one that fires always. */
    private void silence(Connection connection, String table) throws SQLException {
        List<String> statements = new ArrayList<>();
        select(connection, TRIGGERS, table, row -> {
            String trigger = " TRIGGER " + quoted(row.getString(1));
            statements.add("ALTER TABLE " + table + " DISABLE" + trigger);
            String mode = row.getString(2).equals("A") ? " ENABLE ALWAYS" : " ENABLE";
            atTheEnd.add("ALTER TABLE " + table + mode + trigger);
        });
        for (String statement : statements) {
            run(connection, statement);
        }
    }

    @Override
    public void read(TableSchema table, List<RowImage> images, boolean locked, Consumer<RowImage> reader) {
        with("read table " + quoted(table.name()), connection -> {
            connection.setAutoCommit(false); // what is staged is gone at its end
            stage(connection, table, images);
            String columns = names(table, column -> "t." + quoted(column.name()));
            String sql = "COPY (SELECT " + columns + " FROM ONLY " + quoted(table.name()) + " t JOIN " + STAGED
                    + " s ON " + sameKey(table) + (locked ? " FOR UPDATE OF t" : "") + ") TO STDOUT";
            PostgresCopy.out(connection, sql, table, reader);
            return null;
        });
    }

    /** Temporary columns have names of their own: the real ones may be anything. */
    private static void stage(Connection connection, TableSchema table, List<RowImage> images) throws SQLException {
        run(connection, "DROP TABLE IF EXISTS " + STAGED);
        String columns = IntStream.range(0, table.columns().size())
                .mapToObj(i -> quoted(table.columns().get(i).name()) + " AS c" + i)
                .collect(Collectors.joining(", "));
        run(
                connection,
                "CREATE TEMPORARY TABLE cdp_staged ON COMMIT DROP AS SELECT " + columns + " FROM ONLY "
                        + quoted(table.name()) + " WITH NO DATA");
        Iterator<RowImage> next = images.iterator();
        PostgresCopy.in(connection, "COPY " + STAGED + " FROM STDIN", table, () -> next.hasNext() ? next.next() : null);
        run(connection, "ANALYZE " + STAGED);
    }

    private static String sameKey(TableSchema table) {
        return table.keyFieldIds().stream()
                .map(table::indexOfField)
                .map(i -> "t." + quoted(table.columns().get(i).name()) + " = s.c" + i)
                .collect(Collectors.joining(" AND "));
    }

    /** Under the search path of the application from here on, as functions in its constraints may rely on it. */
    @Override
    public long write(TableSchema table, Write kind, List<RowImage> images) {
        String name = quoted(table.name());
        return with("write into table " + name, connection -> {
            stage(connection, table, images);
            String sql =
                    switch (kind) {
                        case DELETE -> "DELETE FROM ONLY " + name + " t USING " + STAGED + " s WHERE " + sameKey(table);
                        case UPDATE ->
                            "UPDATE ONLY " + name + " t SET " + assignments(table) + " FROM " + STAGED + " s WHERE "
                                    + sameKey(table);
                        case INSERT ->
                            "INSERT INTO " + name + " (" + names(table, column -> quoted(column.name()))
                                    + ") OVERRIDING SYSTEM VALUE SELECT " + staged(table) + " FROM " + STAGED;
                    };
            run(connection, "SET LOCAL search_path TO DEFAULT");
            try (Statement statement = connection.createStatement()) {
                long count = statement.executeLargeUpdate(sql);
                run(connection, "SET LOCAL search_path TO pg_catalog");
                return count;
            }
        });
    }

    private static String assignments(TableSchema table) {
        return IntStream.range(0, table.columns().size())
                .filter(i ->
                        !table.keyFieldIds().contains(table.columns().get(i).fieldId()))
                .mapToObj(i -> quoted(table.columns().get(i).name()) + " = s.c" + i)
                .collect(Collectors.joining(", "));
    }

    private static String staged(TableSchema table) {
        return IntStream.range(0, table.columns().size()).mapToObj(i -> "c" + i).collect(Collectors.joining(", "));
    }

    private static String names(TableSchema table, Function<Column, String> name) {
        return table.columns().stream().map(name).collect(Collectors.joining(", "));
    }

    @Override
    public long countReferrers(ForeignKey key, TableSchema parent, List<RowImage> parents) {
        return with("look for rows that refer to table " + quoted(parent.name()), connection -> {
            stage(connection, parent, parents);
            String match = IntStream.range(0, key.columns().size())
                    .mapToObj(i -> "t." + quoted(key.columns().get(i)) + " = s.c"
                            + indexOf(parent, key.parentColumns().get(i)))
                    .collect(Collectors.joining(" AND "));
            try (Statement statement = connection.createStatement();
                    ResultSet row = statement.executeQuery("SELECT count(*) FROM " + quoted(key.child()) + " t WHERE"
                            + " EXISTS (SELECT FROM " + STAGED + " s WHERE " + match + ")"
                            + (key.child().equals(parent.name())
                                    ? " AND NOT EXISTS (SELECT FROM " + STAGED + " s WHERE " + sameKey(parent) + ")"
                                    : ""))) {
                row.next();
                return row.getLong(1);
            }
        });
    }

    private static int indexOf(TableSchema table, String column) {
        return IntStream.range(0, table.columns().size())
                .filter(i -> table.columns().get(i).name().equals(column))
                .findFirst()
                .orElseThrow(() -> TargetException.conflict(
                        "A foreign key refers to column " + column + " of " + table.name() + ", which is not archived",
                        "Change these rows by hand: 'cdp history' shows what they were"));
    }

    /** The server judges every row that is written. */
    @Override
    public long countOrphans(ForeignKey key, TableSchema child, List<RowImage> children) {
        return 0;
    }

    @Override
    public void commit() {
        with("commit", connection -> {
            run(connection, "SET CONSTRAINTS ALL IMMEDIATE"); // a table with checks to come cannot be altered
            for (String statement : atTheEnd) {
                run(connection, statement);
            }
            connection.commit();
            atTheEnd.clear();
            return null;
        });
    }

    private static void run(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static String quoted(String name) {
        return PostgresSessions.quoted(name);
    }

    private static String quoted(TableName name) {
        return PostgresSessions.quoted(name);
    }

    @Override
    public void close() {
        if (session != null) {
            PostgresSessions.endTransaction(session);
            PostgresSessions.closeQuietly(session);
            session = null;
        }
    }
}
