package dev.cdp.core.fold;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.sql.SQLException;
import org.duckdb.DuckDBChunkedResult;

/**
 * Tells the end of a query's rows from a failure in the middle of them. DuckDB's driver says "no more" to both
 * ({@code DuckDBChunkedResult.nextChunk} of 2.0.0.1), so rows would be missing without a word. It knows the difference,
 * and keeps it to its own package: a version that hides it elsewhere ends every query here.
 */
final class EndOfRows {
    private static final Method CHECK = check();

    private EndOfRows() {}

    private static Method check() {
        try {
            Method check = DuckDBChunkedResult.class.getDeclaredMethod("checkError");
            check.setAccessible(true);
            return check;
        } catch (NoSuchMethodException e) {
            throw new IllegalStateException("This version of DuckDB's driver does not say whether a query failed", e);
        }
    }

    /** @throws SQLException what the query failed with, although it had given rows before */
    static void requireReached(DuckDBChunkedResult result) throws SQLException {
        try {
            CHECK.invoke(result);
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof SQLException failure) {
                throw failure;
            }
            throw new IllegalStateException("Cannot tell whether a query of DuckDB failed", e.getCause());
        } catch (IllegalAccessException e) {
            throw new IllegalStateException("Cannot tell whether a query of DuckDB failed", e);
        }
    }
}
