package dev.cdp.testkit.faults;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Stands before an S3 service and fails as such services and the way to them do. Which requests fail, and how, is drawn
 * from a seed or asked for one by one. Each request is passed on over a connection of its own, byte for byte, so
 * signatures stay valid. Safe for use by several threads.
 */
public final class S3FaultProxy implements AutoCloseable {
    private static final int READ_MILLIS = 60_000;

    /** What can happen to a request. */
    public enum Fault {
        /** 500, nothing done. */
        ERROR,
        /** 503 with S3's code SlowDown, nothing done. */
        SLOW_DOWN,
        /** The connection breaks, nothing done. */
        RESET,
        /** 403, nothing done. */
        FORBIDDEN,
        /** Carried out, after a while. */
        SLOW,
        /** Carried out, and the connection breaks before the answer. */
        ANSWER_LOST,
        /** Carried out, and answered with 500. */
        ERROR_AFTERWARDS,
        /** Half of the request's body arrives, then the connection breaks. */
        BODY_CUT,
        /** Half of the answer's body arrives, then the connection breaks. */
        ANSWER_CUT,
        /** A list of objects lacks its last one. */
        NEWEST_UNLISTED
    }

    /** A request line, with its path as it is meant. */
    public record Request(String method, String path) {
        /** Whether an object is created or replaced. */
        public boolean isWrite() {
            return method.equals("PUT");
        }
    }

    /** The next requests that fit fail in this way. */
    private static final class Order {
        private final Fault fault;
        private final Predicate<Request> requests;
        private int left;

        private Order(Fault fault, Predicate<Request> requests, int times) {
            this.fault = fault;
            this.requests = requests;
            this.left = times;
        }
    }

    private final URI server;
    private final ServerSocket listener;
    private final Random random;
    private final Map<Fault, Integer> happened = new EnumMap<>(Fault.class);
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private @Nullable Order order;
    private @Nullable Held held;
    private List<Fault> drawn = List.of();
    private int perHundred;

