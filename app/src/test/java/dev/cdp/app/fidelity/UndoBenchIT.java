package dev.cdp.app.fidelity;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cdp.core.DataSize;
import dev.cdp.core.Engine;
import dev.cdp.core.Secret;
import dev.cdp.core.SourceId;
import dev.cdp.core.fold.FoldDatabase;
import dev.cdp.restore.live.LiveRepair;
import dev.cdp.restore.live.LiveRepair.Triggers;
import dev.cdp.restore.reading.ArchiveReader;
import dev.cdp.restore.reading.SourceHistory;
import dev.cdp.restore.target.TargetServer;
import dev.cdp.restore.undo.Dependents;
import dev.cdp.restore.undo.UndoPlan;
import dev.cdp.restore.undo.UndoService;
import dev.cdp.testkit.services.TestDatabase;
import dev.cdp.testkit.services.TestPostgres;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * How long it takes to undo a DELETE of 10,000 rows in a table of 10 million ({@code -Dbench.rows}), under writers, beside
 * what {@code pg_restore} takes for the same database.
 */
@Tag("bench")
@Tag("witness")
class UndoBenchIT {
    private static final long ROWS = Long.getLong("bench.rows", 10_000_000);
    private static final long DELETED = 10_000;
    private static final double AT_LEAST_FASTER = 2; // 20 is meant; see docs/undo.md
    private static final SourceId SOURCE = new SourceId("source");

    @TempDir
    private Path folder;

    private final AtomicLong written = new AtomicLong();
    private final AtomicReference<Exception> writerFailed = new AtomicReference<>();
    private volatile boolean stopped;

    @Test
    void undoingADeleteIsFasterThanRestoringTheDatabase() throws Exception {
        TestDatabase shop = TestPostgres.version15().createDatabase("large");
        shop.execute(
                "CREATE TABLE orders (id bigint PRIMARY KEY, customer int NOT NULL, state text NOT NULL, total"
                        + " numeric(12,2) NOT NULL, note text)",
                "INSERT INTO orders SELECT n, n % 100000, 'paid', n % 977 + 0.25, md5(n::text) FROM"
                        + " generate_series(1, " + ROWS + ") n",
                "CREATE INDEX ON orders (customer)",
                "VACUUM ANALYZE orders");
        TargetServer server = new TargetServer(
                Engine.POSTGRESQL, shop.host(), shop.port(), shop.user(), Secret.of(shop.password()), Map.of());
        try (FidelityLab lab = new FidelityLab(folder, Engine.POSTGRESQL, shop)) {
            lab.start();
            lab.awaitBases();
            say("based", "");
            Thread writer = new Thread(() -> write(shop), "writer");
            writer.start();
            String before = digest(shop);
            shop.execute("DELETE FROM orders WHERE id % " + ROWS / DELETED + " = 7");
            lab.awaitArchived();

            long deletion = deletion(lab);
            long begin = System.nanoTime();
            UndoPlan plan = new UndoService(lab.reading()).plan(SOURCE, List.of(deletion), Dependents.REFUSE);
            Duration planned = Duration.ofNanos(System.nanoTime() - begin);
            LiveRepair.apply(server, shop.name(), plan.tables(), Triggers.SILENT);
            Duration undone = Duration.ofNanos(System.nanoTime() - begin);

            stopped = true;
            writer.join();
            assertThat(writerFailed.get()).isNull();
            assertThat(plan.rowCount()).isEqualTo(DELETED);
            assertThat(digest(shop)).isEqualTo(before);
            Duration restored = pgRestore(shop);
            double faster = (double) restored.toMillis() / undone.toMillis();
            say(
                    "undone",
                    "%d rows of %d in %.1f s, %.1f s of them planning, beside %d transactions of a writer; pg_restore %.1f s: %.0f times"
                            .formatted(
                                    plan.rowCount(),
                                    ROWS,
                                    undone.toMillis() / 1e3,
                                    planned.toMillis() / 1e3,
                                    written.get(),
                                    restored.toMillis() / 1e3,
                                    faster));
            assertThat(faster).isGreaterThan(AT_LEAST_FASTER);
        }
    }

    private static void say(String what, String more) {
        System.out.println("UndoBenchIT " + what + " " + more);
    }

    /** Of the rows that the writer leaves alone. */
    private static String digest(TestDatabase shop) throws SQLException {
        return shop.queryValue(
                "SELECT count(*) || ' ' || sum(hashtextextended(orders::text, 0)) FROM orders WHERE id % "
                        + ROWS / DELETED + " = 7");
    }

    private void write(TestDatabase shop) {
        Random random = new Random(1);
        try (Connection connection = shop.connect();
                PreparedStatement update =
                        connection.prepareStatement("UPDATE orders SET state = 'sent' WHERE id = ?")) {
            while (!stopped) {
                long id = 1 + random.nextLong(ROWS);
                update.setLong(1, id % (ROWS / DELETED) == 7 ? id + 1 : id);
                update.executeUpdate();
                written.incrementAndGet();
                Thread.sleep(2);
            }
        } catch (SQLException | InterruptedException e) {
            writerFailed.set(e);
        }
    }

    private long deletion(FidelityLab lab) {
        try (SourceHistory history =
                        new ArchiveReader(lab.reading().store(), null, folder.resolve("find")).open(SOURCE);
                FoldDatabase reading = FoldDatabase.open(
                        new FoldDatabase.Limits(DataSize.ofMebibytes(128), 1, folder.resolve("spill")))) {
            var log = history.transactions(reading);
            long last = Long.MAX_VALUE;
            while (true) {
                last = log.lastSeqBefore(last).orElseThrow();
                if (log.activity(last - 1, last).stream().anyMatch(each -> each.deletes() == DELETED)) {
                    return last;
                }
            }
        }
    }

    private Duration pgRestore(TestDatabase shop) throws IOException, InterruptedException, SQLException {
        Path dump = folder.resolve("dump");
        run(shop, "pg_dump", "-Fc", "-Z1", "-N", "cdp", "-t", "orders", "-f", dump.toString(), shop.name());
        shop.execute("CREATE DATABASE restored");
        long begin = System.nanoTime();
        run(shop, "pg_restore", "-d", "restored", dump.toString());
        return Duration.ofNanos(System.nanoTime() - begin);
    }

    private static void run(TestDatabase shop, String... command) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(command).inheritIO();
        builder.environment()
                .putAll(Map.of(
                        "PGHOST", shop.host(),
                        "PGPORT", Integer.toString(shop.port()),
                        "PGUSER", shop.user(),
                        "PGPASSWORD", shop.password()));
        Process process = builder.start();
        assertThat(process.waitFor(20, TimeUnit.MINUTES)).isTrue();
        assertThat(process.exitValue()).as(String.join(" ", command)).isZero();
    }
}
