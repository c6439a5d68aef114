package dev.cdp.restore.target;

import dev.cdp.core.definition.DefinitionStatement;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Statements of a definition that share one transaction with the journal's word of them: either all have been run and
 * the journal says so, or none has. Cheap ones share it, so that large definitions do not write the journal thousands of
 * times; a long one ends it.
 */
final class PostgresBatch {
    private static final int STATEMENTS = 50; // so many hold few enough locks for the usual max_locks_per_transaction
    private static final long NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Connection connection;

    PostgresBatch(Connection connection) {
        this.connection = connection;
    }

    /** Writes down that statements before this one have been run. */
    @FunctionalInterface
    interface Keeper {
        void keep(Statement statement, int runTo) throws SQLException;
    }

    /** @return up to which statement all have been run */
    int run(List<DefinitionStatement> all, int from, Keeper journal) throws SQLException {
        long begin = System.nanoTime();
        int next = from;
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement()) {
            statement.setEscapeProcessing(false);
            do {
                make(statement, all.get(next));
                next++;
            } while (next < all.size() && next - from < STATEMENTS && System.nanoTime() - begin < NANOS);
            journal.keep(statement, next);
            connection.commit();
            return next;
        } finally {
            PostgresSessions.endTransaction(connection);
        }
    }

    private static void make(Statement statement, DefinitionStatement each) {
        try {
            statement.execute(each.sql());
        } catch (SQLException e) {
            String what = "make " + each.kind() + " " + each.object();
            throw each.kind().equals("EXTENSION")
                    ? TargetException.refused(
                            what, e, "Install the extension's package on the server. " + TargetException.AGAIN)
                    : TargetException.refused(what, e);
        }
    }
}
