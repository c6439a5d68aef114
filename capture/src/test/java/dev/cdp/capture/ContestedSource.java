package dev.cdp.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.cdp.capture.CaptureStatus.State;
import dev.cdp.capture.binlog.BinlogSource;
import dev.cdp.capture.postgres.PostgresSource;
import dev.cdp.capture.source.DatabaseAddress;
import dev.cdp.capture.source.SourceDatabase;
import dev.cdp.capture.source.TableScope;
import dev.cdp.core.ChangeEvent;
import dev.cdp.core.Engine;
import dev.cdp.core.SourceId;
import dev.cdp.core.archive.ArchiveAccess;
import dev.cdp.core.archive.ObjectStore;
import dev.cdp.core.topic.KafkaAccess;
import dev.cdp.testkit.services.TestDatabase;
import dev.cdp.testkit.services.TestKafka;
import dev.cdp.testkit.services.TestKafka.Door;
import dev.cdp.testkit.services.TestMariaDb;
import dev.cdp.testkit.services.TestPostgres;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.LongStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.jspecify.annotations.Nullable;

/**
 * A database under load, captured by services that each reach Kafka by a door of their own. Its writers number their
 * rows, so the change topic shows what is missing, there twice or misplaced.
 */
final class ContestedSource implements AutoCloseable {
    static final Duration PATIENCE = Duration.ofSeconds(120);

    private static final int WRITERS = 2;
    private static final long IDS_PER_WRITER = 1_000_000_000L;

    final SourceId id;
    private final SourceDatabase source;
    private final Engine engine;
    private final TestDatabase database;
    private final Path folder;
    private final String topics = TestKafka.shared().freshName("contested");
    private final ObjectStore archive;
    private final Replay replay;
    private final List<Running> all = new ArrayList<>();
    private final List<Thread> writers = new ArrayList<>();
    private final long[] written = new long[WRITERS];
    private volatile boolean writing = true;

    /** A capture that was started. */
    record Running(CaptureService service, Thread thread, Door door, AtomicReference<@Nullable Throwable> failure) {
        boolean isIn(State state) {
            return service.status().state() == state;
        }

        void awaitState(State state) {
            await(state + " instead of " + service.status())
                    .atMost(PATIENCE)
                    .until(() -> failure.get() != null || isIn(state));
            assertThat(failure.get()).isNull();
        }

        /** @return what it ended with, null if it was asked to stop */
        @Nullable
        Throwable awaitEnd() throws InterruptedException {
            thread.join(PATIENCE.toMillis());
            assertThat(thread.isAlive()).as("it goes on").isFalse();
            return failure.get();
        }
    }

    ContestedSource(Engine engine, Path folder) throws SQLException {
        this.engine = engine;
        this.folder = folder;
        boolean isPostgres = engine == Engine.POSTGRESQL;
        database = isPostgres
                ? TestPostgres.version15().createDatabase("contested")
                : TestMariaDb.shared().createDatabase("contested");
        id = new SourceId(database.name().replace('_', '-'));
        source = openSource();
        archive = ArchiveAccess.file(folder.resolve("archive")).open();
        database.execute("CREATE TABLE item (id bigint PRIMARY KEY, v int)");
        source.install();
        replay = new Replay(
                access(TestKafka.shared().bootstrapServers()), id, folder.resolve("archive"), folder.resolve("spill"));
    }

    private SourceDatabase openSource() {
        DatabaseAddress address = new DatabaseAddress(
                database.host(), database.port(), database.name(), database.user(), database.password());
        return engine == Engine.POSTGRESQL
                ? new PostgresSource(id, address, "cdp_" + database.name(), TableScope.ALL)
                : BinlogSource.mariaDb(id, address, TableScope.ALL);
    }

    private KafkaAccess access(String bootstrapServers) {
        return new KafkaAccess(bootstrapServers, topics, Map.of());
    }

    /** Starts one, as a process of its own would. */
    Running start(Door door) {
        AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
        CaptureService service = new CaptureService(
                new CaptureSettings(id, Duration.ofMillis(500), folder.resolve("staging-" + all.size()), 1 << 20, null),
                openSource(),
                access(TestKafka.shared().bootstrapServers(door)),
                archive,
                Clock.systemUTC());
        Thread thread = new Thread(
                () -> {
                    try {
                        service.run();
                    } catch (InterruptedException | RuntimeException e) {
                        failure.set(e);
                    }
                },
                "capture-" + all.size());
        Running running = new Running(service, thread, door, failure);
        all.add(running);
        thread.start();
        return running;
    }

