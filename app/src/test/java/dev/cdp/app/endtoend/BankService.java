package dev.cdp.app.endtoend;

import dev.cdp.testkit.services.TestDatabase;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * One service of a bank, with accounts, an outbox and an inbox in its own database. It keeps a journal of what it
 * committed, in commit order: each transaction also writes its number into the database, so that a restored database
 * says how much of the journal it must equal.
 */
final class BankService implements AutoCloseable {
    static final int ACCOUNTS = 20;
    static final long OPENING_BALANCE = 10_000;

    private final Connection connection;
    private final List<Step> journal = new ArrayList<>();
    private long lastStep;

    /** What one transaction did: money leaves an account as a message, or arrives with one. */
    record Step(Kind kind, int account, String message, long amount) {
        enum Kind {
            SENT,
            RECEIVED
        }
    }

    /** Everything in a service's database. */
    record Content(Map<Integer, Long> balances, Map<String, Long> outbox, Map<String, Long> inbox, long steps) {
        long money() {
            return balances.values().stream().mapToLong(Long::longValue).sum();
        }
    }

    BankService(TestDatabase database) throws SQLException {
        this.connection = database.connect();
        try (Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE account (id int PRIMARY KEY, balance bigint NOT NULL)");
            statement.execute("CREATE TABLE outbox (id varchar(40) PRIMARY KEY, amount bigint NOT NULL)");
            statement.execute("CREATE TABLE inbox (id varchar(40) PRIMARY KEY, amount bigint NOT NULL)");
            statement.execute("CREATE TABLE step (id int PRIMARY KEY, number bigint NOT NULL)");
            statement.execute("INSERT INTO step VALUES (1, 0)");
            for (int id = 1; id <= ACCOUNTS; id++) {
                statement.execute("INSERT INTO account VALUES (" + id + ", " + OPENING_BALANCE + ")");
            }
        }
        connection.setAutoCommit(false);
    }

    /** Takes money out of an account and into a message. */
    void send(int account, String message, long amount) throws SQLException {
        commit(new Step(Step.Kind.SENT, account, message, amount));
    }

    /** Takes the money of a message into an account. */
    void receive(int account, String message, long amount) throws SQLException {
        commit(new Step(Step.Kind.RECEIVED, account, message, amount));
    }

    private synchronized void commit(Step step) throws SQLException {
        boolean sent = step.kind() == Step.Kind.SENT;
        try (PreparedStatement message = connection.prepareStatement(
                        "INSERT INTO " + (sent ? "outbox" : "inbox") + " (id, amount) VALUES (?, ?)");
                PreparedStatement account =
                        connection.prepareStatement("UPDATE account SET balance = balance + ? WHERE id = ?");
                PreparedStatement number = connection.prepareStatement("UPDATE step SET number = ? WHERE id = 1")) {
            message.setString(1, step.message());
            message.setLong(2, step.amount());
            message.executeUpdate();
            account.setLong(1, sent ? -step.amount() : step.amount());
            account.setInt(2, step.account());
            account.executeUpdate();
            number.setLong(1, lastStep + 1);
            number.executeUpdate();
            connection.commit();
        }
        lastStep++;
        journal.add(step);
    }

    synchronized long steps() {
        return journal.size();
    }

    /** What the database must hold after the first {@code steps} transactions of the journal. */
    synchronized Content replay(long steps) {
        Map<Integer, Long> balances = new TreeMap<>();
        for (int id = 1; id <= ACCOUNTS; id++) {
            balances.put(id, OPENING_BALANCE);
        }
        Map<String, Long> outbox = new TreeMap<>();
        Map<String, Long> inbox = new TreeMap<>();
        for (Step step : journal.subList(0, (int) steps)) {
            boolean sent = step.kind() == Step.Kind.SENT;
            balances.merge(step.account(), sent ? -step.amount() : step.amount(), Long::sum);
            (sent ? outbox : inbox).put(step.message(), step.amount());
        }
        return new Content(balances, outbox, inbox, steps);
    }

    /** Reads any database of this shape. */
    static Content read(TestDatabase database) throws SQLException {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            Map<Integer, Long> balances = new TreeMap<>();
            try (ResultSet rows = statement.executeQuery("SELECT id, balance FROM account")) {
                while (rows.next()) {
                    balances.put(rows.getInt(1), rows.getLong(2));
                }
            }
            long steps;
            try (ResultSet rows = statement.executeQuery("SELECT number FROM step")) {
                rows.next();
                steps = rows.getLong(1);
            }
            return new Content(balances, messages(statement, "outbox"), messages(statement, "inbox"), steps);
        }
    }

    private static Map<String, Long> messages(Statement statement, String table) throws SQLException {
        Map<String, Long> messages = new TreeMap<>();
        try (ResultSet rows = statement.executeQuery("SELECT id, amount FROM " + table)) {
            while (rows.next()) {
                messages.put(rows.getString(1), rows.getLong(2));
            }
        }
        return messages;
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
