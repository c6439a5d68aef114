package dev.cdp.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.cdp.capture.binlog.BinlogSource;
import dev.cdp.capture.source.DatabaseAddress;
import dev.cdp.capture.source.TableScope;
import dev.cdp.core.CdpException;
import dev.cdp.core.ChangeEvent;
import dev.cdp.core.SourceId;
import dev.cdp.core.TableName;
import dev.cdp.core.archive.ArchiveAccess;
import dev.cdp.core.archive.ObjectStore;
import dev.cdp.core.topic.KafkaAccess;
import dev.cdp.testkit.services.TestDatabase;
import dev.cdp.testkit.services.TestKafka;
import dev.cdp.testkit.services.TestMariaDb;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLTransactionRollbackException;
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

/** Capture of a MariaDB database, judged by replaying what it wrote and comparing with the tables themselves. */
class MariaDbCaptureIT {
    private static final Duration PATIENCE = Duration.ofSeconds(40);

    @TempDir
    Path folder;

    private TestDatabase database;
    private SourceId id;
    private BinlogSource source;
    private KafkaAccess kafka;
    private ObjectStore archive;
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    private @Nullable CaptureService service;
    private @Nullable Thread running;
    private @Nullable Replay replay;

    @BeforeEach
    void prepare() throws SQLException {
        database = TestMariaDb.shared().createDatabase("capture");
        prepareSource();
        database.execute(
                "CREATE TABLE account (id bigint PRIMARY KEY, name text, amount decimal(12,2), big longtext)",
                "CREATE TABLE log (note text, n int)",
                "CREATE TABLE scratch (id int PRIMARY KEY, v timestamp DEFAULT now())",
                "INSERT INTO account SELECT seq, CONCAT('account ', seq), seq * 1.50, REPEAT('x', 5000) FROM seq_1_to_500",
                "INSERT INTO log SELECT 'same', 1 FROM seq_1_to_10");
    }

