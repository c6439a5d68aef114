package dev.cdp.app.endtoend;

import static dev.cdp.app.endtoend.ProtectedPostgres.SLOT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.cdp.testkit.services.TestDatabase;
import dev.cdp.testkit.services.TestPostgres;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** What happens to a replication slot behind our back: each loss becomes a gap and a new epoch within a minute. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PostgresSlotGapsIT {
    private TestPostgres server;
    private ProtectedPostgres shop;
    private TestDatabase database;
    private int gaps;
    private int changes;

    @BeforeAll
    void protect(@TempDir Path folder) throws Exception {
        server = TestPostgres.start18(folder.resolve("server"));
        shop = new ProtectedPostgres(folder, server.createDatabase("shop"));
        database = shop.database();
    }

    @AfterAll
    void close() throws Exception {
        shop.close();
        server.close();
    }

    @BeforeEach
    void settle() throws SQLException {
        shop.settle();
        gaps = shop.gapCount();
    }

    @Test
    void droppedWhileTheDaemonIsDown() throws Exception {
        shop.stop();
        database.execute("SELECT pg_drop_replication_slot('" + SLOT + "')");
        changeUnseen();

        shop.start();

        shop.assertNewEpochBehindGap("slot dropped while down", gaps, "replication slot '" + SLOT + "' is gone");
    }

    @Test
    void droppedWhileItIsRead() throws Exception {
        await().atMost(ProtectedPostgres.DETECTION).ignoreExceptions().until(() -> {
            database.execute("DO $$ BEGIN PERFORM pg_terminate_backend(active_pid, 5000) FROM pg_replication_slots"
                    + " WHERE slot_name = '" + SLOT + "' AND active; PERFORM pg_drop_replication_slot('" + SLOT
                    + "'); END $$");
            return true;
        });
        changeUnseen();

        shop.assertNewEpochBehindGap("slot dropped while read", gaps, "replication slot '" + SLOT + "' is gone");
    }

    @Test
    void invalidatedWhileItIsReadBecauseItKeptTooMuch() throws Exception {
        try (Connection connection = database.connect();
                Statement open = connection.createStatement()) {
            connection.setAutoCommit(false);
            open.execute("INSERT INTO item VALUES (-1, 'open for long')"); // the slot must keep the log from here on
            invalidateBySize();
            connection.rollback();
        }

        shop.assertNewEpochBehindGap("slot invalidated by size while read", gaps, "(wal_removed)");
    }

    @Test
    @Tag("soak")
    void invalidatedWhileTheDaemonIsDown() throws Exception {
        shop.stop();
        changeUnseen();
        invalidateBySize();

        shop.start();

        shop.assertNewEpochBehindGap("slot invalidated by size while down", gaps, "(wal_removed)");
    }

    @Test
    void invalidatedBecauseNobodyReadIt() throws Exception {
        shop.stop();
        changeUnseen();
        set("idle_replication_slot_timeout", "1s");
        await().atMost(ProtectedPostgres.DETECTION).until(() -> {
            database.execute("CHECKPOINT");
            return "lost".equals(database.queryValue("SELECT wal_status FROM pg_replication_slots"));
        });
        set("idle_replication_slot_timeout", "0");

        shop.start();

        shop.assertNewEpochBehindGap("slot invalidated by idleness", gaps, "(idle_timeout)");
    }

    @Test
    void advancedWhileTheDaemonIsDown() throws Exception {
        shop.stop();
        changeUnseen();
        database.execute("SELECT pg_replication_slot_advance('" + SLOT + "', pg_current_wal_lsn())");

        shop.start();

        shop.assertNewEpochBehindGap("slot advanced while down", gaps, "stands at");
    }

    @Test
    void droppedAndMadeAgainUnderTheSameName() throws Exception {
        shop.stop();
        database.execute("SELECT pg_drop_replication_slot('" + SLOT + "')");
        changeUnseen();
        database.execute("SELECT pg_create_logical_replication_slot('" + SLOT + "', 'pgoutput')");

        shop.start();

        shop.assertNewEpochBehindGap("slot dropped and made again", gaps, "stands at");
    }

    @Test
    void somebodyElsesSlotOfTheSameNameIsLeftAloneUntilItIsGone() throws Exception {
        shop.stop();
        database.execute(
                "SELECT pg_drop_replication_slot('" + SLOT + "')",
                "SELECT pg_create_logical_replication_slot('" + SLOT + "', 'pgoutput', false, true)");
        changeUnseen();
        shop.start();
        shop.awaitState("failed");
        assertThat(shop.status().at("/reason").asText())
                .contains("'" + SLOT + "'", "is not one that cdp made: it decodes two-phase commits");
        assertThat(shop.status().at("/next/0").asText()).contains("SELECT pg_drop_replication_slot('" + SLOT + "')");
        shop.stop();
        database.execute("SELECT pg_drop_replication_slot('" + SLOT + "')");

        shop.start();

        shop.assertNewEpochBehindGap("slot of another program", gaps, "replication slot '" + SLOT + "' is gone");
    }

    /** Changes that no slot shows: were one row of the old state kept, or a table, the comparison would find it. */
    private void changeUnseen() throws SQLException {
        changes++;
        database.execute(
                "DELETE FROM item WHERE id % 3 = " + changes % 3,
                "UPDATE note SET n = n + 1",
                "DROP TABLE IF EXISTS passing",
                "CREATE TABLE passing (id int PRIMARY KEY)",
                "INSERT INTO passing VALUES (" + changes + ")");
    }

    private void invalidateBySize() throws SQLException {
        set("max_slot_wal_keep_size", "1MB");
        await().atMost(ProtectedPostgres.DETECTION).until(() -> {
            database.execute(
                    "SELECT pg_logical_emit_message(false, 'load', repeat('x', 100000))",
                    "SELECT pg_switch_wal()",
                    "CHECKPOINT");
            return database.query("SELECT 1 FROM pg_replication_slots WHERE wal_status <> 'lost'")
                    .isEmpty();
        });
        set("max_slot_wal_keep_size", "-1");
    }

    private void set(String setting, String value) throws SQLException {
        database.execute("ALTER SYSTEM SET " + setting + " = '" + value + "'", "SELECT pg_reload_conf()");
    }
}
