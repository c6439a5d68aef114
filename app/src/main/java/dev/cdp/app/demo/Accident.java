package dev.cdp.app.demo;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * A migration deletes the orders of some customers. It locks the tables first, as migrations do, so what it reads
 * before the delete is exactly the state before its transaction: an account of that state that owes nothing to us.
 *
 * @param deleted how many orders
 * @param before digests of the tables just before it
 */
record Accident(long deleted, OrdersDigest before) {
    static final String STATEMENT = "DELETE FROM orders WHERE customer_id < 50";

    /** Row counts and digests of what the orders service holds, computed by its database. */
    record OrdersDigest(String orders, String items, String outbox) {

        static OrdersDigest of(Connection connection) throws SQLException {
            return new OrdersDigest(
                    digest(connection, "orders", "id"),
                    digest(connection, "order_item", "order_id, line"),
                    digest(connection, "outbox", "id"));
        }

        private static String digest(Connection connection, String table, String key) throws SQLException {
            try (Statement statement = connection.createStatement();
                    ResultSet rows = statement.executeQuery("SELECT count(*) || ' rows, md5 '"
                            + " || md5(string_agg(md5(t::text), '' ORDER BY " + key + ")) FROM " + table + " t")) {
                rows.next();
                return rows.getString(1);
            }
        }
    }

    static Accident happen(ShopDatabases.Database orders) throws SQLException {
        try (Connection connection = orders.connect();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute("SET LOCAL TimeZone = 'UTC'");
            statement.execute("LOCK TABLE orders, order_item, outbox IN SHARE ROW EXCLUSIVE MODE");
            OrdersDigest before = OrdersDigest.of(connection);
            long deleted = statement.executeUpdate(STATEMENT);
            connection.commit();
            return new Accident(deleted, before);
        }
    }

    /** The same digests of another database. */
    static OrdersDigest digest(ShopDatabases.Database orders) throws SQLException {
        try (Connection connection = orders.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("SET TimeZone = 'UTC'");
            return OrdersDigest.of(connection);
        }
    }
}
