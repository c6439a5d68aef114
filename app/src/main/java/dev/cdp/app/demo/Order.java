package dev.cdp.app.demo;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;

/** What a customer orders. */
record Order(int customer, List<Item> items) {
    private static final int MAX_ITEMS = 3;

    /** Some pieces of a product, at a price per piece. */
    record Item(int product, int quantity, long cents) {}

    Order {
        items = List.copyOf(items);
    }

    /** Each product appears at most once. */
    static Order random(Random random) {
        List<Item> items = new ArrayList<>();
        int first = random.nextInt(ShopSchema.PRODUCTS);
        for (int i = 0; i <= random.nextInt(MAX_ITEMS); i++) {
            int product = 1 + (first + i) % ShopSchema.PRODUCTS;
            items.add(new Item(product, 1 + random.nextInt(4), 100L * product + 99));
        }
        return new Order(1 + random.nextInt(ShopSchema.CUSTOMERS), items);
    }

    /** The same orders every time. */
    static List<Order> past(int count) {
        Random random = new Random(2026);
        List<Order> orders = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            orders.add(random(random));
        }
        return orders;
    }

    BigDecimal amount() {
        return BigDecimal.valueOf(
                items.stream().mapToLong(item -> item.quantity() * item.cents()).sum(), 2);
    }

    /** What the outbox tells stock: {@code product:quantity,...}. */
    String lines() {
        return items.stream()
                .map(item -> item.product() + ":" + item.quantity())
                .collect(Collectors.joining(","));
    }

    /** Reads {@link #lines} back; prices are not part of it. */
    static List<Item> parseLines(String lines) {
        return Arrays.stream(lines.split(","))
                .map(line -> line.split(":"))
                .map(parts -> new Item(Integer.parseInt(parts[0]), Integer.parseInt(parts[1]), 0))
                .toList();
    }
}
