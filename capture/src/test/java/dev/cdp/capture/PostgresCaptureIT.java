package dev.cdp.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.cdp.capture.postgres.PostgresSource;
import dev.cdp.core.CdpException;
import dev.cdp.core.ChangeEvent;
import dev.cdp.core.TableName;
import dev.cdp.core.definition.SequenceValue;
import dev.cdp.testkit.services.TestDatabase;
import dev.cdp.testkit.services.TestPostgres;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Capture of a PostgreSQL database, judged by replaying what it wrote and comparing with the tables themselves. */
class PostgresCaptureIT {
    @TempDir
    Path folder;

    private CapturedPostgres captured;
    private TestDatabase database;
    private PostgresSource source;

    private void capture(TestPostgres server) throws SQLException {
        captured = new CapturedPostgres(server, folder);
        database = captured.database();
        source = captured.source();
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
    void close() {
        captured.close();
    }

    @Test
    void replaysToTheTablesAfterRestartsAmongInterleavedWriters() throws Exception {
        capture(TestPostgres.version15());
        long seed = System.nanoTime();
        Random random = new Random(seed);
        source.install();
        captured.start();
        captured.awaitMarker("base"); // so that what follows is told by the log alone
        captured.stop();
        AtomicBoolean writing = new AtomicBoolean(true);
        List<Thread> writers = List.of(writer(1, seed, writing), writer(2, seed, writing));
        int restarts = 5;
        for (int i = 0; i < restarts; i++) {
            captured.start();
            Thread.sleep(700 + random.nextInt(1500));
            if (i % 2 == 0) {
                captured.stop();
            } else {
                database.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_replication"
                        + " WHERE pid IN (SELECT active_pid FROM pg_replication_slots WHERE database = '"
                        + database.name() + "')");
                Thread.sleep(1000); // the supervisor starts again by itself
                captured.stop();
            }
        }
        captured.start();
        writing.set(false);
        for (Thread writer : writers) {
            writer.join();
        }
        captured.awaitMarker("end");

        System.out.printf(
                "seed %d: %d transactions, %d changes, %d starts of the stream%n",
                seed,
                captured.replay().transactionCount(),
                captured.events(ChangeEvent.RowChange.class).size(),
                captured.events(ChangeEvent.StreamStart.class).size());
        assertThat(captured.failure()).isNull();
        assertThat(captured.events(ChangeEvent.Gap.class)).isEmpty();
        assertThat(captured.events(ChangeEvent.BaseSnapshot.class)).hasSize(1);
        captured.awaitSameRows("seed " + seed, "account", "log", "scratch");
        assertThat(captured.events(ChangeEvent.StreamStart.class).size()).isGreaterThan(restarts);
    }

    @Test
    void followsDefinitionChangesWhileRowsAreWritten() throws Exception {
        capture(TestPostgres.version18());
        source.install();
        captured.start();
        captured.awaitMarker("base");
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
                "ALTER TABLE account ADD COLUMN moment timestamp DEFAULT '2026-01-02 03:04:05'",
                "TRUNCATE fresh",
                "INSERT INTO fresh VALUES (2, 'b')",
                "DROP TABLE IF EXISTS nothing",
                "CREATE SCHEMA other; CREATE TABLE other.t (id int PRIMARY KEY); INSERT INTO other.t VALUES (1)",
                "CREATE TABLE gone (id int PRIMARY KEY); INSERT INTO gone VALUES (1)",
                "DROP TABLE gone");
        captured.awaitMarker("changed");
        captured.awaitSameRows("after the changes", "account", "journal", "scratch", "fresh", "late");

