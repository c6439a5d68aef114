package dev.cdp.app.endtoend;

import java.sql.SQLException;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Two services that trade: each sends money to the other as messages, which a relay delivers after a while. Money is
 * in accounts or in flight, and never made or lost.
 */
final class Bank implements AutoCloseable {
    private final BankService first;
    private final BankService second;
    private final BlockingQueue<Message> toSecond = new LinkedBlockingQueue<>();
    private final BlockingQueue<Message> toFirst = new LinkedBlockingQueue<>();
    private final Thread[] threads;
    private volatile boolean stopping;
    private volatile @Nullable Throwable failure;

    private record Message(String id, long amount) {}

    private interface Work {
        void once(Random random) throws SQLException, InterruptedException;
    }

    /** Starts trading. */
    Bank(BankService first, BankService second, long seed) {
        this.first = first;
        this.second = second;
        threads = new Thread[] {
            thread("sender-1", seed, random -> send(first, toSecond, random)),
            thread("sender-2", seed + 1, random -> send(second, toFirst, random)),
            thread("relay-to-2", seed + 2, random -> deliver(toSecond, second, random)),
            thread("relay-to-1", seed + 3, random -> deliver(toFirst, first, random))
        };
        for (Thread thread : threads) {
            thread.start();
        }
    }

    /** All the money there is. */
    static long total() {
        return 2 * BankService.ACCOUNTS * BankService.OPENING_BALANCE;
    }

    private static void send(BankService service, BlockingQueue<Message> queue, Random random)
            throws SQLException, InterruptedException {
        Message message = new Message(UUID.randomUUID().toString(), 1 + random.nextInt(50));
        service.send(1 + random.nextInt(BankService.ACCOUNTS), message.id(), message.amount());
        queue.add(message);
        Thread.sleep(random.nextInt(4));
    }

    private static void deliver(BlockingQueue<Message> queue, BankService service, Random random)
            throws SQLException, InterruptedException {
        Message message = queue.poll(50, TimeUnit.MILLISECONDS);
        if (message != null) {
            service.receive(1 + random.nextInt(BankService.ACCOUNTS), message.id(), message.amount());
        }
    }

    private Thread thread(String name, long seed, Work work) {
        Random random = new Random(seed);
        return new Thread(
                () -> {
                    try {
                        while (!stopping) {
                            work.once(random);
                        }
                    } catch (SQLException | InterruptedException | RuntimeException e) {
                        failure = e;
                    }
                },
                "bank-" + name);
    }

    /** Stops trading, at any point of it. */
    @Override
    public void close() throws SQLException {
        stopping = true;
        try {
            for (Thread thread : threads) {
                thread.join();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (failure != null) {
            throw new IllegalStateException("Trading failed", failure);
        }
        first.close();
        second.close();
    }
}