    private void prepareSource() {
        id = new SourceId("maria-" + database.name().replace('_', '-'));
        source = BinlogSource.mariaDb(
                id,
                new DatabaseAddress(
                        database.host(), database.port(), database.name(), database.user(), database.password()),
                TableScope.ALL);
        kafka = new KafkaAccess(TestKafka.shared().bootstrapServers(), "cdp", Map.of());
        archive = ArchiveAccess.file(folder.resolve("archive")).open();
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
        takeBaseAmongWriters(seed); // so that what follows is told by the log alone
        AtomicBoolean writing = new AtomicBoolean(true);
        List<Thread> writers = List.of(writer(1, seed, writing), writer(2, seed, writing));
        int restarts = 5;
        for (int i = 0; i < restarts; i++) {
            startCapture();
            Thread.sleep(700 + random.nextInt(1500));
            if (i % 2 == 1) {
                endReaders();
                Thread.sleep(1500); // the supervisor starts again by itself
            }
            stopCapture();
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
        assertThat(replay.events(ChangeEvent.BaseSnapshot.class)).hasSize(1);
        awaitSameRows("seed " + seed, "account", "log", "scratch");
        assertThat(replay.events(ChangeEvent.StreamStart.class).size()).isGreaterThan(restarts);
    }

    private void takeBaseAmongWriters(long seed) throws Exception {
        AtomicBoolean writing = new AtomicBoolean(true);
        List<Thread> writers = List.of(writer(3, seed, writing), writer(4, seed, writing));
        startCapture();
        awaitMarker("base");
        writing.set(false);
        for (Thread writer : writers) {
            writer.join();
        }
        awaitMarker("behind the base");
        awaitSameRows("behind the base, seed " + seed, "account", "log");
        stopCapture();
    }

    @Test
    void followsDefinitionChangesWhileRowsAreWritten() throws Exception {
        source.install();
        startCapture();
        awaitMarker("base");
        database.execute(
                "UPDATE account SET amount = -1 WHERE id < 10",
                "ALTER TABLE account ADD COLUMN kind varchar(30) DEFAULT 'it''s old', ADD COLUMN n int",
                "INSERT INTO account (id, name) VALUES (1001, 'after the column')",
                "ALTER TABLE account RENAME COLUMN name TO label",
                "UPDATE account SET label = 'renamed', id = id + 5000 WHERE id BETWEEN 20 AND 30",
                "ALTER TABLE account DROP COLUMN amount, ADD INDEX (n)",
                "UPDATE account SET n = 3 WHERE id < 5",
                "RENAME TABLE log TO journal",
                "INSERT INTO journal VALUES ('after the rename', 2)",
                "CREATE TABLE fresh (id int PRIMARY KEY, t text)",
                "INSERT INTO fresh VALUES (1, 'a')",
                "CREATE TABLE late (PRIMARY KEY (id)) AS SELECT seq AS id, CONCAT('late ', seq) AS t FROM seq_1_to_50",
                "UPDATE late SET t = 'changed' WHERE id = 7",
                "ALTER TABLE scratch MODIFY v varchar(40)",
                "INSERT INTO scratch VALUES (77, 'text now')",
                "TRUNCATE fresh",
                "INSERT INTO fresh VALUES (2, 'b')",
                "DROP TABLE IF EXISTS nothing",
                "CREATE OR REPLACE TABLE fresh (id int PRIMARY KEY, other inet6)",
                "INSERT INTO fresh VALUES (2, '::1')",
                "CREATE VIEW accounts AS SELECT id FROM account",
                "CREATE SEQUENCE numbers",
                "SELECT nextval(numbers)",
                "CREATE TABLE gone (id int PRIMARY KEY)",
                "INSERT INTO gone VALUES (1)",
                "DROP TABLE gone");
        awaitMarker("changed");
        await().atMost(PATIENCE).untilAsserted(() -> {
            replay.poll();
            assertSameRows("after the changes", "account", "journal", "scratch", "fresh", "late");
        });

        assertThat(failure.get()).isNull();
        assertThat(replay.events(ChangeEvent.DdlStatement.class))
                .extracting(ChangeEvent.DdlStatement::tag)
                .contains("ALTER TABLE", "CREATE TABLE", "RENAME TABLE", "DROP TABLE", "CREATE VIEW");
        stopCapture();
        startCapture();
        database.execute("INSERT INTO account (id, kind) VALUES (2002, 'after a restart')");
        awaitMarker("restarted");
        awaitSameRows("after a restart", "account", "journal", "scratch", "fresh", "late");
    }

    @Test
    void decodesWhatWasWrittenBeforeADefinitionChangedWhileCaptureWasDown() throws Exception {
        source.install();
        startCapture();
        awaitMarker("base");
        stopCapture();
        database.execute(
                "INSERT INTO account VALUES (901, 'before', 1.10, NULL)",
                "UPDATE log SET n = 7 LIMIT 3",
                "ALTER TABLE account DROP COLUMN big",
                "INSERT INTO account VALUES (902, 'between', 2.20)",
                "ALTER TABLE account ADD COLUMN amount2 double AFTER id",
                "ALTER TABLE account MODIFY name varchar(200)",
                "ALTER TABLE log ADD COLUMN first int FIRST",
                "INSERT INTO account VALUES (903, 0.1, 'after', 3.30)",
                "INSERT INTO log VALUES (1, 'after', 2)",
                "DROP TABLE scratch",
                "CREATE TABLE scratch (id int PRIMARY KEY, v bigint unsigned)",
                "INSERT INTO scratch VALUES (1, 18446744073709551615)");
        startCapture();
        awaitMarker("later");
        await().atMost(PATIENCE).untilAsserted(() -> {
            replay.poll();
            assertSameRows("after the changes", "account", "log", "scratch");
        });

        List<String> written = replay.events(ChangeEvent.RowChange.class).stream()
                .map(ChangeEvent.RowChange::after)
                .filter(row -> row != null && row.size() > 0 && row.value(0) instanceof Long key && key > 900)
                .map(row -> row.toList().toString())
                .toList();
        assertThat(written).startsWith("[901, before, 1.10, null]", "[902, between, 2.20]");
        assertThat(failure.get()).isNull();
    }

    @Test
    void takesANewBaseOfTablesThatForeignKeysChangeUnseen() throws Exception {
        database.execute(
                "CREATE TABLE parent (id int PRIMARY KEY, v int)",
                "CREATE TABLE child (id int PRIMARY KEY, p int, FOREIGN KEY (p) REFERENCES parent (id) ON DELETE CASCADE)",
                "CREATE TABLE grandchild (id int PRIMARY KEY, c int,"
                        + " FOREIGN KEY (c) REFERENCES child (id) ON DELETE SET NULL)",
                "INSERT INTO parent VALUES (1, 1), (2, 2)",
                "INSERT INTO child VALUES (10, 1), (20, 2)",
                "INSERT INTO grandchild VALUES (100, 10), (200, 20)");
        source.install();
        startCapture();
        awaitMarker("base");
        database.execute("UPDATE parent SET v = 3 WHERE id = 2");
        awaitMarker("harmless");
        assertThat(replay.events(ChangeEvent.Gap.class)).isEmpty();

        database.execute("DELETE FROM parent WHERE id = 1");
        awaitMarker("cascaded");
        await().atMost(PATIENCE).untilAsserted(() -> {
            replay.poll();
            assertSameRows("after the cascade", "parent", "child", "grandchild");
        });

        assertThat(replay.events(ChangeEvent.Gap.class)).singleElement().satisfies(gap -> assertThat(gap.tables())
                .extracting(TableName::name)
                .containsExactlyInAnyOrder("child", "grandchild"));
    }

    @Test
    void leavesOutWhatWasRolledBackAlthoughItStandsInTheLog() throws Exception {
        source.install();
        startCapture();
        awaitMarker("base");
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false); // a temporary table keeps the server from taking rows out of its log
            statement.execute("INSERT INTO log VALUES ('stays', 1)");
            statement.execute("CREATE TEMPORARY TABLE passing (id int)");
            statement.execute("SAVEPOINT here");
            statement.execute("INSERT INTO log VALUES ('goes', 2)");
            statement.execute("ROLLBACK TO SAVEPOINT here");
            statement.execute("INSERT INTO log VALUES ('stays as well', 3)");
            statement.execute("DROP TEMPORARY TABLE passing");
            connection.commit();
            statement.execute("INSERT INTO log VALUES ('goes with all', 4)");
            statement.execute("CREATE TEMPORARY TABLE passing (id int)");
            connection.rollback();
        }
        awaitMarker("rolled back");

