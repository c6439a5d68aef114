package dev.cdp.app.endtoend;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Services that trade: each sends money to the others as messages, which relays deliver after a while. Money is in
 * accounts or in flight, and never made or lost.
 *
 * <p>Three services also run sagas, around the ring in which they stand: one pays and asks the next, which takes the
 * money and asks the third; that one either confirms to the first or refuses, whereupon the second pays back.
 */
final class Bank implements AutoCloseable {
    private final List<BankService> services;
    private final int pauseMillis;
    private final Map<String, BlockingQueue<Message>> waiting = new HashMap<>();
    private final List<Thread> threads = new ArrayList<>();
    private volatile boolean stopping;
    private volatile @Nullable Throwable failure;

    /**
     * What one service tells another.
     *
     * @param id the deal's, and the number of the message in it
     * @param stake the money that the deal is about
     */
    record Message(String id, Kind kind, String sender, String receiver, long stake) {
        enum Kind {
            TRANSFER,
            ASK,
            DECIDE,
            CONFIRM,
            REFUSE,
            REFUND
        }

        /** The money that is in it. */
        long amount() {
            return switch (kind) {
                case TRANSFER, ASK, REFUND -> stake;
                case DECIDE, CONFIRM, REFUSE -> 0;
            };
        }

        /** The message that this one answers, within its deal; empty for the first. */
        static String cause(String id) {
            int slash = id.indexOf('/');
            int number = Integer.parseInt(id.substring(slash + 1));
            return number == 1 ? "" : id.substring(0, slash + 1) + (number - 1);
        }

        private Message answer(Kind answer, String to) {
            int slash = id.indexOf('/');
            int number = Integer.parseInt(id.substring(slash + 1));
            return new Message(id.substring(0, slash + 1) + (number + 1), answer, receiver, to, stake);
        }
    }

    private interface Work {
        void once(Random random) throws SQLException, InterruptedException;
    }

    /**
     * Starts trading.
     *
     * @param pauseMillis the longest pause of a service between two deals that it begins
     */
    Bank(List<BankService> services, long seed, int pauseMillis) {
        this.services = List.copyOf(services);
        this.pauseMillis = pauseMillis;
        for (int i = 0; i < services.size(); i++) {
            BankService service = services.get(i);
            waiting.put(service.name(), new LinkedBlockingQueue<>());
            threads.add(thread("sender-" + service.name(), seed + 2L * i, random -> begin(service, random)));
            threads.add(thread("relay-" + service.name(), seed + 2L * i + 1, random -> deliver(service, random)));
        }
        threads.forEach(Thread::start);
    }

    private void begin(BankService service, Random random) throws SQLException, InterruptedException {
        int self = services.indexOf(service);
        boolean saga = services.size() > 2 && random.nextInt(3) == 0;
        int receiver = saga ? 1 : 1 + random.nextInt(services.size() - 1);
        Message message = new Message(
                new UUID(random.nextLong(), random.nextLong()) + "/1",
                saga ? Message.Kind.ASK : Message.Kind.TRANSFER,
                service.name(),
                inRing(self + receiver),
                1 + random.nextInt(50));
        service.send(message);
        relay(message);
        Thread.sleep(random.nextInt(pauseMillis));
    }

    private void deliver(BankService service, Random random) throws SQLException, InterruptedException {
        Message message = waiting(service.name()).poll(50, TimeUnit.MILLISECONDS);
        if (message != null) {
            Message answer = answer(message, services.indexOf(service), random);
            service.receive(message, answer);
            if (answer != null) {
                relay(answer);
            }
        }
    }

    private @Nullable Message answer(Message message, int self, Random random) {
        return switch (message.kind()) {
            case TRANSFER, CONFIRM, REFUND -> null;
            case ASK -> message.answer(Message.Kind.DECIDE, inRing(self + 1));
            case DECIDE ->
                random.nextInt(3) == 0
                        ? message.answer(Message.Kind.REFUSE, message.sender())
                        : message.answer(Message.Kind.CONFIRM, inRing(self - 2));
            case REFUSE -> message.answer(Message.Kind.REFUND, inRing(self - 1));
        };
    }

    private String inRing(int index) {
        return services.get(Math.floorMod(index, services.size())).name();
    }

    private void relay(Message message) {
        waiting(message.receiver()).add(message);
    }

    private BlockingQueue<Message> waiting(String service) {
        BlockingQueue<Message> queue = waiting.get(service);
        if (queue == null) {
            throw new IllegalArgumentException("No service " + service);
        }
        return queue;
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
        for (BankService service : services) {
            service.close();
        }
    }
}
