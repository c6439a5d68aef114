package dev.cdp.capture.postgres;

import dev.cdp.capture.log.NotCarried;
import dev.cdp.capture.source.BaseReading;
import dev.cdp.capture.source.RowName;
import dev.cdp.capture.source.SourceAccessException;
import dev.cdp.capture.source.TableDescription;
import dev.cdp.capture.source.TableDescription.ColumnDescription;
import dev.cdp.capture.source.ValueNotCarriedException;
import dev.cdp.core.CdpException;
import dev.cdp.core.ErrorCode;
import dev.cdp.core.SourcePosition;
import dev.cdp.core.TableName;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyOut;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Copies tables as they are at a slot's consistent point.
 *
 * <p>TRUNCATE and rewrites do not respect snapshots: a table that was rewritten after the snapshot reads as empty. So all
 * tables are locked against both first, and none may stand in another file than the one the snapshot knows.
 */
final class PostgresBaseReading implements BaseReading {
    private static final Logger log = LoggerFactory.getLogger(PostgresBaseReading.class);
    private static final int WORKERS = 2;
    private static final int TABLES_PER_LOCK = 200;
    private static final String TABLES = """
            SELECT c.oid::bigint::text, cdp.describe(c.oid)::text
            FROM pg_publication p JOIN pg_publication_rel r ON r.prpubid = p.oid JOIN pg_class c ON c.oid = r.prrelid
            JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE p.pubname = 'cdp' AND n.nspname <> 'cdp' AND cdp.can_protect(c.oid)
            ORDER BY c.relpages DESC, c.oid""";
    private static final String MOVED = """
            SELECT string_agg(c.oid::regclass::text, ', ') FROM pg_class c
            WHERE c.oid = ANY (?) AND c.relfilenode IS DISTINCT FROM pg_relation_filenode(c.oid)""";

    private static final NotCarried TOO_LARGE = new NotCarried(
            "the server cannot print a row of its size",
            "Split the row's values: none of the server's own tools can dump it");

    private final PostgresConnections connections;
    private final SourcePosition position;
    private final List<Connection> open = new ArrayList<>();
    private final List<TableDescription> tables;

    /** Takes the snapshot over: it is closed once everything here has imported it. */
    PostgresBaseReading(PostgresConnections connections, ExportedSnapshot snapshot, Set<String> nativeIds)
            throws SQLException {
        this.connections = connections;
        this.position = new SourcePosition.Postgres(snapshot.consistentPoint());
        try (snapshot) {
            for (int i = 0; i < WORKERS; i++) {
                Connection worker = connections.open();
                open.add(worker);
                snapshot.importInto(worker);
            }
            tables = describe(open.get(0), nativeIds);
            lock(tables);
        } catch (SQLException | RuntimeException e) {
            close();
            throw e;
        }
    }

