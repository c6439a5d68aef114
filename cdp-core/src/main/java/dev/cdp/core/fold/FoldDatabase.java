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
    /** As read, decompressed, printed and copied, twice each; more than was ever seen in use. */
    private static final int COPIES_OF_A_VALUE = 12;

    private final Connection connection;
    private final Limits limits;
    private final FileFacts files = new FileFacts(this);

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

    private FoldDatabase(Connection connection, Limits limits) {
        this.connection = connection;
        this.limits = limits;
    }

    public static FoldDatabase open(Limits limits) {
        Properties settings = new Properties();
        settings.setProperty("jdbc_stream_results", "true");
        try {
            Files.createDirectories(limits.spillDirectory());
            FoldDatabase database = new FoldDatabase(DriverManager.getConnection("jdbc:duckdb:", settings), limits);
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

    /**
     * From here on rows of up to that size pass one by one: on one thread, and never kept to be matched or sorted, since
     * what does not fit into memory goes to disk in parts that each hold whole values.
     */
    void expectRowsOf(long bytes) {
        long needed = COPIES_OF_A_VALUE * bytes;
        execute("SET threads = 1");
        execute("SET memory_limit = '" + Math.max(limits.memory().bytes(), needed) + "B'");
        execute("SET disabled_optimizers = 'build_side_probe_side,join_order'");
    }

    /** What is known of the files that were folded here. */
    FileFacts files() {
        return files;
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

    /** DuckDB's messages may quote values; the statement never holds any. */
    static RuntimeException failed(String sql, SQLException e) {
        if (FoldMemoryException.isMeant(e)) {
            return new FoldMemoryException(e);
        }
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
