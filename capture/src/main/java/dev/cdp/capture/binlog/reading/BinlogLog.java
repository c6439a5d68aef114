package dev.cdp.capture.binlog.reading;

import com.github.shyiko.mysql.binlog.BinaryLogClient;
import com.github.shyiko.mysql.binlog.event.Event;
import dev.cdp.capture.log.LogConsumer;
import dev.cdp.capture.log.LogEvent;
import dev.cdp.capture.log.SourceLog;
import dev.cdp.capture.source.DatabaseAddress;
import dev.cdp.capture.source.TableDescription;
import dev.cdp.core.SourcePosition;
import java.io.EOFException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One reading of a binary log. One thread receives events, another translates and delivers them; between them stands a
 * queue of bounded size, so a slow consumer makes the server wait. It never reconnects by itself: whoever started it
 * looks at the server again first. Thread-safe.
 */
public final class BinlogLog implements SourceLog {
    private static final Logger log = LoggerFactory.getLogger(BinlogLog.class);
    private static final Duration STOP_PATIENCE = Duration.ofSeconds(30);
    private static final Duration STOP_STEP = Duration.ofMillis(200);
    private static final Duration CONNECT_PATIENCE = Duration.ofSeconds(10);
    private static final Duration SERVER_HEARTBEAT = Duration.ofSeconds(10);
    private static final int EVENTS_PER_DELIVERY = 8_192;

    private final LogConsumer consumer;
    private final BinlogTranslation translation;
    private final BinaryLogClient client;
    private final EventQueue queue = new EventQueue();
    private final CountDownLatch ended = new CountDownLatch(2);
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    private final Thread delivery;
    private volatile boolean closing;

    /**
     * Starts reading.
     *
     * @param tables as they are at the boundary
     */
    public static BinlogLog start(
            BinlogSettings settings,
            CharacterSets characterSets,
            TableCatalog catalog,
            Collection<TableDescription> tables,
            LogConsumer consumer) {
        BinlogTranslation translation = new BinlogTranslation(settings, characterSets, catalog, tables);
        BinlogLog binlog = new BinlogLog(settings, translation, consumer);
        Thread reception = new Thread(binlog::receive, "capture-" + settings.name() + "-binlog");
        reception.setDaemon(true);
        reception.start();
        binlog.delivery.start();
        return binlog;
    }

    private BinlogLog(BinlogSettings settings, BinlogTranslation translation, LogConsumer consumer) {
        this.consumer = consumer;
        this.translation = translation;
        client = client(settings);
        client.registerEventListener(this::received);
        client.registerLifecycleListener(new BinaryLogClient.AbstractLifecycleListener() {
            @Override
            public void onCommunicationFailure(BinaryLogClient unused, Exception error) {
                fail(error);
            }

            @Override
            public void onEventDeserializationFailure(BinaryLogClient unused, Exception error) {
                fail(error);
            }
        });
        delivery = new Thread(this::deliver, "capture-" + settings.name() + "-delivery");
        delivery.setDaemon(true);
    }

    private static BinaryLogClient client(BinlogSettings settings) {
        DatabaseAddress server = settings.server();
        BinaryLogClient client = new BinaryLogClient(server.host(), server.port(), server.user(), server.password()) {
            @Override
            protected void updateGtidSet(Event event) {
                // Ours is kept by the translation; the client's would need events decoded its way.
            }
        };
        client.setServerId(settings.replicaId());
        client.setGtidSet(settings.boundary().nativeText());
        client.setEventDeserializer(new RawEvents());
        client.setKeepAlive(false); // it would reconnect and go on at a place of its own
        client.setConnectTimeout(CONNECT_PATIENCE.toMillis());
        client.setHeartbeatInterval(SERVER_HEARTBEAT.toMillis());
        return client;
    }

    private void receive() {
        try {
            client.connect();
            if (!closing) {
                fail(new EOFException("The server closed the connection"));
            }
        } catch (IOException | RuntimeException e) {
            fail(e);
        } finally {
            queue.end();
            ended.countDown();
        }
    }

    /** The client logs and forgets what a listener throws, so nothing may escape. */
    private void received(Event event) {
        try {
            RawEvent raw = RawEvents.of(event);
            if (failure.get() == null && !closing) {
                queue.put(raw);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            fail(e);
        } catch (RuntimeException e) {
            fail(e);
        }
    }

    private void deliver() {
        try {
            for (List<RawEvent> batch = queue.take(); !batch.isEmpty(); batch = queue.take()) {
                List<LogEvent> events = new ArrayList<>();
                for (RawEvent event : batch) {
                    translation.translate(event, events::add);
                    if (events.size() >= EVENTS_PER_DELIVERY) {
                        deliver(events);
                        events = new ArrayList<>();
                    }
                }
                deliver(events);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            fail(e);
        } catch (RuntimeException | Error e) {
            fail(e);
        } finally {
            ended.countDown();
        }
    }

    private void deliver(List<LogEvent> events) throws InterruptedException {
        if (!events.isEmpty() && !closing) {
            consumer.accept(events);
        }
    }

    private void fail(Throwable error) {
        if (!closing && failure.compareAndSet(null, error)) {
            log.debug("Reading of the binary log fails", error);
        }
        queue.end();
        disconnect();
    }

    private void disconnect() {
        try {
            client.disconnect();
        } catch (IOException e) {
            log.debug("The connection to the binary log did not close cleanly", e);
        }
    }

    /** A binary log cannot be told what may go: the server keeps it for as long as it is set to. */
    @Override
    public void acknowledge(SourcePosition archived) {
        log.trace("Archived up to {}", archived);
    }

    @Override
    public Optional<Throwable> failure() {
        return Optional.ofNullable(failure.get());
    }

    @Override
    public boolean awaitEnd(Duration patience) throws InterruptedException {
        return ended.await(patience.toMillis(), TimeUnit.MILLISECONDS);
    }

    @Override
    public void close() {
        closing = true;
        queue.end();
        long deadline = System.nanoTime() + STOP_PATIENCE.toNanos();
        try {
            do { // a connection that was just being made has to be ended once more
                disconnect();
            } while (!awaitEnd(STOP_STEP) && System.nanoTime() < deadline);
            if (ended.getCount() > 0) {
                log.warn("Reading of the binary log did not stop within {} s", STOP_PATIENCE.toSeconds());
                delivery.interrupt();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
