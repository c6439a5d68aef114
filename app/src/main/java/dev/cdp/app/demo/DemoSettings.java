package dev.cdp.app.demo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The configuration that the demo writes, as an operator would. */
final class DemoSettings {
    private DemoSettings() {}

    /** Writes {@code cdp.yaml} and the password's file into {@code folder}. @return the configuration's path */
    static Path write(Path folder, ShopDatabases shop) throws IOException {
        Files.writeString(folder.resolve("password"), shop.orders().password().reveal() + "\n");
        return Files.writeString(folder.resolve("cdp.yaml"), """
                data-directory: cdp
                sources:
                  orders:
                %s
                  billing:
                %s
                  stock:
                %s
                groups:
                  shop:
                    sources: [orders, billing, stock]
                    marker-interval: 2s
                    links:
                      - { from: billing.public.payment.order_id, to: orders.public.orders.id }
                      - { from: billing.public.inbox.message_id, to: orders.public.outbox.id }
                      - { from: stock.stock.reservation.order_id, to: orders.public.orders.id }
                      - { from: stock.stock.inbox.message_id, to: orders.public.outbox.id }
                archive: { url: "file:archive", commit-interval: 2s }
                """.formatted(
                        source(shop.orders()), source(shop.billing()), source(shop.stock())));
    }

    private static String source(ShopDatabases.Database database) {
        String engine =
                switch (database.engine()) {
                    case POSTGRESQL -> "postgresql";
                    case MARIADB, MYSQL -> "mariadb";
                };
        return "    url: %s://%s@%s:%d/%s%n    password: ${file:password}"
                .formatted(engine, database.user(), database.host(), database.port(), database.name());
    }
}
