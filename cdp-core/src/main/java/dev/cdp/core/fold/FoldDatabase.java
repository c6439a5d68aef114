package dev.cdp.core.fold;

import dev.cdp.core.Carrier;
import dev.cdp.core.DataSize;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Properties;
import org.duckdb.DuckDBPreparedStatement;

/**
 * An empty DuckDB in this process that queries local Parquet files within a limit of memory; what does not fit goes to
 * a folder. Not safe for use by several threads; cheap enough to open one each.
 */
public final class FoldDatabase implements AutoCloseable {
    private final Connection connection;

    /**
     * What one database may use.
     *
     * @param spillDirectory created when missing; the files in it are gone when the database is closed
     */
    public record Limits(DataSize memory, int threads, Path spillDirectory) {
        public Limits {
            if (threads < 1) {
                throw new IllegalArgumentException("A database needs at least one thread, not " + threads);
            }
        }
    }

    private FoldDatabase(Connection connection) {
        this.connection = connection;
    }

    public static FoldDatabase open(Limits limits) {
        Properties settings = new Properties();
        settings.setProperty("jdbc_stream_results", "true");
        try {
            Files.createDirectories(limits.spillDirectory());
            FoldDatabase database = new FoldDatabase(DriverManager.getConnection("jdbc:duckdb:", settings));
            database.execute("SET memory_limit = '" + limits.memory().bytes() + "B'");
            database.execute("SET threads = " + limits.threads());
            database.execute("SET temp_directory = "
                    + Sql.text(limits.spillDirectory()
                            .toAbsolutePath()
                            .resolve("duckdb-" + ProcessHandle.current().pid() + "-" + System.nanoTime())
                            .toString()));
            database.execute("SET preserve_insertion_order = false");
            database.execute("SET TimeZone = 'UTC'");
            return database;
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot create " + limits.spillDirectory(), e);
        } catch (SQLException e) {
            throw new IllegalStateException("DuckDB does not start in this process: " + e.getMessage(), e);
        }
    }

    void execute(String sql) {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw failed(sql, e);
        }
    }

    /** Runs a query whose columns come as {@code carriers} says; the caller closes the cursor. */
    RowCursor query(String sql, List<Carrier> carriers) {
        PreparedStatement statement = null;
        try {
            statement = connection.prepareStatement(sql);
            return new RowCursor(
                    statement, statement.unwrap(DuckDBPreparedStatement.class).query(), carriers);
        } catch (SQLException e) {
            closeQuietly(statement, e);
            throw failed(sql, e);
        }
    }

    /** The only number of a query with one row and one column; NULL counts as {@code fallback}. */
    long number(String sql, long fallback) {
        try (RowCursor cursor = query(sql, List.of(Carrier.INT64))) {
            var row = cursor.next();
            Object value = row == null ? null : row.value(0);
            return value == null ? fallback : (Long) value;
        }
    }

    private static void closeQuietly(@org.jspecify.annotations.Nullable PreparedStatement statement, SQLException e) {
        try {
            if (statement != null) {
                statement.close();
            }
        } catch (SQLException suppressed) {
            e.addSuppressed(suppressed);
        }
    }

    /** DuckDB's messages may quote values; the statement holds none but keys that somebody asked for. */
    static IllegalStateException failed(String sql, SQLException e) {
        return new IllegalStateException("DuckDB refused a query: " + e.getMessage() + "\n" + sql, e);
    }

    @Override
    public void close() {
        try {
            connection.close();
        } catch (SQLException e) {
            throw new IllegalStateException("Cannot close DuckDB", e);
        }
    }
}