    private static List<TableDescription> describe(Connection connection, Set<String> nativeIds) throws SQLException {
        List<TableDescription> found = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(TABLES)) {
            while (row.next()) {
                if (nativeIds.isEmpty() || nativeIds.contains(row.getString(1))) {
                    found.add(TableDescriptions.one(row.getString(2)));
                }
            }
        }
        return List.copyOf(found);
    }

    private void lock(List<TableDescription> wanted) throws SQLException {
        for (int from = 0; from < wanted.size(); from += TABLES_PER_LOCK) {
            List<TableDescription> some = wanted.subList(from, Math.min(wanted.size(), from + TABLES_PER_LOCK));
            String names =
                    some.stream().map(table -> "ONLY " + quoted(table.name())).collect(Collectors.joining(", "));
            for (Connection worker : open) {
                try (Statement statement = worker.createStatement()) {
                    statement.execute("LOCK TABLE " + names + " IN ACCESS SHARE MODE");
                }
            }
        }
        Long[] oids =
                wanted.stream().map(table -> Long.valueOf(table.nativeId())).toArray(Long[]::new);
        try (PreparedStatement statement = open.get(0).prepareStatement(MOVED)) {
            statement.setArray(1, open.get(0).createArrayOf("oid", oids));
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                String moved = row.getString(1);
                if (moved != null) {
                    throw new CdpException(
                            ErrorCode.BASE_FAILED,
                            "Tables were truncated or rewritten while their snapshot was taken: " + moved,
                            "Nothing: the base snapshot is taken again");
                }
            }
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

    @Override
    public List<TableCopy> copies() {
        return open.stream()
                .<TableCopy>map(connection -> (table, rows) -> read(connection, table, rows))
                .toList();
    }

    private void read(Connection connection, TableDescription table, Consumer<@Nullable Object[]> rows) {
        List<ColumnDescription> columns = table.writtenColumns();
        String names = columns.stream().map(column -> quoted(column.name())).collect(Collectors.joining(", "));
        String sql = "COPY (SELECT " + names + " FROM ONLY " + quoted(table.name()) + ") TO STDOUT";
        try {
            Savepoint before = connection.setSavepoint(); // a table that cannot be copied must not end the snapshot
            CopyOut copy = connection.unwrap(PGConnection.class).getCopyAPI().copyOut(sql);
            try {
                read(copy, table, rows);
            } catch (ValueNotCarriedException e) {
                readToTheEnd(copy);
                throw e;
            } catch (SQLException e) {
                if (isTooLarge(e)) {
                    connection.rollback(before);
                    throw new ValueNotCarriedException(table.name(), names, TOO_LARGE, "a row");
                }
                throw e;
            }
            connection.releaseSavepoint(before);
        } catch (SQLException e) {
            throw SourceAccessException.of(connections.address(), "copy table " + table.name(), e);
        }
    }

    /** Cancelling would be quicker, but may hit the statement that follows, and then the driver loses its place. */
    private static void readToTheEnd(CopyOut copy) throws SQLException {
        byte[] line;
        do {
            line = copy.readFromCopy();
        } while (line != null);
    }

    private static void read(CopyOut copy, TableDescription table, Consumer<@Nullable Object[]> rows)
            throws SQLException {
        List<ColumnDescription> columns = table.writtenColumns();
        CopyText text = new CopyText();
        @Nullable String[] printed = new String[columns.size()];
        for (byte[] line = copy.readFromCopy(); line != null; line = copy.readFromCopy()) {
            text.split(line, printed);
            @Nullable Object[] values = new Object[printed.length];
            for (int i = 0; i < printed.length; i++) {
                String value = printed[i];
                values[i] = value == null ? null : decode(table, i, value, printed);
            }
            rows.accept(values);
        }
    }

    private static Object decode(TableDescription table, int index, String value, @Nullable String[] row) {
        ColumnDescription column = table.writtenColumns().get(index);
        try {
            return PostgresValues.decode(column.carrier(), value);
        } catch (IllegalArgumentException e) { // says nothing: its message may hold the value
            List<String> names =
                    table.writtenColumns().stream().map(ColumnDescription::name).toList();
            String name = RowName.of(table.key(), each -> row[names.indexOf(each)]);
            throw new ValueNotCarriedException(table.name(), column.name(), NotCarried.UNKNOWN_FORM, name);
        }
    }

    /** The server prints no more than 1 GB of a row (program_limit_exceeded, or what its memory allocator says). */
    private static boolean isTooLarge(SQLException e) {
        return "54000".equals(e.getSQLState())
                || String.valueOf(e.getMessage()).contains("invalid memory alloc request size");
    }

    private static String quoted(TableName table) {
        return quoted(table.schema()) + "." + quoted(table.name());
    }

    private static String quoted(String identifier) {
        return "\"" + identifier.replace("\"", "\"\"") + "\"";
    }

    @Override
    public void close() {
        for (Connection connection : open) {
            try {
                connection.close();
            } catch (SQLException e) {
                log.debug("A copying connection did not close", e);
            }
        }
    }
}
