package dev.cdp.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.cdp.capture.postgres.PostgresSource;
import dev.cdp.capture.source.DatabaseAddress;
import dev.cdp.capture.source.TableScope;
import dev.cdp.core.ChangeEvent;
import dev.cdp.core.SourceId;
import dev.cdp.core.TableName;
import dev.cdp.core.archive.ArchiveAccess;
import dev.cdp.core.archive.ObjectStore;
import dev.cdp.core.topic.KafkaAccess;
import dev.cdp.testkit.services.TestDatabase;
import dev.cdp.testkit.services.TestKafka;
import dev.cdp.testkit.services.TestPostgres;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
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
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** A database of its own, captured, and the replay of what capture wrote. */
final class CapturedPostgres implements AutoCloseable {
    static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Path folder;
    private final TestDatabase database;
    private final SourceId id;
    private final PostgresSource source;
    private final KafkaAccess kafka;
    private final ObjectStore archive;
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    private volatile CountDownLatch baseFilesMayGo = new CountDownLatch(0);
    private @Nullable CaptureService service;
    private @Nullable Thread running;
    private @Nullable Replay replay;

    CapturedPostgres(TestPostgres server, Path folder) throws SQLException {
        this.folder = folder;
        database = server.createDatabase("capture");
        id = new SourceId(database.name().replace('_', '-'));
        source = new PostgresSource(
                id,
                new DatabaseAddress(
                        database.host(), database.port(), database.name(), database.user(), database.password()),
                slot(),
                TableScope.ALL);
        kafka = new KafkaAccess(
                TestKafka.shared().bootstrapServers(), TestKafka.shared().freshName("cdp"), Map.of());
        archive = held(ArchiveAccess.file(folder.resolve("archive")).open());
    }

    /** Files written into it wait for {@link #baseFilesMayGo}. */
    private ObjectStore held(ObjectStore store) {
        return (ObjectStore) Proxy.newProxyInstance(
                ObjectStore.class.getClassLoader(), new Class<?>[] {ObjectStore.class}, (proxy, method, args) -> {
                    if (method.getName().equals("put")) {
                        baseFilesMayGo.await();
                    }
                    try {
                        return method.invoke(store, args);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    /** Keeps bases from being complete until {@link #releaseBaseFiles}. */
    void holdBaseFiles() {
        baseFilesMayGo = new CountDownLatch(1);
    }

    void releaseBaseFiles() {
        baseFilesMayGo.countDown();
    }

    TestDatabase database() {
        return database;
    }

    PostgresSource source() {
        return source;
    }

    String slot() {
        return "cdp_" + database.name();
    }

    @Nullable
    Throwable failure() {
        return failure.get();
    }

    void start() {
        failure.set(null);
        CaptureService started = new CaptureService(
                new CaptureSettings(id, Duration.ofMillis(500), folder.resolve("staging"), 1 << 20, null),
                source,
                kafka,
                archive,
                Clock.systemUTC());
        Thread thread = new Thread(() -> {
            try {
                started.run();
            } catch (InterruptedException | RuntimeException e) {
                failure.set(e);
            }
        });
        thread.start();
        service = started;
        running = thread;
    }

    void stop() throws InterruptedException {
        if (service != null && running != null) {
            service.stop();
            running.join();
        }
    }

    /** The server notices a moment later that its reader is gone. */
    void awaitSlotFree() {
        await("slot").atMost(PATIENCE).until(() -> "f"
                .equals(database.queryValue(
                        "SELECT active FROM pg_replication_slots WHERE slot_name = '" + slot() + "'")));
    }

    /** Everything that is in the topic by now. */
    Replay replay() {
        if (replay == null) {
            replay = new Replay(kafka, id, folder.resolve("archive"), folder.resolve("spill"));
        }
        replay.poll();
        return replay;
    }

    <T extends ChangeEvent> List<T> events(Class<T> kind) {
        return replay().events(kind);
    }

    /** Returns when everything committed so far is in the topic and no base is being taken. */
    void awaitMarker(String name) {
        await("reading")
                .atMost(PATIENCE)
                .until(() -> failure.get() != null
                        || isIn(CaptureStatus.State.COPYING)
                        || isIn(CaptureStatus.State.STREAMING));
        source.writeMarker(name, "round", Instant.now());
        await("marker " + name).atMost(PATIENCE).until(() -> {
            if (failure.get() != null) {
                throw new AssertionError(failure.get());
            }
            return replay().sawMarker(name) && isIn(CaptureStatus.State.STREAMING);
        });
    }

    CaptureStatus status() {
        return service == null ? CaptureStatus.INITIAL : service.status();
    }

    List<CheckFinding> findings() {
        return service == null ? List.of() : service.findings();
    }

    boolean isIn(CaptureStatus.State state) {
        return service != null && service.status().state() == state;
    }

    /** Bases of epochs and of changed tables come into the topic a moment after markers, so this waits. */
    void awaitSameRows(String when, String... tables) {
        await().atMost(PATIENCE).untilAsserted(() -> assertSameRows(when, tables));
    }

    private void assertSameRows(String when, String... tables) throws SQLException {
        for (String table : tables) {
            assertThat(replay().rows(new TableName("public", table)))
                    .as("%s %s", table, when)
                    .containsExactlyElementsOf(rows(table));
        }
    }

    private List<String> rows(String table) throws SQLException {
        List<String> rows = new ArrayList<>();
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("SET TimeZone = 'UTC'");
            try (var row = statement.executeQuery("SELECT " + written(table) + " FROM " + table)) {
                while (row.next()) {
                    List<String> values = new ArrayList<>();
                    for (int i = 1; i <= row.getMetaData().getColumnCount(); i++) {
                        values.add(row.getString(i));
                    }
                    rows.add(String.join("|", values));
                }
            }
        }
        rows.sort(null);
        return rows;
    }

    /** Computed columns are not archived. */
    private @Nullable String written(String table) throws SQLException {
        return database.queryValue("SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute"
                + " WHERE attrelid = '" + table
                + "'::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''");
    }

    @Override
    public void close() {
        releaseBaseFiles();
        try {
            stop();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (replay != null) {
            replay.close();
        }
        source.uninstall();
        archive.close();
    }
}