    /** From now on the log alone tells of rows, so the first base must be there. */
    void startWriters() {
        for (int number = 0; number < WRITERS; number++) {
            int writer = number;
            Thread thread = new Thread(() -> write(writer), "writer-" + writer);
            writers.add(thread);
            thread.start();
        }
    }

    private void write(int writer) {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            for (long n = 0; writing; ) {
                for (int i = 0; i <= n % 4; i++) {
                    statement.execute("INSERT INTO item VALUES (" + (writer * IDS_PER_WRITER + n++) + ", " + i + ")");
                }
                connection.commit();
                written[writer] = n; // read when this thread has ended
                Thread.sleep(5);
            }
        } catch (SQLException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Ends whatever reads the log. */
    void endReaders() throws SQLException {
        if (engine == Engine.POSTGRESQL) {
            database.execute("SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE database = '"
                    + database.name() + "'");
            return;
        }
        for (List<@Nullable String> reader :
                database.query("SELECT ID FROM information_schema.PROCESSLIST WHERE COMMAND = 'Binlog Dump'")) {
            try {
                database.execute("KILL " + reader.get(0));
            } catch (SQLException endedMeanwhile) {
                assertThat(endedMeanwhile.getMessage()).contains("Unknown thread id");
            }
        }
    }

    /** Whose claim stands, null before the first. */
    @Nullable
    String claim() {
        Properties settings = new Properties();
        settings.put("bootstrap.servers", TestKafka.shared().bootstrapServers());
        settings.put("isolation.level", "read_committed");
        TopicPartition state = new TopicPartition(access("").stateTopic(id), 0);
        String claim = null;
        try (KafkaConsumer<String, byte[]> consumer =
                new KafkaConsumer<>(settings, new StringDeserializer(), new ByteArrayDeserializer())) {
            consumer.assign(List.of(state));
            consumer.seekToBeginning(List.of(state));
            long end = consumer.endOffsets(List.of(state)).get(state);
            while (consumer.position(state) < end) {
                for (ConsumerRecord<String, byte[]> record : consumer.poll(Duration.ofMillis(200))) {
                    if (record.key().equals("cdp.writer")) {
                        claim = new String(record.value(), StandardCharsets.UTF_8);
                    }
                }
            }
        }
        return claim;
    }

    /** Returns when everything committed so far is in the topic. */
    void awaitCaptured(Running running, String marker) {
        source.writeMarker(marker, "round", Instant.now());
        await("marker " + marker).atMost(PATIENCE).until(() -> {
            replay.poll();
            if (running.failure().get() != null) {
                throw new AssertionError(running.failure().get());
            }
            return replay.sawMarker(marker);
        });
    }

    /** Ends the load and compares: every row once and in its order, in one history without a gap. */
    void requireEverythingOnce(Running running, String what) throws InterruptedException {
        writing = false;
        for (Thread writer : writers) {
            writer.join();
        }
        awaitCaptured(running, "end");
        Map<Long, List<Long>> recorded = new TreeMap<>();
        for (ChangeEvent.RowChange change : replay.events(ChangeEvent.RowChange.class)) {
            long row = (Long) change.after().value(0);
            recorded.computeIfAbsent(row / IDS_PER_WRITER, writer -> new ArrayList<>())
                    .add(row % IDS_PER_WRITER);
        }
        for (int writer = 0; writer < writers.size(); writer++) {
            assertThat(recorded.get((long) writer))
                    .as("%s, writer %s", what, writer)
                    .containsExactlyElementsOf(
                            LongStream.range(0, written[writer]).boxed().toList());
        }
        assertThat(replay.events(ChangeEvent.Gap.class)).as(what).isEmpty();
        assertThat(replay.events(ChangeEvent.BaseSnapshot.class)).as(what).hasSize(1);
    }

    @Override
    public void close() {
        writing = false;
        all.forEach(running -> running.service().stop());
        try {
            for (Running running : all) {
                running.awaitEnd();
            }
            for (Thread writer : writers) {
                writer.join();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        replay.close();
        source.uninstall();
        archive.close();
    }
}