    private S3FaultProxy(URI server, long seed) {
        this.server = server;
        this.random = new Random(seed);
        try {
            this.listener = new ServerSocket(0, 256, InetAddress.getLoopbackAddress());
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
        start(this::accept);
    }

    /** Starts before the service; nothing fails yet. */
    public static S3FaultProxy before(URI server, long seed) {
        return new S3FaultProxy(server, seed);
    }

    /** Where clients find it. */
    public URI endpoint() {
        return URI.create("http://127.0.0.1:" + listener.getLocalPort());
    }

    /** From now on, so many of a hundred requests fail in one of these ways, of which some must fit any request. */
    public synchronized void fail(int requestsPerHundred, Fault... ways) {
        perHundred = requestsPerHundred;
        drawn = List.of(ways);
    }

    /** Lets the next {@code times} requests that fit fail in this way, whatever is drawn for others. */
    public synchronized void failNext(Fault way, int times, Predicate<Request> requests) {
        order = new Order(way, requests, times);
    }

    /**
     * Keeps the next request that fits from the service until it is released, as a network or a paused process would.
     *
     * @return the way to wait for it and to let it go
     */
    public synchronized Held hold(Predicate<Request> requests) {
        held = new Held(requests);
        return held;
    }

    /** A request on its way. */
    public static final class Held {
        private final Predicate<Request> requests;
        private final CountDownLatch reached = new CountDownLatch(1);
        private final CountDownLatch released = new CountDownLatch(1);

        private Held(Predicate<Request> requests) {
            this.requests = requests;
        }

        /** @return whether it came in time */
        public boolean await(Duration limit) throws InterruptedException {
            return reached.await(limit.toMillis(), TimeUnit.MILLISECONDS);
        }

        public void release() {
            released.countDown();
        }
    }

    private void holdBack(Request request) throws InterruptedException {
        Held wanted;
        synchronized (this) {
            wanted = held;
            if (wanted == null || !wanted.requests.test(request)) {
                return;
            }
            held = null;
        }
        wanted.reached.countDown();
        wanted.released.await();
    }

    /** Ends all faults. */
    public synchronized void heal() {
        order = null;
        perHundred = 0;
    }

    /** How often this has happened. */
    public synchronized int count(Fault fault) {
        return happened.getOrDefault(fault, 0);
    }

    private synchronized Optional<Fault> choose(Request request) {
        Fault fault = null;
        if (order != null && order.left > 0 && order.requests.test(request) && fits(order.fault, request)) {
            order.left--;
            fault = order.fault;
        } else if (random.nextInt(100) < perHundred) {
            List<Fault> fitting =
                    drawn.stream().filter(each -> fits(each, request)).toList();
            fault = fitting.get(random.nextInt(fitting.size()));
        }
        if (fault != null) {
            happened.merge(fault, 1, Integer::sum);
        }
        return Optional.ofNullable(fault);
    }

    private static boolean fits(Fault fault, Request request) {
        return switch (fault) {
            case ERROR, SLOW_DOWN, RESET, FORBIDDEN, SLOW, ANSWER_LOST, ERROR_AFTERWARDS -> true;
            case BODY_CUT -> request.isWrite();
            case ANSWER_CUT -> request.method().equals("GET");
            case NEWEST_UNLISTED -> request.path().contains("list-type=2");
        };
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket client = listener.accept();
                start(() -> serve(client));
            } catch (IOException closed) {
                return;
            }
        }
    }

    private static void start(Runnable work) {
        Thread thread = new Thread(work, "s3-fault-proxy");
        thread.setDaemon(true);
        thread.start();
    }

    private void serve(Socket client) {
        open.add(client);
        try (client) {
            client.setTcpNoDelay(true);
            InputStream in = new BufferedInputStream(client.getInputStream());
            for (Optional<HttpMessage> request = HttpMessage.read(in, client.getOutputStream());
                    request.isPresent(); ) {
                if (!answer(request.get(), client)) {
                    client.setSoLinger(true, 0); // makes close() send a reset
                    return;
                }
                request = HttpMessage.read(in, client.getOutputStream());
            }
        } catch (IOException broken) {
            // the client went away
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        } finally {
            open.remove(client);
        }
    }

    /** @return whether the connection may be kept */
    private boolean answer(HttpMessage message, Socket client) throws IOException, InterruptedException {
        String[] line = message.headText().split(" ", 3);
        Request request = new Request(line[0], URLDecoder.decode(line[1], StandardCharsets.UTF_8));
        holdBack(request);
        Optional<Fault> fault = choose(request);
        OutputStream out = client.getOutputStream();
        if (fault.isEmpty()) {
            return send(out, pass(message));
        }
        return switch (fault.get()) {
            case ERROR -> send(out, HttpMessage.error(500, "InternalError"));
            case SLOW_DOWN -> send(out, HttpMessage.error(503, "SlowDown"));
            case FORBIDDEN -> send(out, HttpMessage.error(403, "AccessDenied"));
            case RESET -> false;
            case SLOW -> {
                Thread.sleep(Duration.ofMillis(20 + pause()).toMillis());
                yield send(out, pass(message));
            }
            case ANSWER_LOST -> {
                pass(message);
                yield false;
            }
            case ERROR_AFTERWARDS -> {
                pass(message);
                yield send(out, HttpMessage.error(500, "InternalError"));
            }
            case BODY_CUT -> {
                cut(message);
                yield false;
            }
            case ANSWER_CUT -> {
                HttpMessage answer = pass(message);
                out.write(answer.head());
                out.write(answer.body(), 0, answer.body().length / 2);
                out.flush();
                yield false;
            }
            case NEWEST_UNLISTED -> send(out, pass(message).withoutNewest());
        };
    }

    private synchronized int pause() {
        return random.nextInt(300);
    }

    private static boolean send(OutputStream out, HttpMessage answer) throws IOException {
        out.write(answer.head());
        out.write(answer.body());
        out.flush();
        return true;
    }

    private HttpMessage pass(HttpMessage request) throws IOException {
        try (Socket upstream = connect()) {
            send(upstream.getOutputStream(), request);
            boolean hasBody = !request.headText().startsWith("HEAD ");
            return HttpMessage.readAnswer(new BufferedInputStream(upstream.getInputStream()), hasBody ? 1 : 0);
        }
    }

    private void cut(HttpMessage request) throws IOException {
        try (Socket upstream = connect()) {
            upstream.getOutputStream().write(request.head());
            upstream.getOutputStream().write(request.body(), 0, request.body().length / 2);
            upstream.getOutputStream().flush();
            upstream.shutdownOutput();
            upstream.getInputStream().readAllBytes(); // the service has noticed the end
        } catch (IOException reset) {
            // that is how it noticed
        }
    }

    private Socket connect() throws IOException {
        Socket upstream = new Socket(server.getHost(), server.getPort());
        upstream.setSoTimeout(READ_MILLIS);
        upstream.setTcpNoDelay(true);
        return upstream;
    }

    @Override
    public void close() {
        try {
            listener.close();
            for (Socket socket : open) {
                socket.close();
            }
        } catch (IOException goneAlready) {
            // that is what was wanted
        }
    }
}
