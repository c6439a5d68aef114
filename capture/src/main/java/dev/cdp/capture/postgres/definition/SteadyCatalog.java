package dev.cdp.capture.postgres.definition;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Set;

/*
 * A snapshot is not enough to read a catalog that others change: the functions that print definitions look at what is
 * committed now, and fail for an object that the snapshot still has and that has been dropped since. Tables are
 * therefore locked in the mode of a plain SELECT before the snapshot is taken, as pg_dump does it.
 *
 * Unlike pg_dump we run unasked beside the application, whose statements must never fail because of us. Waiting for a
 * lock while holding others could be one half of a deadlock, and the server may resolve that at the application's
 * expense after deadlock_timeout (1 s). So we give up much sooner, let everything go, and try again.
 */
/** Reads a catalog in a transaction of its own, over again when it changed too much in the meantime. */
final class SteadyCatalog {
    private static final int ATTEMPTS = 30;
    private static final int ATTEMPTS_WITH_LOCKS = 25;
    private static final String PAUSE = "SELECT pg_sleep(0.1)";
    private static final String LOCK_TIMEOUT = "SET LOCAL lock_timeout = '200ms'";

    /** An object vanished, a lock was not to be had, or there were too many of them. */
    private static final Set<String> WORTH_ANOTHER_ATTEMPT =
            Set.of("XX000", "42P01", "42704", "42883", "42703", "3F000", "55P03", "40P01", "53200");

    private final Connection connection;

    SteadyCatalog(Connection connection) {
        this.connection = connection;
    }

    /** What is read over the connection while nothing else uses it. */
    @FunctionalInterface
    interface Reading<T> {
        T read(Connection connection) throws SQLException;
    }

    <T> T read(Reading<T> reading) throws SQLException {
        for (int attempt = 1; ; attempt++) {
            try {
                String locks = attempt <= ATTEMPTS_WITH_LOCKS ? lockStatement() : "";
                return readInTransaction(locks, reading);
            } catch (SQLException overtaken) {
                if (attempt == ATTEMPTS || !WORTH_ANOTHER_ATTEMPT.contains(overtaken.getSQLState())) {
                    throw overtaken;
                }
            }
            execute(PAUSE);
        }
    }

    private String lockStatement() throws SQLException {
        String sql = """
                SELECT string_agg(format('ONLY %%I.%%I', n.nspname, c.relname), ', ')
                FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                WHERE c.relkind IN ('r', 'p') AND has_table_privilege(c.oid, 'SELECT') AND %s
                """.formatted(Catalog.covered("pg_class", "c.oid", "c.relnamespace"));
        String tables = new Catalog(connection)
                .rows(sql, row -> String.valueOf(row.getString(1)))
                .get(0);
        return tables.equals("null") ? "" : "LOCK TABLE " + tables + " IN ACCESS SHARE MODE";
    }

    private <T> T readInTransaction(String locks, Reading<T> reading) throws SQLException {
        connection.setAutoCommit(false);
        try {
            execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY");
            execute(LOCK_TIMEOUT);
            if (!locks.isEmpty()) {
                execute(locks);
            }
            return reading.read(connection);
        } finally {
            connection.rollback();
            connection.setAutoCommit(true);
        }
    }

    private void execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
