package dev.cdp.app.endtoend;

import dev.cdp.app.endtoend.Bank.Message;
import dev.cdp.testkit.services.TestDatabase;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One service of a bank, with accounts, an outbox and an inbox in its own database. It keeps a journal of what it
 * committed, in commit order: each transaction also writes its number into the database, so that a restored database
 * says how much of the journal it must equal.
 *
 * <p>An inbox has one column for each other service, with the id of the message that came from there: a link then says
 * whose outbox a message stands in.
 */
final class BankService implements AutoCloseable {
    private static final int ACCOUNTS = 20;
    private static final long OPENING_BALANCE = 10_000;
    /** The row of accounts that counts the service's transactions. */
    private static final int STEPS = 0;

    private final String name;
    private final Connection connection;
    private final List<Step> journal = new ArrayList<>();

    /** What one transaction did: a message came, a message was written, or both; and an account changed with it. */
    private record Step(
            int account,
            long change,
            @Nullable Message received,
            @Nullable Message sent) {}

    /** A message in an outbox or an inbox: with whom, and the money in it. */
    record Note(String peer, long amount) {}

    /** Everything in a service's database. */
    record Content(Map<Integer, Long> balances, Map<String, Note> outbox, Map<String, Note> inbox, long steps) {
        long money() {
            return balances.values().stream().mapToLong(Long::longValue).sum();
        }
    }

    /** Gives the rows of a table, each as values by column. */
    interface Rows {
        List<Map<String, @Nullable Object>> of(String table) throws SQLException;
    }

    /** @param peers the other services */
    BankService(String name, TestDatabase database, List<String> peers) throws SQLException {
        this.name = name;
        this.connection = database.connect();
        String columns = peers.stream()
                .map(peer -> ", " + inboxColumn(peer) + " varchar(40)")
                .collect(Collectors.joining());
        try (Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE account (id int PRIMARY KEY, balance bigint NOT NULL)");
            statement.execute(
                    "CREATE TABLE outbox (id varchar(40) PRIMARY KEY, receiver varchar(20) NOT NULL, amount bigint NOT NULL)");
            statement.execute("CREATE TABLE inbox (id varchar(40) PRIMARY KEY, amount bigint NOT NULL" + columns + ")");
            statement.execute("INSERT INTO account VALUES (" + STEPS + ", 0)");
            for (int id = 1; id <= ACCOUNTS; id++) {
                statement.execute("INSERT INTO account VALUES (" + id + ", " + OPENING_BALANCE + ")");
            }
        }
        connection.setAutoCommit(false);
    }

    static String inboxColumn(String peer) {
        return "from_" + peer;
    }

    /** All the money that a service starts with. */
    static long openingMoney() {
        return ACCOUNTS * OPENING_BALANCE;
    }

    String name() {
        return name;
    }

    /** Takes money out of an account and into a message. */
    void send(Message message) throws SQLException {
        commit(new Step(account(message), -message.amount(), null, message));
    }

    /** Takes the money of a message into an account, and that of the answer out of it. */
    void receive(Message message, @Nullable Message answer) throws SQLException {
        long paid = answer == null ? 0 : answer.amount();
        commit(new Step(account(message), message.amount() - paid, message, answer));
    }

    /** The same one for all messages of a deal. */
    private static int account(Message message) {
        String deal = message.id().substring(0, message.id().indexOf('/'));
        return 1 + Math.floorMod(deal.hashCode(), ACCOUNTS);
    }

    private synchronized void commit(Step step) throws SQLException {
        try (PreparedStatement account =
                connection.prepareStatement("UPDATE account SET balance = balance + ? WHERE id = ?")) {
            if (step.received() != null) {
                write(
                        "INSERT INTO inbox (id, " + inboxColumn(step.received().sender())
                                + ", amount) VALUES (?, ?, ?)",
                        step.received(),
                        step.received().id());
            }
            if (step.sent() != null) {
                write(
                        "INSERT INTO outbox (id, receiver, amount) VALUES (?, ?, ?)",
                        step.sent(),
                        step.sent().receiver());
            }
            account.setLong(1, step.change());
            account.setInt(2, step.account());
            account.executeUpdate();
            account.setLong(1, 1);
            account.setInt(2, STEPS);
            account.executeUpdate();
            connection.commit();
        }
        journal.add(step);
    }

