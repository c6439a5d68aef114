package dev.cdp.capture.debezium;

import dev.cdp.capture.log.LogConsumer;
import dev.cdp.capture.log.LogEvent;
import dev.cdp.capture.log.SourceLog;
import dev.cdp.core.SourcePosition;
import dev.cdp.core.crash.CrashPoint;
import io.debezium.embedded.Connect;
import io.debezium.engine.DebeziumEngine;
import io.debezium.engine.RecordChangeEvent;
import io.debezium.engine.format.ChangeEventFormat;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One run of Debezium's embedded engine. It never restarts by itself: whoever started it looks at the source again
 * first. Thread-safe.
 */
public final class EngineLog implements SourceLog {
    private static final Logger log = LoggerFactory.getLogger(EngineLog.class);
    private static final Duration OFFSETS_EVERY = Duration.ofMillis(250);
    private static final Duration STOP_PATIENCE = Duration.ofSeconds(30);
    private static final long STOP_RETRY_MILLIS = 50;

    private final LogConsumer consumer;
    private final RecordTranslation translation;
    private final Consumer<SourcePosition> acknowledgement;
    private final String offsetsKey;
    private final Properties properties;
    private final DebeziumEngine<RecordChangeEvent<SourceRecord>> engine;
    private final CountDownLatch ended = new CountDownLatch(1);
    private final Object delivery = new Object();
    private volatile boolean closing;
    private volatile @Nullable Throwable failure;

    /** Starts reading a PostgreSQL log in a thread of its own. */
    public static EngineLog start(PostgresLogSettings settings, LogConsumer consumer) {
        PostgresOffsets offsets = new PostgresOffsets(settings.resumeAt().orElse(null));
        return start(
                PostgresEngineProperties.of(settings),
                offsets,
                new PostgresTranslation(settings.name()),
                position -> offsets.acknowledge(((SourcePosition.Postgres) position).lsn()),
                consumer);
    }

    static EngineLog start(
            Properties properties,
            EngineOffsets offsets,
            RecordTranslation translation,
            Consumer<SourcePosition> acknowledgement,
            LogConsumer consumer) {
        EngineLog engineLog = new EngineLog(properties, offsets, translation, acknowledgement, consumer);
        Thread thread = new Thread(engineLog.engine::run, "capture-" + properties.getProperty("name") + "-engine");
        thread.setDaemon(true);
        thread.start();
        return engineLog;
    }

    private EngineLog(
            Properties properties,
            EngineOffsets offsets,
            RecordTranslation translation,
            Consumer<SourcePosition> acknowledgement,
            LogConsumer consumer) {
        this.consumer = consumer;
        this.translation = translation;
        this.acknowledgement = acknowledgement;
        offsetsKey = EngineOffsetStore.offer(offsets);
        Properties complete = new Properties();
        complete.put("offset.storage", EngineOffsetStore.class.getName());
        complete.put("bootstrap.servers", "unused:1"); // Connect 4 insists on one; the engine has no Kafka
        complete.putAll(properties);
        complete.put(EngineOffsetStore.KEY_PROPERTY, offsetsKey);
        this.properties = complete;
        engine = DebeziumEngine.create(ChangeEventFormat.of(Connect.class))
                .using(complete)
                .using((numberOfMessages, elapsed) -> elapsed.compareTo(OFFSETS_EVERY) >= 0)
                .using(this::completed)
                .notifying(this::deliver)
                .build();
    }

    private void deliver(
            List<RecordChangeEvent<SourceRecord>> batch,
            DebeziumEngine.RecordCommitter<RecordChangeEvent<SourceRecord>> committer)
            throws InterruptedException {
        synchronized (delivery) {
            if (closing) { // from here on everything is dropped, and read again after the last boundary
                return;
            }
            List<LogEvent> events = new ArrayList<>(batch.size());
            for (RecordChangeEvent<SourceRecord> event : batch) {
                translation.translate(event.record(), events);
            }
            consumer.accept(events);
        }
        for (RecordChangeEvent<SourceRecord> event : batch) {
            committer.markProcessed(event);
        }
        CrashPoint.CAPTURE_BATCH_DELIVERED.reached();
        committer.markBatchFinished();
    }

    private void completed(boolean success, @Nullable String message, @Nullable Throwable error) {
        if (!closing) {
            failure = error == null ? new IllegalStateException("The engine stopped: " + message) : explain(error);
        }
        EngineOffsetStore.withdraw(offsetsKey);
        ended.countDown();
    }

    /**
     * Debezium 3.5 trips over Connect 4.3 exactly when it wants to say what is wrong with the settings, so they are
     * validated again here.
     */
    private Throwable explain(Throwable error) {
        if (!(error instanceof NoSuchMethodError)) {
            return error;
        }
        String faults = EngineSettingsCheck.faults(properties);
        return faults.isEmpty() ? error : new IllegalArgumentException(faults, error);
    }

    @Override
    public void acknowledge(SourcePosition archived) {
        acknowledgement.accept(archived);
    }

    @Override
    public Optional<Throwable> failure() {
        return Optional.ofNullable(failure);
    }

    @Override
    public boolean awaitEnd(Duration patience) throws InterruptedException {
        return ended.await(patience.toMillis(), TimeUnit.MILLISECONDS);
    }

    @Override
    public void close() {
        closing = true;
        try {
            stopEngine();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        synchronized (delivery) { // a delivery under way has finished
            log.debug("Reading of the log has stopped");
        }
    }

    /** The engine refuses to stop while its tasks start, so this asks until it accepts. */
    private void stopEngine() throws InterruptedException {
        long deadline = System.nanoTime() + STOP_PATIENCE.toNanos();
        while (ended.getCount() > 0 && System.nanoTime() < deadline) {
            try {
                engine.close();
            } catch (IllegalStateException e) {
                log.debug("The engine does not stop yet: {}", e.getMessage());
            } catch (IOException e) {
                log.warn("The engine did not stop cleanly", e);
            }
            ended.await(STOP_RETRY_MILLIS, TimeUnit.MILLISECONDS);
        }
    }
}
