package dev.cdp.testkit.faults;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A port on 127.0.0.1 that passes bytes on to a server, and can fail as a network does. Connections are broken with a
 * reset, as a killed peer or a firewall does it. Safe for use by several threads; faults hold for all connections.
 */
public final class TcpProxy implements AutoCloseable {
    private static final int CONNECT_MILLIS = 10_000;
    private static final int CHUNK_BYTES = 64 << 10;

    private final ServerSocket listener;
    private final Set<Connection> connections = ConcurrentHashMap.newKeySet();
    private final Object holding = new Object();
    private final ByteLimit toServer = new ByteLimit();
    private final ByteLimit toClient = new ByteLimit();
    private final AtomicReference<@Nullable LostAnswer> lostAnswer = new AtomicReference<>();
    private volatile @Nullable InetSocketAddress server;
    private volatile Duration delay = Duration.ZERO;
    private volatile boolean isDown;
    private boolean isHolding; // guarded by holding

    /** A request whose answer shall not arrive. */
    private record LostAnswer(Predicate<byte[]> request, CompletableFuture<Void> lost) {}

    private TcpProxy(@Nullable InetSocketAddress server) {
        this.server = server;
        try {
            this.listener = new ServerSocket(0, 256, InetAddress.getLoopbackAddress());
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
        start("accept", this::accept);
    }

    /** Starts a proxy before the server. */
    public static TcpProxy to(String host, int port) {
        return new TcpProxy(new InetSocketAddress(host, port));
    }

    /** Starts a proxy whose server is named later by {@link #forwardTo}; until then it breaks every connection. */
    public static TcpProxy withoutServer() {
        return new TcpProxy(null);
    }

    /** Where new connections go from now on. */
    public void forwardTo(String host, int port) {
        server = new InetSocketAddress(host, port);
    }

    /** The port on 127.0.0.1 that clients connect to. */
    public int port() {
        return listener.getLocalPort();
    }

    /** Breaks every connection, and every new one, until {@link #up}. */
    public void down() {
        isDown = true;
        cut();
    }

    public void up() {
        isDown = false;
    }

    /** Breaks every connection now; new ones work. */
    public void cut() {
        List.copyOf(connections).forEach(Connection::reset); // not those that open meanwhile
    }

    /** Passes nothing on until {@link #release}, with all connections open: the peers see silence. */
    public void hold() {
        synchronized (holding) {
            isHolding = true;
        }
    }

    public void release() {
        synchronized (holding) {
            isHolding = false;
            holding.notifyAll();
        }
    }

    /** Makes every piece of up to 64 KiB wait, in each direction; zero ends it. */
    public void delay(Duration each) {
        delay = each;
    }

    /** Breaks all connections once {@code byteCount} more bytes have gone to the server; then all is well again. */
    public void cutAfterSending(long byteCount) {
        toServer.set(byteCount);
    }

    /** Breaks all connections once {@code byteCount} more bytes have come from the server; then all is well again. */
    public void cutAfterReceiving(long byteCount) {
        toClient.set(byteCount);
    }

    /**
     * Passes the next piece of bytes on that fits {@code request}, and breaks its connection when the server answers:
     * the request is carried out and the client does not learn it. Happens once.
     *
     * @return done when the answer is lost
     */
    public CompletableFuture<Void> loseAnswerTo(Predicate<byte[]> request) {
        CompletableFuture<Void> lost = new CompletableFuture<>();
        lostAnswer.set(new LostAnswer(request, lost));
        return lost;
    }

    /** Fits requests that contain {@code text}, such as {@code COMMIT} on its way to a database. */
    public static Predicate<byte[]> containing(String text) {
        return request -> new String(request, StandardCharsets.ISO_8859_1).contains(text);
    }

    /** Fits requests to a Kafka broker of one kind, by its number in Kafka's protocol. */
    public static Predicate<byte[]> kafkaRequest(int apiKey) {
        return request ->
                request.length > 5 && (request[4] & 0xFF) == apiKey >>> 8 && (request[5] & 0xFF) == (apiKey & 0xFF);
    }

    /** How many connections are open. */
    public int connectionCount() {
        return connections.size();
    }

    @Override
    public void close() {
        try {
            listener.close();
        } catch (IOException goneAlready) {
            // nobody can connect, which is what was wanted
        }
        down();
        release();
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                open(listener.accept());
            } catch (IOException closedOrRefused) {
                // a client sees its connection broken
            }
        }
    }

    private void open(Socket client) throws IOException {
        InetSocketAddress address = server;
        Socket upstream = new Socket();
        Connection connection = new Connection(client, upstream);
        connections.add(connection);
        try {
            if (isDown || address == null) {
                throw new IOException("down");
            }
            upstream.connect(new InetSocketAddress(address.getHostString(), address.getPort()), CONNECT_MILLIS);
            client.setTcpNoDelay(true);
            upstream.setTcpNoDelay(true);
        } catch (IOException failure) {
            connection.reset();
            throw failure;
        }
        start("to-server", connection::sendToServer);
        start("to-client", connection::sendToClient);
        if (isDown) {
            connection.reset();
        }
    }

    private void start(String name, Runnable work) {
        Thread thread = new Thread(work, "proxy-" + listener.getLocalPort() + "-" + name);
        thread.setDaemon(true);
        thread.start();
    }

    private void awaitPassage() throws InterruptedException {
        synchronized (holding) {
            while (isHolding) {
                holding.wait();
            }
        }
        Thread.sleep(delay.toMillis());
    }

    /** A client's connection and its other half. */
    private final class Connection {
        private final Socket client;
        private final Socket upstream;
        private volatile @Nullable LostAnswer loses;

        private Connection(Socket client, Socket upstream) {
            this.client = client;
            this.upstream = upstream;
        }

        void sendToServer() {
            pump(client, upstream, toServer);
        }

        void sendToClient() {
            pump(upstream, client, toClient);
        }

        private void pump(Socket from, Socket to, ByteLimit limit) {
            byte[] buffer = new byte[CHUNK_BYTES];
            try {
                InputStream in = from.getInputStream();
                OutputStream out = to.getOutputStream();
                for (int length = in.read(buffer); length >= 0; length = in.read(buffer)) {
                    awaitPassage();
                    if (from == client) {
                        watch(Arrays.copyOf(buffer, length));
                    } else if (losesThis()) {
                        reset();
                        return;
                    }
                    int passed = limit.take(length);
                    out.write(buffer, 0, passed);
                    if (passed < length) {
                        cut();
                        return;
                    }
                }
                to.shutdownOutput();
                if (from.isOutputShutdown()) { // the other direction has ended too
                    reset();
                }
            } catch (IOException broken) {
                reset();
            } catch (InterruptedException stopped) {
                Thread.currentThread().interrupt();
                reset();
            }
        }

        private void watch(byte[] request) {
            LostAnswer wanted = lostAnswer.get();
            if (wanted != null && wanted.request.test(request) && lostAnswer.compareAndSet(wanted, null)) {
                loses = wanted;
            }
        }

        private boolean losesThis() {
            LostAnswer wanted = loses;
            if (wanted == null) {
                return false;
            }
            wanted.lost.complete(null);
            return true;
        }

        void reset() {
            connections.remove(this);
            for (Socket socket : new Socket[] {client, upstream}) {
                try {
                    socket.setSoLinger(true, 0); // makes close() send a reset
                    socket.close();
                } catch (IOException goneAlready) {
                    // that is what was wanted
                }
            }
        }
    }

    /** Lets a number of bytes pass once, then anything again. */
    private static final class ByteLimit {
        private long left = Long.MAX_VALUE;

        synchronized void set(long byteCount) {
            left = byteCount;
        }

        /** @return how many of the bytes may pass; fewer than asked for when the limit ends in them */
        synchronized int take(int wanted) {
            if (left == Long.MAX_VALUE) {
                return wanted;
            }
            if (wanted <= left) {
                left -= wanted;
                return wanted;
            }
            int passed = (int) left;
            left = Long.MAX_VALUE;
            return passed;
        }
    }
}