    private void write(String sql, Message message, String peer) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement(sql)) {
            insert.setString(1, message.id());
            insert.setString(2, peer);
            insert.setLong(3, message.amount());
            insert.executeUpdate();
        }
    }

    synchronized long steps() {
        return journal.size();
    }

    /** What the database must hold after the first {@code steps} transactions of the journal. */
    synchronized Content replay(long steps) {
        Map<Integer, Long> balances = new HashMap<>();
        for (int id = 1; id <= ACCOUNTS; id++) {
            balances.put(id, OPENING_BALANCE);
        }
        Map<String, Note> outbox = new HashMap<>();
        Map<String, Note> inbox = new HashMap<>();
        for (Step step : journal.subList(0, (int) steps)) {
            balances.merge(step.account(), step.change(), Long::sum);
            Message received = step.received();
            if (received != null) {
                inbox.put(received.id(), new Note(received.sender(), received.amount()));
            }
            Message sent = step.sent();
            if (sent != null) {
                outbox.put(sent.id(), new Note(sent.receiver(), sent.amount()));
            }
        }
        return new Content(balances, outbox, inbox, steps);
    }

    /** Makes sense of rows from anywhere. */
    static Content content(Rows rows) throws SQLException {
        Map<Integer, Long> balances = new HashMap<>();
        for (Map<String, @Nullable Object> row : rows.of("account")) {
            balances.put((int) number(row, "id"), number(row, "balance"));
        }
        Map<String, Note> outbox = new HashMap<>();
        for (Map<String, @Nullable Object> row : rows.of("outbox")) {
            outbox.put(text(row, "id"), new Note(text(row, "receiver"), number(row, "amount")));
        }
        Map<String, Note> inbox = new HashMap<>();
        for (Map<String, @Nullable Object> row : rows.of("inbox")) {
            inbox.put(text(row, "id"), new Note(sender(row), number(row, "amount")));
        }
        Long steps = balances.remove(STEPS);
        return new Content(balances, outbox, inbox, steps == null ? 0 : steps);
    }

    /** Told by the only column with the id, which makes every value of the row part of the comparison. */
    private static String sender(Map<String, @Nullable Object> row) {
        return row.entrySet().stream()
                .filter(column -> column.getKey().startsWith("from_") && column.getValue() != null)
                .map(column -> text(row, "id").equals(column.getValue())
                        ? column.getKey().substring("from_".length())
                        : column.toString())
                .collect(Collectors.joining("+"));
    }

    private static long number(Map<String, @Nullable Object> row, String column) {
        return ((Number) java.util.Objects.requireNonNull(row.get(column))).longValue();
    }

    private static String text(Map<String, @Nullable Object> row, String column) {
        return (String) java.util.Objects.requireNonNull(row.get(column));
    }

    /** Reads any database of this shape. */
    static Content read(TestDatabase database) throws SQLException {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            return content(table -> rows(statement, table));
        }
    }

    private static List<Map<String, @Nullable Object>> rows(Statement statement, String table) throws SQLException {
        List<Map<String, @Nullable Object>> rows = new ArrayList<>();
        try (ResultSet result = statement.executeQuery("SELECT * FROM " + table)) {
            while (result.next()) {
                Map<String, @Nullable Object> row = new HashMap<>();
                for (int i = 1; i <= result.getMetaData().getColumnCount(); i++) {
                    row.put(result.getMetaData().getColumnName(i), result.getObject(i));
                }
                rows.add(row);
            }
        }
        return rows;
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
