package dev.cdp.capture.binlog.definition;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** The catalog of the database that a connection is in. */
final class Catalog {
    // ER_NO_SUCH_TABLE, ER_SP_DOES_NOT_EXIST, ER_WRONG_OBJECT, ER_TRG_DOES_NOT_EXIST, ER_EVENT_DOES_NOT_EXIST,
    // ER_NOT_SEQUENCE, ER_UNKNOWN_SEQUENCES
    private static final Set<Integer> GONE = Set.of(1146, 1305, 1347, 1360, 1539, 4089, 4091);

    private final Connection connection;
    private final String database;

    Catalog(Connection connection) throws SQLException {
        this.connection = connection;
        this.database = rows("SELECT DATABASE()", row -> String.valueOf(row.getString(1)))
                .get(0);
        if (database.equals("null")) {
            throw new SQLException("The connection is in no database; its URL must name one");
        }
    }

    /** Makes one value of a row; the row must not be moved. */
    @FunctionalInterface
    interface RowReader<T> {
        T read(ResultSet row) throws SQLException;
    }

    String database() {
        return database;
    }

    <T> List<T> rows(String sql, RowReader<T> reader) throws SQLException {
        List<T> result = new ArrayList<>();
        try (Statement statement = connection.createStatement()) {
            statement.setEscapeProcessing(false);
            try (ResultSet rows = statement.executeQuery(sql)) {
                while (rows.next()) {
                    result.add(reader.read(rows));
                }
            }
        }
        return result;
    }

    /** The rows, or none when the object that {@code sql} asks for has been dropped since its name was read. */
    <T> List<T> rowsUnlessGone(String sql, RowReader<T> reader) throws SQLException {
        try {
            return rows(sql, reader);
        } catch (SQLException refused) {
            if (GONE.contains(refused.getErrorCode())) {
                return List.of();
            }
            throw refused;
        }
    }

    List<String> texts(String sql) throws SQLException {
        return rows(sql, row -> row.getString(1));
    }

    void execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.setEscapeProcessing(false);
            statement.execute(sql);
        }
    }
}
