package dev.cdp.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.cdp.capture.postgres.PostgresSource;
import dev.cdp.capture.source.DatabaseAddress;
import dev.cdp.capture.source.TableScope;
import dev.cdp.core.CdpException;
import dev.cdp.core.ChangeEvent;
import dev.cdp.core.SourceId;
import dev.cdp.core.TableName;
import dev.cdp.core.archive.ArchiveAccess;
import dev.cdp.core.archive.ObjectStore;
import dev.cdp.core.definition.SequenceValue;
import dev.cdp.core.topic.KafkaAccess;
import dev.cdp.testkit.services.TestDatabase;
import dev.cdp.testkit.services.TestKafka;
import dev.cdp.testkit.services.TestPostgres;
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
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Capture of a PostgreSQL database, judged by replaying what it wrote and comparing with the tables themselves. */
class PostgresCaptureIT {
    private static final Duration PATIENCE = Duration.ofSeconds(40);

    @TempDir
    Path folder;

    private TestDatabase database;
    private SourceId id;
    private PostgresSource source;
    private KafkaAccess kafka;
    private ObjectStore archive;
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    private @Nullable CaptureService service;
    private @Nullable Thread running;
    private Replay replay;

    @BeforeEach
    void prepare() throws SQLException {
        prepare(TestPostgres.version15());
    }

    private void prepare(TestPostgres server) throws SQLException {
        database = server.createDatabase("capture");
        id = new SourceId(database.name().replace('_', '-'));
        source = new PostgresSource(
                id,
                new DatabaseAddress(
                        database.host(), database.port(), database.name(), database.user(), database.password()),
                "cdp_" + database.name(),
                TableScope.ALL);
        kafka = new KafkaAccess(TestKafka.shared().bootstrapServers(), "cdp", Map.of());
        archive = ArchiveAccess.file(folder.resolve("archive")).open();
        database.execute(
                "CREATE TABLE account (id bigint PRIMARY KEY, name text, amount numeric, big text)",
                "ALTER TABLE account ALTER big SET STORAGE EXTERNAL",
                "CREATE TABLE log (note text, n int)",
                "ALTER TABLE log REPLICA IDENTITY FULL",
                "CREATE TABLE scratch (id int PRIMARY KEY, v timestamptz DEFAULT now())",
                "INSERT INTO account SELECT i, 'account ' || i, i * 1.50, repeat('x', 5000) FROM generate_series(1, 500) i",
                "INSERT INTO log SELECT 'same', 1 FROM generate_series(1, 10)");
    }

    @AfterEach
    void stop() throws InterruptedException {
        stopCapture();
        if (replay != null) {
            replay.close();
        }
        source.uninstall();
        archive.close();
    }

    @Test
    void replaysToTheTablesAfterRestartsAmongInterleavedWriters() throws Exception {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        source.install();
        AtomicBoolean writing = new AtomicBoolean(true);
        List<Thread> writers = List.of(writer(1, seed, writing), writer(2, seed, writing));
        int restarts = 5;
        for (int i = 0; i < restarts; i++) {
            startCapture();
            Thread.sleep(700 + random.nextInt(1500));
            if (i % 2 == 0) {
                stopCapture();
            } else {
                database.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_replication"
                        + " WHERE pid IN (SELECT active_pid FROM pg_replication_slots WHERE database = '"
                        + database.name() + "')");
                Thread.sleep(1000); // the supervisor starts again by itself
                stopCapture();
            }
        }
        startCapture();
        writing.set(false);
        for (Thread writer : writers) {
            writer.join();
        }
        awaitMarker("end");

