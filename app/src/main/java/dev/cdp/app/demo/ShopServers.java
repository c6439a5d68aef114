package dev.cdp.app.demo;

import dev.cdp.core.Engine;
import dev.cdp.core.Secret;
import dev.cdp.embedded.EmbeddedMariaDb;
import dev.cdp.embedded.EmbeddedPostgres;
import dev.cdp.embedded.MariaDbPackage;
import dev.cdp.embedded.PostgresPackage;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** The database servers of the three services, each of its own, with an empty database for its service. */
final class ShopServers implements AutoCloseable {
    private static final Map<String, String> POSTGRES = Map.of("fsync", "off", "shared_buffers", "64MB");
    private static final List<String> MARIADB =
            List.of("--innodb-buffer-pool-size=64M", "--innodb-flush-log-at-trx-commit=2", "--sync-binlog=0");

    private final EmbeddedPostgres orders;
    private final EmbeddedPostgres billing;
    private final EmbeddedMariaDb stock;
    private final ShopDatabases databases;

    private ShopServers(EmbeddedPostgres orders, EmbeddedPostgres billing, EmbeddedMariaDb stock, Secret password) {
        this.orders = orders;
        this.billing = billing;
        this.stock = stock;
        this.databases = new ShopDatabases(
                database(Engine.POSTGRESQL, orders.port(), "orders", EmbeddedPostgres.USER, password),
                database(Engine.POSTGRESQL, billing.port(), "billing", EmbeddedPostgres.USER, password),
                database(Engine.MARIADB, stock.port(), "stock", EmbeddedMariaDb.USER, password));
    }

    /** Starts all three; they keep their data below {@code folder}. */
    static ShopServers start(Path folder, Secret password) throws SQLException {
        PostgresPackage postgres = PostgresPackage.bundled();
        CompletableFuture<EmbeddedPostgres> orders = CompletableFuture.supplyAsync(
                () -> EmbeddedPostgres.start(postgres, folder.resolve("orders"), password.reveal(), POSTGRES));
        CompletableFuture<EmbeddedPostgres> billing = orders.thenApplyAsync( // the first unpacks, one is enough
                first -> EmbeddedPostgres.start(postgres, folder.resolve("billing"), password.reveal(), POSTGRES));
        EmbeddedMariaDb stock =
                EmbeddedMariaDb.start(MariaDbPackage.find(), folder.resolve("stock"), password.reveal(), MARIADB);
        ShopServers servers = new ShopServers(orders.join(), billing.join(), stock, password);
        try {
            servers.createDatabases();
        } catch (SQLException e) {
            servers.close();
            throw e;
        }
        return servers;
    }

    private void createDatabases() throws SQLException {
        execute(orders.jdbcUrl("postgres"), EmbeddedPostgres.USER, "CREATE DATABASE orders");
        execute(billing.jdbcUrl("postgres"), EmbeddedPostgres.USER, "CREATE DATABASE billing");
        execute(stock.jdbcUrl(""), EmbeddedMariaDb.USER, "CREATE DATABASE stock");
    }

    private void execute(String url, String user, String sql) throws SQLException {
        String password = databases.orders().password().reveal();
        try (Connection connection = DriverManager.getConnection(url, user, password);
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    ShopDatabases databases() {
        return databases;
    }

    private static ShopDatabases.Database database(Engine engine, int port, String name, String user, Secret password) {
        return new ShopDatabases.Database(engine, "127.0.0.1", port, name, user, password);
    }

    @Override
    public void close() {
        stock.close();
        billing.close();
        orders.close();
    }
}
