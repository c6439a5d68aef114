package dev.cdp.capture;

import dev.cdp.core.Engine;
import dev.cdp.testkit.services.TestDatabase;
import java.io.IOException;
import java.io.StringReader;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.postgresql.PGConnection;

/** A session that notes, for each transaction it commits, the changes it made, in their order. */
final class TracedWriter implements AutoCloseable {
    private final Engine engine;
    private final Connection connection;
    private final Statement statement;
    private final Map<String, List<String>> journal;
    private List<String> changes = new ArrayList<>();
    private int changesAtSavepoint;

    TracedWriter(Engine engine, TestDatabase database, Map<String, List<String>> journal) throws SQLException {
        this.engine = engine;
        this.journal = journal;
        connection = database.connect();
        connection.setAutoCommit(false);
        statement = connection.createStatement();
    }

    /** @param made as {@link RecordedTransactions} prints changes */
    void run(String sql, List<String> made) throws SQLException {
        statement.execute(sql);
        changes.addAll(made);
    }

    void run(String sql, String... made) throws SQLException {
        run(sql, List.of(made));
    }

    void copyIn(String sql, String lines, List<String> made) throws SQLException {
        try {
            connection.unwrap(PGConnection.class).getCopyAPI().copyIn(sql, new StringReader(lines));
        } catch (IOException e) {
            throw new SQLException(e);
        }
        changes.addAll(made);
    }

    void savepoint() throws SQLException {
        statement.execute("SAVEPOINT here");
        changesAtSavepoint = changes.size();
    }

    void rollbackToSavepoint() throws SQLException {
        statement.execute("ROLLBACK TO SAVEPOINT here");
        changes = new ArrayList<>(changes.subList(0, changesAtSavepoint));
    }

    void rollback() throws SQLException {
        connection.rollback();
        changes = new ArrayList<>();
    }

    /** @return the transaction's id as the database prints it */
    String commit() throws SQLException {
        String id = engine == Engine.POSTGRESQL ? value("SELECT pg_current_xact_id()") : "";
        connection.commit();
        if (engine != Engine.POSTGRESQL) {
            id = value("SELECT @@last_gtid");
        }
        journal.put(id, changes);
        changes = new ArrayList<>();
        return id;
    }

    private String value(String query) throws SQLException {
        try (ResultSet row = statement.executeQuery(query)) {
            row.next();
            return row.getString(1);
        }
    }

    @Override
    public void close() throws SQLException {
        connection.rollback();
        connection.close();
    }
}
