package dev.cdp.restore.target;

import dev.cdp.core.Carrier;
import dev.cdp.core.Column;
import dev.cdp.core.RowImage;
import dev.cdp.core.TableSchema;
import dev.cdp.restore.target.TargetDatabase.RowSource;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Types;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Rows on their way into tables of a MariaDB or MySQL database and back. A table comes in as several transactions of bounded
 * size: one alone would stand in the server's binary log as one event group and hold up all other commits behind it.
 */
final class MariaDbRows {
    private static final int ROWS_PER_BATCH = 1_000;
    private static final int BYTES_PER_BATCH = 1 << 20;
    private static final int ROWS_PER_FETCH = 1_000;

    private final Connection connection;

    MariaDbRows(Connection connection) {
        this.connection = connection;
    }

    void load(TableSchema table, RowSource rows) throws SQLException {
        // InnoDB's bulk insert into an empty table waits for ever when a value fills the redo log (seen on 11.4 with
        // both
        // of 16 MiB), and it is only used without these checks.
        run("SET unique_checks = " + (rows.hasLargeRows() ? 1 : 0));
        if (takesFiles()) {
            loadData(table, rows);
        } else {
            insert(table, rows);
        }
    }

    private void run(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /** LOAD DATA LOCAL spares the server the parsing of values, and is switched off on many servers. */
    private boolean takesFiles() throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT @@local_infile")) {
            row.next();
            return row.getBoolean(1);
        }
    }

    private void loadData(TableSchema table, RowSource rows) throws SQLException {
        // Where LOAD DATA computes any column, it numbers a zero of AUTO_INCREMENT anew unless that is computed too
        // (seen on 11.4). Which column counts is not known here, so all numbers go the same way.
        boolean computes = table.columns().stream().anyMatch(column -> column.carrier() == Carrier.BYTES);
        List<String> targets = new ArrayList<>();
        List<String> assignments = new ArrayList<>();
        for (int i = 0; i < table.columns().size(); i++) {
            Column column = table.columns().get(i);
            String name = MariaDbSessions.quoted(column.name());
            String given = "@c" + i;
            boolean isText =
                    column.carrier() == Carrier.TEXT && !column.sourceType().startsWith("bigint");
            if (!computes || isText) {
                targets.add(name);
            } else {
                targets.add(given);
                assignments.add(name + " = " + (column.carrier() == Carrier.BYTES ? "UNHEX(" + given + ")" : given));
            }
        }
        String sql = "LOAD DATA LOCAL INFILE 'rows' INTO TABLE " + quoted(table)
                + " CHARACTER SET utf8mb4 FIELDS TERMINATED BY '\\t' ESCAPED BY '\\\\' LINES TERMINATED BY '\\n' ("
                + String.join(", ", targets) + ")"
                + (assignments.isEmpty() ? "" : " SET " + String.join(", ", assignments));
        LoadDataStream stream = new LoadDataStream(table, rows);
        do {
            try (Statement statement = connection.createStatement()) {
                statement.unwrap(org.mariadb.jdbc.Statement.class).setLocalInfileInputStream(stream);
                statement.execute(sql);
            }
        } while (stream.goOn());
    }

    private void insert(TableSchema table, RowSource rows) throws SQLException {
        String names = table.columns().stream()
                .map(column -> MariaDbSessions.quoted(column.name()))
                .collect(Collectors.joining(", "));
        String places = String.join(", ", Collections.nCopies(table.columns().size(), "?"));
        String sql = "INSERT INTO " + quoted(table) + " (" + names + ") VALUES (" + places + ")";
        connection.setAutoCommit(false);
        try (PreparedStatement insert = connection.prepareStatement(sql)) {
            int rowCount = 0;
            long byteCount = 0;
            for (RowImage row = rows.next(); row != null; row = rows.next()) {
                byteCount += bind(insert, table, row);
                insert.addBatch();
                if (++rowCount == ROWS_PER_BATCH || byteCount >= BYTES_PER_BATCH) {
                    insert.executeBatch();
                    connection.commit();
                    rowCount = 0;
                    byteCount = 0;
                }
            }
            insert.executeBatch();
            connection.commit();
        } finally {
            connection.setAutoCommit(true);
        }
    }

    /** @return about how many bytes the row has */
    static long bind(PreparedStatement insert, TableSchema table, RowImage row) throws SQLException {
        if (row.hasUnchanged()) {
            throw new IllegalStateException("A folded row holds a value that was not resolved");
        }
        long byteCount = 0;
        for (int i = 0; i < row.size(); i++) {
            Object value = row.value(i);
            if (value == null) {
                insert.setNull(i + 1, Types.VARCHAR);
                continue;
            }
            switch (table.columns().get(i).carrier()) {
                case BOOLEAN -> insert.setBoolean(i + 1, (Boolean) value);
                case INT64 -> insert.setLong(i + 1, (Long) value);
                case FLOAT32 -> insert.setDouble(i + 1, (Float) value);
                case FLOAT64 -> insert.setDouble(i + 1, (Double) value);
                case BYTES -> {
                    insert.setBytes(i + 1, (byte[]) value);
                    byteCount += ((byte[]) value).length;
                }
                case TEXT -> {
                    insert.setString(i + 1, (String) value);
                    byteCount += ((String) value).getBytes(StandardCharsets.UTF_8).length;
                }
            }
            byteCount += Long.BYTES;
        }
        return byteCount;
    }

    void read(TableSchema table, Consumer<RowImage> reader) throws SQLException {
        List<Column> columns = table.columns();
        String sql = "SELECT " + columns.stream().map(MariaDbRows::readable).collect(Collectors.joining(", "))
                + " FROM " + quoted(table);
        try (Statement statement = connection.createStatement()) {
            statement.setFetchSize(ROWS_PER_FETCH); // streams: the driver holds no more rows than that
            try (ResultSet result = statement.executeQuery(sql)) {
                while (result.next()) {
                    @Nullable Object[] values = new Object[columns.size()];
                    for (int i = 0; i < values.length; i++) {
                        values[i] = value(columns.get(i).carrier(), result, i + 1);
                    }
                    reader.accept(RowImage.of(values));
                }
            }
        }
    }

    /**
     * As the values in the archive were printed: FLOAT prints six digits only, so it is read as DOUBLE; numbers lose the
     * zeros that ZEROFILL prints before them; the driver must not make Java's dates of dates that no calendar has.
     */
    static String readable(Column column) {
        String name = MariaDbSessions.quoted(column.name());
        String type = column.sourceType().toLowerCase(Locale.ROOT);
        return switch (column.carrier()) {
            case BOOLEAN, INT64, FLOAT64, BYTES -> name;
            case FLOAT32 -> "CAST(" + name + " AS DOUBLE)";
            case TEXT ->
                switch (type.split("\\W", 2)[0]) {
                    case "bigint" -> "CAST(" + name + " AS UNSIGNED)";
                    case "decimal" ->
                        type.contains("zerofill") ? "CAST(" + name + " AS " + withoutFlags(type) + ")" : name;
                    case "date", "time", "datetime", "timestamp", "year", "uuid", "inet6", "inet4" ->
                        "CAST(" + name + " AS CHAR)";
                    default -> name;
                };
        };
    }

    private static String withoutFlags(String type) {
        return type.substring(0, type.indexOf(')') + 1);
    }

    static @Nullable Object value(Carrier carrier, ResultSet result, int index) throws SQLException {
        Object value =
                switch (carrier) {
                    case BOOLEAN -> result.getBoolean(index);
                    case INT64 -> result.getLong(index);
                    case FLOAT32 -> (float) result.getDouble(index);
                    case FLOAT64 -> result.getDouble(index);
                    case BYTES -> result.getBytes(index);
                    case TEXT -> result.getString(index);
                };
        return result.wasNull() ? null : value;
    }

    private static String quoted(TableSchema table) {
        return MariaDbSessions.quoted(table.name().name());
    }
}
