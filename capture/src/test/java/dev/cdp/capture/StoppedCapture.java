package dev.cdp.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.cdp.capture.log.LogEvent;
import dev.cdp.capture.log.SourceLog;
import dev.cdp.capture.source.BaseReading;
import dev.cdp.capture.source.SourceDatabase;
import dev.cdp.core.Json;
import dev.cdp.core.SourceId;
import dev.cdp.core.SourcePosition;
import dev.cdp.core.topic.ChangeTopicWriter;
import dev.cdp.core.topic.ChangeTopics;
import dev.cdp.core.topic.KafkaAccess;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.AbstractList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The recording of a source's changes, stopped at chosen events and started again where its progress says. */
final class StoppedCapture implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(10);

    private final SourceDatabase source;
    private final SourceId id;
    private final KafkaAccess kafka;
    private final Random random;
    private final Set<String> recorded = ConcurrentHashMap.newKeySet();
    private final Map<String, SourcePosition> attempted = new ConcurrentHashMap<>();
    private @Nullable ChangeTopicWriter writer;
    private @Nullable ChangeRecorder recorder;
    private @Nullable SourceLog reading;
    private volatile Manner manner = Manner.WHILE_RECORDING;
    private volatile long eventsLeft = Long.MAX_VALUE;
    private volatile boolean stopDue;
    private int stops;

    /** How a run ends. */
    enum Manner {
        /** After a batch that ends in the middle of what the log delivered, so that a transaction stays open. */
        BEHIND_A_BATCH,
        /** In the middle of a batch, whose Kafka transaction stays open. */
        INSIDE_A_BATCH,
        /** As the daemon stops: while more is being recorded. */
        WHILE_RECORDING
    }

    /** Ends a run from inside, as a crash would. */
    private static final class Stop extends RuntimeException {
        private static final long serialVersionUID = 1;

        Stop() {
            super("stopped by the test");
        }
    }

    StoppedCapture(SourceDatabase source, SourceId id, KafkaAccess kafka, Random random) {
        this.source = source;
        this.id = id;
        this.kafka = kafka;
        this.random = random;
    }

    /** Starts a history; the tables are empty or do not matter. */
    void begin() {
        try (ChangeTopics topics = ChangeTopics.open(kafka)) {
            topics.create(id);
        }
        ChangeTopicWriter opened = ChangeTopicWriter.open(kafka, id);
        writer = opened;
        try (BaseReading view = source.anchor()) {
            CaptureProgress start = CaptureProgress.startOf(source.identity(), 1, 0, view.position());
            ChangeRecorder first = recorder(opened, start, TableRegistry.load(opened.state()));
            first.baseOpened(first.expectBase("unused", PendingBase.BaseKind.REPLACES_ALL), view);
            read(first, start, TableRegistry.load(opened.state()));
        }
    }

    private ChangeRecorder recorder(ChangeTopicWriter opened, CaptureProgress progress, TableRegistry tables) {
        return new ChangeRecorder(
                id, source, opened, progress, tables, Clock.systemUTC(), (tag, appeared, rewritten) -> {});
    }

    private void read(ChangeRecorder started, CaptureProgress progress, TableRegistry tables) {
        started.begin(Optional.empty(), List.of());
        recorder = started;
        reading = source.read(progress.boundary(), tables.present(), this::accept);
    }

    /** From now on; takes the place of an earlier order. */
    void stopAfter(long events, Manner how) {
        manner = how;
        eventsLeft = events;
    }

    private synchronized void accept(List<LogEvent> batch) {
        for (LogEvent event : batch) {
            if (event instanceof LogEvent.Commit end) {
                attempted.put(end.nativeId(), end.position());
            }
        }
        long left = eventsLeft;
        if (batch.size() < left) {
            eventsLeft = left - batch.size();
            record(batch);
            return;
        }
        if (manner == Manner.WHILE_RECORDING) {
            stopDue = true;
            record(batch);
            return;
        }
        if (!stopDue) {
            stopDue = true;
            record(manner == Manner.BEHIND_A_BATCH ? batch.subList(0, (int) left) : torn(batch, (int) left));
        }
        throw new Stop();
    }

    private static List<LogEvent> torn(List<LogEvent> batch, int from) {
        return new AbstractList<>() {
            @Override
            public LogEvent get(int index) {
                if (index >= from) {
                    throw new Stop();
                }
                return batch.get(index);
            }

            @Override
            public int size() {
                return batch.size();
            }
        };
    }

    private void record(List<LogEvent> batch) {
        recorder.accept(batch);
        for (LogEvent event : batch) {
            if (event instanceof LogEvent.Commit end) {
                recorded.add(end.nativeId());
            } else if (event instanceof LogEvent.MarkerSeen marker && marker.name() != null) {
                recorded.add(marker.name());
            }
        }
    }

    /** Starts again if the stop that was ordered has come. */
    void restartIfStopped() {
        if (!stopDue) {
            return;
        }
        stops++;
        reading.close();
        eventsLeft = Long.MAX_VALUE;
        stopDue = false;
        ChangeTopicWriter old = writer;
        if (random.nextBoolean()) {
            old.close();
        }
        ChangeTopicWriter opened = ChangeTopicWriter.open(kafka, id);
        writer = opened;
        old.close(); // else it was fenced with its transaction open
        CaptureProgress stored = Json.read(opened.state(CaptureProgress.KEY).orElseThrow(), CaptureProgress.class);
        CaptureProgress progress = stored.on(source.requireResumable(stored.held()));
        TableRegistry tables = TableRegistry.load(opened.state());
        attempted.forEach((nativeId, end) -> { // a stop may hide that a batch was committed after all
            if (end.orderAgainst(progress.boundary()) != SourcePosition.Order.AFTER) {
                recorded.add(nativeId);
            }
        });
        read(recorder(opened, progress, tables), progress, tables);
        if (random.nextBoolean()) {
            reading.acknowledge(progress.boundary()); // the topic stands for the archive
        }
    }

    /** Returns when the transaction is recorded, or the stop that was ordered has come. */
    void awaitRecordedOrStopped(String nativeId) {
        await("transaction " + nativeId)
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(20))
                .until(() -> stopDue || failed() || recorded.contains(nativeId));
    }

    private boolean failed() {
        if (!stopDue && reading.failure().isPresent()) {
            throw new AssertionError(reading.failure().get());
        }
        return false;
    }

    /** Goes on until the transaction, and all before it, are recorded. */
    void awaitRecorded(String nativeId) {
        restartIfStopped();
        eventsLeft = Long.MAX_VALUE;
        awaitRecordedOrStopped(nativeId);
        while (!recorded.contains(nativeId)) {
            restartIfStopped();
            awaitRecordedOrStopped(nativeId);
        }
        assertThat(reading.failure()).isEmpty();
    }

    /** Goes on until everything committed so far is recorded. */
    void finish() {
        source.writeMarker("end", "round", Instant.EPOCH);
        awaitRecorded("end");
    }

    int stops() {
        return stops;
    }

    @Override
    public void close() {
        if (reading != null) {
            reading.close();
        }
        if (writer != null) {
            writer.close();
        }
    }
}