        System.out.printf(
                "seed %d: %d transactions, %d changes, %d starts of the stream%n",
                seed,
                replay.transactionCount(),
                replay.events(ChangeEvent.RowChange.class).size(),
                replay.events(ChangeEvent.StreamStart.class).size());
        assertThat(failure.get()).isNull();
        assertThat(replay.events(ChangeEvent.Gap.class)).isEmpty();
        assertSameRows("seed " + seed, "account", "log", "scratch");
        assertThat(replay.events(ChangeEvent.StreamStart.class).size()).isGreaterThan(restarts);
    }

    @Test
    void followsDefinitionChangesWhileRowsAreWritten() throws Exception {
        prepare(TestPostgres.version18());
        source.install();
        startCapture();
        awaitMarker("base");
        database.execute(
                "UPDATE account SET amount = -1 WHERE id < 10",
                "ALTER TABLE account ADD COLUMN kind text DEFAULT 'it''s old', ADD COLUMN n int",
                "INSERT INTO account (id, name) VALUES (1001, 'after the column')",
                "ALTER TABLE account RENAME COLUMN name TO label",
                "UPDATE account SET label = 'renamed', id = id + 5000 WHERE id BETWEEN 20 AND 30",
                "ALTER TABLE account DROP COLUMN amount",
                "UPDATE account SET n = 3 WHERE id < 5",
                "CREATE SEQUENCE numbers",
                "SELECT setval('numbers', 42)",
                "ALTER TABLE log RENAME TO journal",
                "INSERT INTO journal VALUES ('after the rename', 2)",
                "CREATE TABLE fresh (id int PRIMARY KEY, t text)",
                "INSERT INTO fresh VALUES (1, 'a')",
                "CREATE TABLE late AS SELECT i AS id, 'late ' || i AS t FROM generate_series(1, 50) i",
                "ALTER TABLE late ADD PRIMARY KEY (id)",
                "UPDATE late SET t = 'changed' WHERE id = 7",
                "ALTER TABLE scratch ALTER v TYPE text USING 'was ' || v",
                "INSERT INTO scratch VALUES (77, 'text now')",
                "ALTER TABLE account ALTER kind TYPE varchar(100)",
                "UPDATE account SET kind = 'between' WHERE id = 40",
                "ALTER TABLE account ALTER kind TYPE varchar(200)",
                "ALTER TABLE account ADD COLUMN twice int GENERATED ALWAYS AS (n * 2) STORED",
                "UPDATE account SET n = 8 WHERE id = 41",
                "TRUNCATE fresh",
                "INSERT INTO fresh VALUES (2, 'b')",
                "DROP TABLE IF EXISTS nothing",
                "CREATE SCHEMA other; CREATE TABLE other.t (id int PRIMARY KEY); INSERT INTO other.t VALUES (1)",
                "CREATE TABLE gone (id int PRIMARY KEY); INSERT INTO gone VALUES (1)",
                "DROP TABLE gone");
        awaitMarker("changed");
        await().atMost(PATIENCE).untilAsserted(() -> {
            replay.poll();
            assertSameRows("after the changes", "account", "journal", "scratch", "fresh", "late");
        });

        assertThat(replay.events(ChangeEvent.DefinitionRead.class).size()).isGreaterThan(1);
        assertThat(replay.events(ChangeEvent.DefinitionRead.class))
                .allSatisfy(definition -> assertThat(definition.json())
                        .doesNotContain("cdp.marker")
                        .doesNotContain("cdp_ddl")
                        .doesNotContain("publication cdp"));
        assertThat(replay.events(ChangeEvent.SequencesRead.class)).anySatisfy(read -> assertThat(read.values())
                .contains(new SequenceValue(SequenceValue.Kind.SEQUENCE, "public", "numbers", 42, true)));
        assertThat(replay.rows(new TableName("other", "t"))).containsExactly("1");
        // Our trigger must not make a statement fail, whatever happens to it.
        database.execute("ALTER TABLE cdp.ddl ADD CHECK (tag <> 'CREATE VIEW')", "CREATE VIEW v AS SELECT 1 AS one");
        assertThat(failure.get()).isNull();
        assertThat(replay.events(ChangeEvent.TableDropped.class)).hasSize(1);
        assertThat(replay.events(ChangeEvent.DdlStatement.class))
                .extracting(ChangeEvent.DdlStatement::tag)
                .contains("ALTER TABLE", "CREATE TABLE", "CREATE TABLE AS", "DROP TABLE", "CREATE SCHEMA");
        stopCapture();
        startCapture();
        database.execute("INSERT INTO account (id, kind) VALUES (2002, 'after a restart')");
        awaitMarker("restarted");
        assertSameRows("after a restart", "account", "journal", "scratch", "fresh", "late");
    }

    @Test
    void beginsANewEpochBehindAGapWhenTheSlotIsGone() throws Exception {
        source.install();
        startCapture();
        awaitMarker("base");
        stopCapture();
        database.execute(
                "SELECT pg_drop_replication_slot('cdp_" + database.name() + "')",
                "DELETE FROM account WHERE id % 2 = 0",
                "INSERT INTO log VALUES ('nobody saw this', 3)");
        startCapture();
        awaitMarker("again");

        assertThat(replay.events(ChangeEvent.Gap.class)).singleElement().satisfies(gap -> assertThat(gap.reason())
                .contains("replication slot 'cdp_" + database.name() + "' is gone"));
        assertSameRows("in the new epoch", "account", "log", "scratch");
    }

    @Test
    void leavesNothingBehindAndSaysWhatIsMissing() throws Exception {
        assertThat(source.installStatements()).isNotEmpty();
        startCapture();
        await().atMost(PATIENCE).until(() -> failure.get() != null);
        assertThat(failure.get())
                .isInstanceOf(CdpException.class)
                .hasMessageContaining("the schema cdp is missing, the publication cdp is missing");

        source.install();
        assertThat(source.installStatements()).isEmpty();
        database.execute("CREATE TABLE keyless (a int)", "CREATE UNLOGGED TABLE quick (id int PRIMARY KEY)");
        assertThat(source.check())
                .filteredOn(finding -> finding.verdict() != CheckFinding.Verdict.OK)
                .extracting(CheckFinding::check)
                .containsExactlyInAnyOrder("replica-identity", "unlogged");
        database.execute("INSERT INTO keyless VALUES (1)", "UPDATE keyless SET a = 2");

        source.uninstall();

        assertThat(database.query("SELECT nspname FROM pg_namespace WHERE nspname = 'cdp'"))
                .isEmpty();
        assertThat(database.query("SELECT evtname FROM pg_event_trigger")).isEmpty();
        assertThat(database.query("SELECT pubname FROM pg_publication")).isEmpty();
    }

    private void startCapture() {
        failure.set(null);
        CaptureService started = new CaptureService(
                new CaptureSettings(id, Duration.ofMillis(500), folder.resolve("staging"), 1 << 20),
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

    private void stopCapture() throws InterruptedException {
        if (service != null && running != null) {
            service.stop();
            running.join();
        }
    }

    private void awaitMarker(String name) {
        await("reading").atMost(PATIENCE).until(() -> failure.get() != null || isReading());
        source.writeMarker(name, "round", Instant.now());
        await("marker " + name).atMost(PATIENCE).until(() -> {
            if (failure.get() != null) {
                throw new AssertionError(failure.get());
            }
            if (replay == null) {
                replay = new Replay(kafka, id, folder.resolve("archive"), folder.resolve("spill"));
            }
            replay.poll();
            return replay.sawMarker(name) && service.status().state() == CaptureStatus.State.STREAMING;
        });
    }

    private boolean isReading() {
        CaptureStatus.State state = service.status().state();
        return state == CaptureStatus.State.COPYING || state == CaptureStatus.State.STREAMING;
    }

    private void assertSameRows(String when, String... tables) throws SQLException {
        for (String table : tables) {
            List<String> actual = new ArrayList<>();
            try (Connection connection = database.connect();
                    Statement statement = connection.createStatement()) {
                statement.execute("SET TimeZone = 'UTC'");
                try (var row = statement.executeQuery("SELECT " + written(table) + " FROM " + table)) {
                    while (row.next()) {
                        List<String> values = new ArrayList<>();
                        for (int i = 1; i <= row.getMetaData().getColumnCount(); i++) {
                            values.add(row.getString(i));
                        }
                        actual.add(String.join("|", values));
                    }
                }
            }
            actual.sort(null);
            assertThat(replay.rows(new TableName("public", table)))
                    .as("%s %s", table, when)
                    .containsExactlyElementsOf(actual);
        }
    }

    /** Computed columns are not archived. */
    private @Nullable String written(String table) throws SQLException {
        return database.queryValue("SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute"
                + " WHERE attrelid = '" + table
                + "'::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''");
    }

    private Thread writer(int number, long seed, AtomicBoolean writing) {
        Random random = new Random(seed + number);
        Thread writer = new Thread(() -> {
            try (Connection connection = database.connect();
                    Statement statement = connection.createStatement()) {
                connection.setAutoCommit(false);
                long next = number * 1_000_000L;
                while (writing.get()) {
                    for (int changes = 1 + random.nextInt(10); changes > 0; changes--) {
                        long some = 1 + random.nextInt(250) + (number - 1) * 250L; // writers do not wait for each other
                        statement.execute(
                                switch (random.nextInt(8)) {
                                    case 0, 1 ->
                                        "INSERT INTO account VALUES (" + next++ + ", 'new', 0.10, repeat('y', 3000))";
                                    case 2 -> "UPDATE account SET amount = amount + 1.25 WHERE id = " + some;
                                    case 3 -> "UPDATE account SET big = NULL, name = NULL WHERE id = " + some;
                                    case 4 ->
                                        "UPDATE account SET id = " + next++ + " WHERE id = "
                                                + (next - 1 - random.nextInt(5));
                                    case 5 -> "DELETE FROM account WHERE id = " + (next - 1);
                                    case 6 -> "INSERT INTO log VALUES ('by " + number + "', " + random.nextInt(3) + ")";
                                    default ->
                                        "DELETE FROM log WHERE ctid IN (SELECT ctid FROM log WHERE note = 'by " + number
                                                + "' LIMIT 1)";
                                });
                        Thread.sleep(random.nextInt(5));
                    }
                    if (random.nextInt(8) == 0) {
                        connection.rollback();
                    } else {
                        connection.commit();
                    }
                    if (number == 1 && random.nextInt(40) == 0) {
                        statement.execute("TRUNCATE scratch");
                        statement.execute("INSERT INTO scratch VALUES (" + random.nextInt(10) + ")");
                        connection.commit();
                    }
                }
            } catch (SQLException | InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        writer.start();
        return writer;
    }
}
