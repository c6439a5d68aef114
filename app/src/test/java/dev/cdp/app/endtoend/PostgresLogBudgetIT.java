package dev.cdp.app.endtoend;

import static dev.cdp.app.endtoend.ProtectedPostgres.SLOT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.cdp.app.daemon.Stage;
import dev.cdp.core.archive.LedgerEntry;
import dev.cdp.testkit.faults.FaultKind;
import dev.cdp.testkit.faults.FaultResult;
import dev.cdp.testkit.faults.FaultResults;
import dev.cdp.testkit.services.TestDatabase;
import dev.cdp.testkit.services.TestPostgres;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** The disk of a source never fills because of us, whatever keeps the archive from following. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PostgresLogBudgetIT {
    private static final long MEBIBYTE = 1 << 20;

    private TestPostgres server;
    private ProtectedPostgres shop;
    private TestDatabase database;
    private int gaps;

    @BeforeAll
    void protect(@TempDir Path folder) throws Exception {
        server = TestPostgres.start18(folder.resolve("server"));
        shop = new ProtectedPostgres(folder, server.createDatabase("shop"));
        database = shop.database();
        shop.leadTo(database, ", log-budget: 24MiB");
    }

    @AfterAll
    void close() {
        shop.close();
        server.close();
    }

    @BeforeEach
    void settle() throws Exception {
        shop.stop(); // a test that failed may have left half a daemon
        shop.settle();
        letGoOfTheLog();
        gaps = shop.gapCount();
    }

    @Test
    void anArchiveThatStandsStillCostsAGapAndNotTheDisk() throws Exception {
        shop.stop();
        shop.start(Set.of(Stage.CAPTURE));
        shop.awaitState("streaming");
        write(14);
        await("the alarm")
                .atMost(ProtectedPostgres.DETECTION)
                .until(() -> shop.status().at("/log_held_bytes").asLong() > 12 * MEBIBYTE);
        assertThat(shop.statusText()).contains("of its log for us");
        assertThat(hasSlot()).isTrue();

        write(14);

        await("the slot").atMost(ProtectedPostgres.DETECTION).until(() -> !hasSlot());
        await("the reason").atMost(ProtectedPostgres.DETECTION).untilAsserted(() -> assertThat(
                        shop.status().at("/reason").asText())
                .contains("was given up to protect its disk", "the log-budget is 24.0 MiB"));
        assertThat(shop.status().at("/next/0").asText()).contains("a new epoch begins by itself");
        write(30);
        shop.stop();
        shop.start(Set.of(Stage.CAPTURE)); // it must not begin again only because it was started again
        assertThat(hasSlot()).isFalse();
        database.execute("DELETE FROM item WHERE id % 2 = 0");
        shop.stop();

        shop.start();

        assertBeginsAgain("log budget reached while the archive stands still");
    }

    @Test
    void theSameWhileTheArchiveCannotBeReached() throws Exception {
        Path aside = shop.archive().resolveSibling("archive-aside");
        Files.move(shop.archive(), aside);
        Files.createFile(shop.archive()); // no folder: nothing can be read or written below it

        write(30);

        await("the slot").atMost(ProtectedPostgres.DETECTION).until(() -> !hasSlot());
        database.execute("DELETE FROM item WHERE id % 3 = 0");
        Files.delete(shop.archive());
        Files.move(aside, shop.archive());
        assertBeginsAgain("log budget reached while the archive is away");
    }

    @Test
    void anIdleDatabaseBesideABusyOneKeepsLittleLog() throws Exception {
        TestDatabase neighbour = server.createDatabase("neighbour");
        for (int i = 0; i < 5; i++) {
            neighbour.execute("SELECT pg_logical_emit_message(false, 'load', repeat('x', 8000000))");
            letGoOfTheLog();
        }

        assertThat(shop.gapCount()).isEqualTo(gaps);
        assertThat(hasSlot()).isTrue();
        FaultResults.record(FaultResult.survived(
                FaultKind.GAP, "PostgreSQL: idle database beside a busy one", 1, FaultResult.Harm.NONE));
    }

    /** The slot follows our own markers, although nobody else writes into the database. */
    private void letGoOfTheLog() throws SQLException {
        await("the slot moves").atMost(ProtectedPostgres.DETECTION).until(() -> {
            database.execute("CHECKPOINT"); // says where the oldest transaction begins, as the server does every 15 s
            return "t"
                    .equals(database.queryValue("SELECT pg_current_wal_lsn() - restart_lsn < 2000000"
                            + " FROM pg_replication_slots WHERE slot_name = '" + SLOT + "'"));
        });
    }

    private void assertBeginsAgain(String fault) throws SQLException {
        await(fault).atMost(ProtectedPostgres.DETECTION).until(() -> shop.gapCount() == gaps + 2 && hasSlot());
        shop.settle();
        List<LedgerEntry.Gap> recorded = ProtectedPostgres.gaps(shop.state());
        LedgerEntry.Gap open = recorded.get(gaps);
        LedgerEntry.Gap closed = recorded.get(gaps + 1);
        assertThat(open.to()).isNull();
        assertThat(closed.from()).isEqualTo(open.from());
        assertThat(closed.to()).isNotNull();
        assertThat(closed.reason()).isEqualTo(open.reason()).contains("was given up to protect its disk");
        assertThat(shop.status().at("/gaps")).as("one gap is shown as one").hasSize(gaps / 2 + 1);
        Instant between = open.recordedAt();
        shop.assertRefused(between);
        FaultResults.record(FaultResult.noticed(FaultKind.GAP, "PostgreSQL: " + fault, 1, 1));
    }

    private void write(int mebibytes) throws SQLException {
        for (int i = 0; i < mebibytes; i++) {
            database.execute("SELECT pg_logical_emit_message(false, 'load', repeat('x', 1048576))");
        }
    }

    private boolean hasSlot() throws SQLException {
        return !database.query("SELECT 1 FROM pg_replication_slots WHERE slot_name = '" + SLOT + "'")
                .isEmpty();
    }
}