        await("a definition behind the statements")
                .atMost(CapturedPostgres.PATIENCE)
                .until(() -> captured.events(ChangeEvent.DefinitionRead.class).size() > 1);
        assertThat(captured.events(ChangeEvent.DefinitionRead.class))
                .allSatisfy(definition -> assertThat(definition.json())
                        .doesNotContain("cdp.marker")
                        .doesNotContain("cdp_ddl")
                        .doesNotContain("publication cdp"));
        assertThat(captured.events(ChangeEvent.SequencesRead.class)).anySatisfy(read -> assertThat(read.values())
                .contains(new SequenceValue(SequenceValue.Kind.SEQUENCE, "public", "numbers", 42, true)));
        assertThat(captured.replay().rows(new TableName("other", "t"))).containsExactly("1");
        assertThat(captured.failure()).isNull();
        assertThat(captured.events(ChangeEvent.TableDropped.class)).hasSize(1);
        assertThat(captured.events(ChangeEvent.DdlStatement.class))
                .extracting(ChangeEvent.DdlStatement::tag)
                .contains("ALTER TABLE", "CREATE TABLE", "CREATE TABLE AS", "DROP TABLE", "CREATE SCHEMA");
        captured.stop();
        captured.start();
        database.execute("INSERT INTO account (id, kind) VALUES (2002, 'after a restart')");
        captured.awaitMarker("restarted");
        captured.awaitSameRows("after a restart", "account", "journal", "scratch", "fresh", "late");

