package dev.cdp.app.demo;

import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * What must hold across the three services at every consistent moment. The databases are read one after the other,
 * effects before causes, so that on a trading shop only messages in flight differ and no false alarm is raised.
 */
record Invariants(List<Line> lines) {

    /** One of them, in words, with what was counted. */
    record Line(Verdict verdict, String text) {}

    /** Whether it holds. */
    enum Verdict {
        HOLDS,
        BROKEN
    }

    Invariants {
        lines = List.copyOf(lines);
    }

    boolean hold() {
        return lines.stream().allMatch(line -> line.verdict() == Verdict.HOLDS);
    }

    static Invariants of(ShopDatabases shop) throws SQLException {
        Stock stock;
        Billing billing;
        Orders orders;
        try (Connection connection = shop.stock().connect()) {
            stock = Stock.read(connection);
        }
        try (Connection connection = shop.billing().connect()) {
            billing = Billing.read(connection);
        }
        try (Connection connection = shop.orders().connect()) {
            orders = Orders.read(connection);
        }
        return new Invariants(List.of(
                money(orders, billing),
                goods(orders, stock),
                pieces(stock),
                links(orders, billing, stock),
                causes(orders, billing, stock)));
    }

    /** Payments whose order is not there. */
    static long paymentsWithoutOrder(ShopDatabases.Database orders, ShopDatabases.Database billing)
            throws SQLException {
        Set<Long> paid;
        try (Connection connection = billing.connect()) {
            paid = Billing.read(connection).payments();
        }
        try (Connection connection = orders.connect()) {
            paid.removeAll(Orders.read(connection).orderIds());
        }
        return paid.size();
    }

    private static Line money(Orders orders, Billing billing) {
        BigDecimal inFlight = BigDecimal.ZERO;
        int messages = 0;
        for (Message message : orders.outbox().values()) {
            if (!billing.inbox().contains(message.id())) {
                inFlight = inFlight.add(message.amount());
                messages++;
            }
        }
        BigDecimal difference = orders.amount().subtract(billing.amount()).subtract(inFlight);
        return line(
                difference.signum() == 0,
                "money: orders %,.2f = billing %,.2f + in flight %,.2f (%,d messages); difference %,.2f",
                orders.amount(),
                billing.amount(),
                inFlight,
                messages,
                difference);
    }

    private static Line goods(Orders orders, Stock stock) {
        long inFlight = 0;
        int messages = 0;
        for (Message message : orders.outbox().values()) {
            if (!stock.inbox().contains(message.id())) {
                inFlight += message.pieces();
                messages++;
            }
        }
        return line(
                orders.pieces() == stock.reserved() + inFlight,
                "goods: ordered %,d = reserved %,d + in flight %,d (%,d messages)",
                orders.pieces(),
                stock.reserved(),
                inFlight,
                messages);
    }

    private static Line pieces(Stock stock) {
        return line(
                stock.wrongProducts() == 0,
                "stock: on hand + reserved = %,d for every product; products that differ: %,d",
                ShopSchema.STOCK_PER_PRODUCT,
                stock.wrongProducts());
    }

    private static Line links(Orders orders, Billing billing, Stock stock) {
        long broken = billing.payments().stream()
                        .filter(id -> !orders.orderIds().contains(id))
                        .count()
                + stock.reservations().stream()
                        .filter(id -> !orders.orderIds().contains(id))
                        .count();
        return line(
                broken == 0,
                "links: %,d payments and %,d reserved orders checked; broken %,d",
                billing.payments().size(),
                stock.reservations().size(),
                broken);
    }

    private static Line causes(Orders orders, Billing billing, Stock stock) {
        Set<Long> received = new HashSet<>(billing.inbox());
        received.addAll(stock.inbox());
        long unknown =
                received.stream().filter(id -> !orders.outbox().containsKey(id)).count();
        return line(unknown == 0, "causes: %,d messages received; never sent %,d", received.size(), unknown);
    }

    private static Line line(boolean holds, String format, Object... values) {
        return new Line(holds ? Verdict.HOLDS : Verdict.BROKEN, String.format(Locale.ROOT, format, values));
    }

    private record Message(long id, BigDecimal amount, long pieces) {}

    private record Orders(Set<Long> orderIds, BigDecimal amount, long pieces, Map<Long, Message> outbox) {
        static Orders read(Connection connection) throws SQLException {
            connection.setAutoCommit(false);
            connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
            Map<Long, Message> outbox = new HashMap<>();
            for (List<String> row : rows(connection, "SELECT id, amount, lines FROM outbox")) {
                long id = Long.parseLong(row.get(0));
                long pieces = Order.parseLines(row.get(2)).stream()
                        .mapToLong(Order.Item::quantity)
                        .sum();
                outbox.put(id, new Message(id, new BigDecimal(row.get(1)), pieces));
            }
            return new Orders(
                    ids(connection, "SELECT id FROM orders"),
                    new BigDecimal(value(connection, "SELECT coalesce(sum(amount), 0) FROM orders")),
                    Long.parseLong(value(connection, "SELECT coalesce(sum(quantity), 0) FROM order_item")),
                    outbox);
        }
    }

    private record Billing(Set<Long> payments, BigDecimal amount, Set<Long> inbox) {
        static Billing read(Connection connection) throws SQLException {
            connection.setAutoCommit(false);
            connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
            return new Billing(
                    ids(connection, "SELECT order_id FROM payment"),
                    new BigDecimal(value(connection, "SELECT coalesce(sum(amount), 0) FROM payment")),
                    ids(connection, "SELECT message_id FROM inbox"));
        }
    }

    private record Stock(Set<Long> reservations, long reserved, long wrongProducts, Set<Long> inbox) {
        static Stock read(Connection connection) throws SQLException {
            connection.setAutoCommit(false);
            connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
            String wrong = "SELECT count(*) FROM product p WHERE on_hand + reserved <> " + ShopSchema.STOCK_PER_PRODUCT
                    + " OR reserved <> (SELECT coalesce(sum(quantity), 0) FROM reservation WHERE product_id = p.id)";
            return new Stock(
                    ids(connection, "SELECT DISTINCT order_id FROM reservation"),
                    Long.parseLong(value(connection, "SELECT coalesce(sum(reserved), 0) FROM product")),
                    Long.parseLong(value(connection, wrong)),
                    ids(connection, "SELECT message_id FROM inbox"));
        }
    }

    private static Set<Long> ids(Connection connection, String sql) throws SQLException {
        Set<Long> ids = new HashSet<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            while (rows.next()) {
                ids.add(rows.getLong(1));
            }
        }
        return ids;
    }

    private static String value(Connection connection, String sql) throws SQLException {
        return rows(connection, sql).get(0).get(0);
    }

    private static List<List<String>> rows(Connection connection, String sql) throws SQLException {
        List<List<String>> all = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            int columns = rows.getMetaData().getColumnCount();
            while (rows.next()) {
                List<String> row = new ArrayList<>(columns);
                for (int i = 1; i <= columns; i++) {
                    row.add(rows.getString(i));
                }
                all.add(row);
            }
        }
        return all;
    }
}
