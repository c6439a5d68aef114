package dev.cdp.app.demo;

import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Trades across the three databases, each step a transaction of one of them: customers place orders with a message in
 * the outbox, two relays carry messages to billing and stock, which take each in once, and a clerk ships orders.
 */
final class Shop implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Shop.class);
    /** A relay looks back this far for messages whose transactions committed late. */
    private static final int LOOK_BACK = 500;

    private static final int RELAY_BATCH = 200;

    private final ShopDatabases databases;
    private final int ordersPerSecond;
    private final List<Thread> threads = new ArrayList<>();
    private final AtomicLong placed = new AtomicLong();
    private volatile boolean stopping;
    private volatile @Nullable Exception failure;

    private Shop(ShopDatabases databases, int ordersPerSecond) {
        this.databases = databases;
        this.ordersPerSecond = ordersPerSecond;
    }

    static Shop open(ShopDatabases databases, int ordersPerSecond) {
        Shop shop = new Shop(databases, ordersPerSecond);
        shop.start("shop-customers", shop::placeOrders);
        shop.start("shop-clerk", shop::shipOrders);
        shop.start("shop-relay-billing", shop::relayToBilling);
        shop.start("shop-relay-stock", shop::relayToStock);
        return shop;
    }

    /** How many orders were placed since it opened. */
    long placed() {
        return placed.get();
    }

    /** Stops trading; messages on their way stay in the outbox. */
    @Override
    public void close() {
        stopping = true;
        for (Thread thread : threads) {
            try {
                thread.join(10_000);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        if (failure != null) {
            throw new IllegalStateException("The shop failed", failure);
        }
    }

    private interface Work {
        void run() throws SQLException, InterruptedException;
    }

    private void start(String name, Work work) {
        Thread thread = new Thread(
                () -> {
                    try {
                        work.run();
                    } catch (SQLException | RuntimeException e) {
                        failure = e;
                        log.error("{} stopped", name, e);
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                },
                name);
        thread.setDaemon(true);
        threads.add(thread);
        thread.start();
    }

    private void placeOrders() throws SQLException, InterruptedException {
        Random random = new Random(7);
        long start = System.nanoTime();
        try (Connection orders = databases.orders().connect();
                PreparedStatement order =
                        orders.prepareStatement("INSERT INTO orders (customer_id, amount) VALUES (?, ?) RETURNING id");
                PreparedStatement item = orders.prepareStatement("INSERT INTO order_item VALUES (?, ?, ?, ?, ?)");
                PreparedStatement outbox =
                        orders.prepareStatement("INSERT INTO outbox (order_id, amount, lines) VALUES (?, ?, ?)")) {
            orders.setAutoCommit(false);
            while (!stopping) {
                Order next = Order.random(random);
                order.setInt(1, next.customer());
                order.setBigDecimal(2, next.amount());
                long id = firstLong(order);
                ShopSchema.addItems(item, id, next);
                item.executeBatch();
                outbox.setLong(1, id);
                outbox.setBigDecimal(2, next.amount());
                outbox.setString(3, next.lines());
                outbox.executeUpdate();
                orders.commit();
                long due = start + placed.incrementAndGet() * 1_000_000_000L / ordersPerSecond;
                pauseUntil(due);
            }
        }
    }

    private void shipOrders() throws SQLException, InterruptedException {
        try (Connection orders = databases.orders().connect();
                Statement statement = orders.createStatement()) {
            while (!stopping) {
                statement.executeUpdate("UPDATE orders SET status = 'shipped' WHERE id IN"
                        + " (SELECT id FROM orders WHERE status = 'placed' ORDER BY id LIMIT 10)");
                Thread.sleep(200);
            }
        }
    }

    private void relayToBilling() throws SQLException, InterruptedException {
        try (Connection billing = databases.billing().connect();
                PreparedStatement inbox = billing.prepareStatement("INSERT INTO inbox (message_id) VALUES (?)");
                PreparedStatement payment =
                        billing.prepareStatement("INSERT INTO payment (order_id, amount) VALUES (?, ?)")) {
            relay(billing, message -> {
                inbox.setLong(1, message.id());
                inbox.executeUpdate();
                payment.setLong(1, message.orderId());
                payment.setBigDecimal(2, message.amount());
                payment.executeUpdate();
            });
        }
    }

    private void relayToStock() throws SQLException, InterruptedException {
        try (Connection stock = databases.stock().connect();
                PreparedStatement inbox = stock.prepareStatement("INSERT INTO inbox (message_id) VALUES (?)");
                PreparedStatement reservation = stock.prepareStatement(
                        "INSERT INTO reservation (order_id, product_id, quantity) VALUES (?, ?, ?)");
                PreparedStatement product = stock.prepareStatement(
                        "UPDATE product SET on_hand = on_hand - ?, reserved = reserved + ? WHERE id = ?")) {
            relay(stock, message -> {
                inbox.setLong(1, message.id());
                inbox.executeUpdate();
                for (Order.Item item : Order.parseLines(message.lines())) {
                    reservation.setLong(1, message.orderId());
                    reservation.setInt(2, item.product());
                    reservation.setInt(3, item.quantity());
                    reservation.executeUpdate();
                    product.setInt(1, item.quantity());
                    product.setInt(2, item.quantity());
                    product.setInt(3, item.product());
                    product.executeUpdate();
                }
            });
        }
    }

    private record Message(long id, long orderId, BigDecimal amount, String lines) {}

    private interface Receiver {
        void take(Message message) throws SQLException;
    }

    /** Takes every message of the outbox into {@code target} once; its inbox is the only memory. */
    private void relay(Connection target, Receiver receiver) throws SQLException, InterruptedException {
        target.setAutoCommit(false);
        Set<Long> taken = new HashSet<>();
        try (Statement statement = target.createStatement();
                ResultSet ids = statement.executeQuery("SELECT message_id FROM inbox")) {
            while (ids.next()) {
                taken.add(ids.getLong(1));
            }
        }
        target.commit();
        long highest = taken.stream().mapToLong(Long::longValue).max().orElse(0);
        try (Connection orders = databases.orders().connect();
                PreparedStatement outbox = orders.prepareStatement("SELECT id, order_id, amount, lines FROM outbox"
                        + " WHERE id > ? ORDER BY id LIMIT " + (LOOK_BACK + RELAY_BATCH))) {
            while (!stopping) {
                for (Message message : messages(outbox, highest - LOOK_BACK)) {
                    if (stopping) {
                        return;
                    }
                    if (taken.add(message.id())) {
                        receiver.take(message);
                        target.commit();
                        highest = Math.max(highest, message.id());
                    }
                }
                Thread.sleep(20);
            }
        }
    }

    private static List<Message> messages(PreparedStatement outbox, long above) throws SQLException {
        List<Message> messages = new ArrayList<>();
        outbox.setLong(1, above);
        try (ResultSet rows = outbox.executeQuery()) {
            while (rows.next()) {
                messages.add(new Message(rows.getLong(1), rows.getLong(2), rows.getBigDecimal(3), rows.getString(4)));
            }
        }
        return messages;
    }

    private static long firstLong(PreparedStatement statement) throws SQLException {
        try (ResultSet rows = statement.executeQuery()) {
            rows.next();
            return rows.getLong(1);
        }
    }

    private static void pauseUntil(long nanoTime) throws InterruptedException {
        long nanos = nanoTime - System.nanoTime();
        if (nanos > 0) {
            Thread.sleep(nanos / 1_000_000, (int) (nanos % 1_000_000));
        }
    }
}