        database.execute(
                "UPDATE account SET moment = '2026-05-06 07:08:09' WHERE id = 42",
                "SET TimeZone = 'UTC'; ALTER TABLE account ALTER moment TYPE timestamptz"); // rewrites nothing
        captured.awaitMarker("retyped");
        captured.awaitSameRows("after a change of type that rewrites nothing", "account");
    }

    /** Statements that were missed are recorded long after the catalog has become what the last of them made. */
    @Test
    void recordsADefinitionWhereTheLogHasComeToIt() throws Exception {
        capture(TestPostgres.version15());
        source.install();
        captured.start();
        captured.awaitMarker("base");
        captured.stop();
        database.execute(
                "ALTER TABLE account ADD COLUMN one int",
                "INSERT INTO account (id, one) VALUES (1001, 1)",
                "ALTER TABLE account RENAME COLUMN one TO two",
                "INSERT INTO account (id, two) VALUES (1002, 2)",
                "DROP TABLE scratch");

        captured.start();

        await("the definition behind them")
                .atMost(CapturedPostgres.PATIENCE)
                .until(() -> captured.events(ChangeEvent.DefinitionRead.class).stream()
                        .anyMatch(definition -> definition.json().contains("two")));
        List<ChangeEvent> all = captured.events(ChangeEvent.class);
        assertThat(all.stream()
                        .filter(event -> event instanceof ChangeEvent.DdlStatement
                                || event instanceof ChangeEvent.DefinitionRead)
                        .map(event ->
                                event instanceof ChangeEvent.DdlStatement statement ? statement.tag() : "definition")
                        .toList())
                .containsExactly("definition", "ALTER TABLE", "ALTER TABLE", "DROP TABLE", "definition");
    }

    @Test
    void beginsANewEpochBehindAGapWhenTheSlotIsGone() throws Exception {
        capture(TestPostgres.version15());
        source.install();
        captured.start();
        captured.awaitMarker("base");
        captured.stop();
        captured.awaitSlotFree();
        database.execute(
                "SELECT pg_drop_replication_slot('cdp_" + database.name() + "')",
                "DELETE FROM account WHERE id % 2 = 0",
                "INSERT INTO log VALUES ('nobody saw this', 3)");
        captured.start();
        captured.awaitMarker("again");

        assertThat(captured.events(ChangeEvent.Gap.class)).singleElement().satisfies(gap -> {
            assertThat(gap.reason()).contains("replication slot 'cdp_" + database.name() + "' is gone");
            assertThat(gap.to())
                    .isEqualTo(captured.events(ChangeEvent.BaseSnapshot.class)
                            .get(1)
                            .position());
        });
        captured.awaitSameRows("in the new epoch", "account", "log", "scratch");

        captured.stop();
        captured.awaitSlotFree();
        database.execute(
                "INSERT INTO log VALUES ('skipped by the server', 4)",
                "SELECT pg_replication_slot_advance('" + captured.slot() + "', pg_current_wal_lsn())");
        captured.start();
        captured.awaitMarker("third");
        assertThat(captured.events(ChangeEvent.Gap.class)).hasSize(2);
        assertThat(captured.events(ChangeEvent.Gap.class).get(1).reason()).contains("stands at");
        captured.awaitSameRows("in the third epoch", "account", "log", "scratch");
    }

    /** Else the source would keep its log for as long as the copy takes. */
    @Test
    void recordsChangesWhileABaseIsStillBeingCopied() throws Exception {
        capture(TestPostgres.version15());
        source.install();
        captured.holdBaseFiles();
        captured.start();
        await().atMost(CapturedPostgres.PATIENCE).until(() -> captured.isIn(CaptureStatus.State.COPYING));
        database.execute("INSERT INTO log VALUES ('beside the copy', 1)", "DELETE FROM account WHERE id = 7");
        await("changes")
                .atMost(CapturedPostgres.PATIENCE)
                .until(() -> captured.events(ChangeEvent.RowChange.class).size() == 2);
        assertThat(captured.isIn(CaptureStatus.State.COPYING)).isTrue();
        assertThat(captured.events(ChangeEvent.BaseSnapshot.class)).isEmpty();

        captured.releaseBaseFiles();
        captured.awaitMarker("copied");
        captured.awaitSameRows("after the copy", "account", "log");
    }

    @Test
    void takesANewBaseBehindAStatementThatItsTriggerCouldNotRecord() throws Exception {
        capture(TestPostgres.version15());
        database.execute(
                "CREATE TYPE mood AS ENUM ('ok', 'bad')",
                "CREATE TABLE person (id int PRIMARY KEY, feels mood)",
                "INSERT INTO person VALUES (1, 'ok'), (2, 'bad')");
        source.install();
        captured.start();
        captured.awaitMarker("base");

        whileDescribingFails("ALTER TYPE mood RENAME VALUE 'ok' TO 'fine'"); // no row tells of it
        awaitGaps(1);
        captured.awaitMarker("renamed");
        captured.awaitSameRows("after the label was renamed", "person", "account");
        assertThat(captured.events(ChangeEvent.Gap.class).get(0).reason())
                .contains("was not recorded: ALTER TYPE, because: no description today");

        whileDescribingFails(
                "ALTER TABLE person ADD COLUMN age int DEFAULT 7",
                "UPDATE person SET age = 8 WHERE id = 1",
                "CREATE TABLE unseen (id int PRIMARY KEY)",
                "INSERT INTO unseen VALUES (1)");
        awaitGaps(2);
        captured.awaitMarker("changed");
        captured.awaitSameRows("after the column", "person", "unseen");

        database.execute("ALTER TABLE cdp.ddl ADD CHECK (id < 0) NOT VALID", "CREATE VIEW v AS SELECT 1 AS one");
        awaitGaps(3);
        captured.awaitMarker("without a record");
        assertThat(captured.failure()).isNull();
        captured.awaitSameRows("in the end", "person", "unseen", "account", "log", "scratch");
    }

    private void whileDescribingFails(String... statements) throws SQLException {
        String describe = database.queryValue("SELECT pg_get_functiondef('cdp.describe'::regproc)");
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute("CREATE OR REPLACE FUNCTION cdp.describe(relation oid) RETURNS jsonb LANGUAGE plpgsql"
                    + " AS 'BEGIN RAISE ''no description today''; END'");
            for (String sql : statements) {
                statement.execute(sql);
            }
            statement.execute(describe);
            connection.commit();
        }
    }

    private void awaitGaps(int count) {
        await("gap " + count)
                .atMost(CapturedPostgres.PATIENCE)
                .until(() -> captured.events(ChangeEvent.Gap.class).size() >= count);
    }

    @Test
    void breaksNoStatementOfTheApplication() throws Exception {
        capture(TestPostgres.version18());
        database.execute(
                "CREATE TABLE stored (a int, b int GENERATED ALWAYS AS (a * 2) STORED)",
                "ALTER TABLE stored REPLICA IDENTITY FULL",
                "CREATE TABLE virtual (a int, b int GENERATED ALWAYS AS (a * 2) VIRTUAL)",
                "ALTER TABLE virtual REPLICA IDENTITY FULL",
                "CREATE TABLE keyless (a int)",
                "CREATE TABLE deferred (a int PRIMARY KEY DEFERRABLE)",
                "CREATE TABLE twins (a int PRIMARY KEY, \"A\" int)",
                "CREATE TABLE unsure (a int, b int UNIQUE)",
                "ALTER TABLE unsure REPLICA IDENTITY FULL",
                "CREATE TABLE part (day date, n int, PRIMARY KEY (day, n)) PARTITION BY RANGE (day)",
                "CREATE TABLE part_1 PARTITION OF part FOR VALUES FROM ('2026-01-01') TO ('2026-02-01')",
                "CREATE TABLE part_2 PARTITION OF part DEFAULT",
                "INSERT INTO part SELECT '2026-01-15', i FROM generate_series(1, 5) i");
        source.install();
        captured.start();
        captured.awaitMarker("base");
        assertThat(source.check())
                .anySatisfy(finding -> assertThat(finding.what()).contains("public.twins"));
        for (String table : List.of("stored", "virtual", "keyless", "deferred", "twins", "unsure")) {
            database.execute(
                    "INSERT INTO " + table + " (a) VALUES (1), (3)",
                    "UPDATE " + table + " SET a = 2 WHERE a = 1",
                    "DELETE FROM " + table + " WHERE a = 3");
        }
        database.execute(
                "ALTER TABLE twins RENAME COLUMN \"A\" TO b",
                "INSERT INTO twins VALUES (5, 5)",
                "ALTER TABLE scratch DROP CONSTRAINT scratch_pkey",
                "INSERT INTO scratch VALUES (5)",
                "UPDATE scratch SET id = 6",
                "UPDATE part SET day = '2026-03-01' WHERE n = 2",
                "ALTER TABLE part ADD COLUMN note text DEFAULT 'none'",
                "INSERT INTO part VALUES ('2026-01-20', 9, 'new')",
                "CREATE TABLE part_3 PARTITION OF part FOR VALUES FROM ('2027-01-01') TO ('2027-02-01')",
                "INSERT INTO part VALUES ('2027-01-20', 9, 'newer')");
        captured.awaitMarker("written");

        captured.awaitSameRows("with generated columns", "stored");
        captured.awaitSameRows("with NULL in what is no key", "unsure");
        captured.awaitSameRows("of partitions", "part_1", "part_2", "part_3");
        captured.awaitSameRows("whose columns no longer differ only by case", "twins");
        assertThat(source.check())
                .filteredOn(finding -> finding.verdict() == CheckFinding.Verdict.FAILED)
                .extracting(CheckFinding::what)
                .satisfiesExactlyInAnyOrder(
                        what -> assertThat(what).contains("public.keyless"),
                        what -> assertThat(what).contains("public.deferred"),
                        what -> assertThat(what).contains("public.virtual"),
                        what -> assertThat(what).contains("public.scratch"));
    }

    @Test
    void leavesNothingBehindAndSaysWhatIsMissing() throws Exception {
        capture(TestPostgres.version15());
        assertThat(source.installStatements()).isNotEmpty();
        captured.start();
        await().atMost(CapturedPostgres.PATIENCE).until(() -> captured.failure() != null);
        assertThat(captured.failure())
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