        assertThat(failure.get()).isNull();
        awaitSameRows("after the rollbacks", "log");
        assertThat(replay.rows(new TableName(database.name(), "log")))
                .contains("stays|1", "stays as well|3")
                .doesNotContain("goes|2", "goes with all|4");
    }

    @Test
    void goesOnAfterTheServerWasKilled(@TempDir Path serverFolder) throws Exception {
        TestDatabase shared = database;
        try (TestMariaDb server = TestMariaDb.start(serverFolder)) {
            database = server.createDatabase("killed");
            prepareSource();
            database.execute("CREATE TABLE account (id bigint PRIMARY KEY AUTO_INCREMENT, v text)");
            source.install();
            startCapture();
            awaitMarker("base");
            database.execute("INSERT INTO account (v) VALUES ('before')");
            server.server().kill();
            await("the loss is noticed")
                    .atMost(PATIENCE)
                    .until(() -> service.status().state() == CaptureStatus.State.WAITING);
            server.server().restart();
            database.execute("INSERT INTO account (v) VALUES ('after')");
            awaitMarker("again");

            assertThat(failure.get()).isNull();
            assertThat(replay.events(ChangeEvent.Gap.class)).isEmpty();
            assertSameRows("after the kill", "account");
            stopCapture();
        }
        database = shared;
        prepareSource();
    }

    @Test
    void beginsANewEpochBehindAGapWhenTheBinaryLogIsGone() throws Exception {
        source.install();
        startCapture();
        awaitMarker("base");
        stopCapture();
        database.execute(
                "DELETE FROM account WHERE id % 2 = 0",
                "FLUSH BINARY LOGS", "INSERT INTO log VALUES ('nobody saw this', 3)", "FLUSH BINARY LOGS");
        String newest = database.query("SHOW MASTER STATUS").get(0).get(0);
        await("the old log is let go").atMost(PATIENCE).ignoreExceptions().until(() -> {
            database.execute("PURGE BINARY LOGS TO '" + newest + "'");
            return database.query("SHOW BINARY LOGS").get(0).get(0).equals(newest);
        });
        startCapture();
        awaitMarker("again");

        assertThat(replay.events(ChangeEvent.Gap.class)).singleElement().satisfies(gap -> assertThat(gap.reason())
                .contains("was removed; the oldest is " + newest));
        awaitSameRows("in the new epoch", "account", "log", "scratch");
    }

    @Test
    void leavesNothingBehindAndSaysWhatIsMissing() throws Exception {
        assertThat(source.installStatements()).isNotEmpty();
        startCapture();
        await().atMost(PATIENCE).until(() -> failure.get() != null);
        assertThat(failure.get()).isInstanceOf(CdpException.class).hasMessageContaining("is missing");

        source.install();
        assertThat(source.installStatements()).isEmpty();
        database.execute(
                "CREATE TABLE quick (a int) ENGINE=MyISAM",
                "CREATE TABLE child (id int PRIMARY KEY, a bigint REFERENCES account (id) ON DELETE CASCADE)");
        assertThat(source.check())
                .filteredOn(finding -> finding.verdict() != CheckFinding.Verdict.OK)
                .extracting(finding -> finding.check() + " " + finding.verdict())
                .containsExactlyInAnyOrder("table-engine FAILED", "table-cascade WARNING", "sync-binlog WARNING");

        source.uninstall();

        assertThat(database.query("SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = 'cdp'"
                        + " AND TABLE_NAME LIKE '%" + database.name().replace('_', '-') + "'"))
                .isEmpty();
    }

    private void startCapture() {
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

    private void stopCapture() throws InterruptedException {
        if (service != null && running != null) {
            service.stop();
            running.join();
        }
    }

    /** Has the server end the connections that read the binary log. */
    private void endReaders() throws SQLException {
        for (List<@Nullable String> reader :
                database.query("SELECT ID FROM information_schema.PROCESSLIST WHERE COMMAND = 'Binlog Dump'")) {
            database.execute("KILL " + reader.get(0));
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

    /** Bases of epochs and of changed tables come into the topic a moment after markers, so this waits. */
    private void awaitSameRows(String when, String... tables) {
        await().atMost(PATIENCE).untilAsserted(() -> {
            replay.poll();
            assertSameRows(when, tables);
        });
    }

    private void assertSameRows(String when, String... tables) throws SQLException {
        for (String table : tables) {
            List<String> actual = new ArrayList<>();
            try (Connection connection = database.connect();
                    Statement statement = connection.createStatement()) {
                statement.execute("SET time_zone = '+00:00'");
                try (ResultSet row = statement.executeQuery("SELECT * FROM " + table)) {
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
            assertThat(replay.rows(new TableName(database.name(), table)))
                    .as("%s %s", table, when)
                    .containsExactlyElementsOf(actual);
        }
    }

    private Thread writer(int number, long seed, AtomicBoolean writing) {
        Random random = new Random(seed + number);
        Thread writer = new Thread(() -> {
            try (Connection connection = database.connect();
                    Statement statement = connection.createStatement()) {
                connection.setAutoCommit(false);
                long next = number * 1_000_000L;
                while (writing.get()) {
                    try {
                        next = trade(statement, number, random, next);
                    } catch (SQLTransactionRollbackException e) {
                        connection.rollback(); // the other writer was first
                        next += 100;
                    }
                }
            } catch (SQLException | InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        writer.start();
        return writer;
    }

    /** One transaction, kept or not. @return the next free id */
    private static long trade(Statement statement, int number, Random random, long firstFree)
            throws SQLException, InterruptedException {
        long next = firstFree;
        for (int changes = 1 + random.nextInt(10); changes > 0; changes--) {
            long some = 1 + random.nextInt(250) + number % 2 * 250L; // writers do not wait for each other
            statement.execute(
                    switch (random.nextInt(8)) {
                        case 0, 1 -> "INSERT INTO account VALUES (" + next++ + ", 'new', 0.10, REPEAT('y', 3000))";
                        case 2 -> "UPDATE account SET amount = amount + 1.25 WHERE id = " + some;
                        case 3 -> "UPDATE account SET big = NULL, name = NULL WHERE id = " + some;
                        case 4 -> "UPDATE account SET id = " + next++ + " WHERE id = " + (next - 1 - random.nextInt(5));
                        case 5 -> "DELETE FROM account WHERE id = " + (next - 1);
                        default -> "INSERT INTO log VALUES ('by " + number + "', " + random.nextInt(3) + ")";
                    });
            Thread.sleep(random.nextInt(5));
        }
        if (random.nextInt(8) == 0) {
            statement.getConnection().rollback();
        } else {
            statement.getConnection().commit();
        }
        if (number == 1 && random.nextInt(40) == 0) {
            statement.execute("TRUNCATE scratch");
            statement.execute("INSERT INTO scratch VALUES (" + random.nextInt(10) + ", now())");
            statement.getConnection().commit();
        }
        return next;
    }
}
