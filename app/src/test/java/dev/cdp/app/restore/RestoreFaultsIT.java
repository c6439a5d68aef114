package dev.cdp.app.restore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.cdp.app.restore.RestoredContent.State;
import dev.cdp.core.ExitCode;
import dev.cdp.restore.plan.RestorePlan;
import dev.cdp.testkit.faults.FaultKind;
import dev.cdp.testkit.faults.FaultResult;
import dev.cdp.testkit.faults.FaultResult.Harm;
import dev.cdp.testkit.faults.FaultResults;
import dev.cdp.testkit.faults.TcpProxy;
import dev.cdp.testkit.services.TestDatabase;
import dev.cdp.testkit.services.TestMariaDb;
import dev.cdp.testkit.services.TestPostgres;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A restore whose connections break, that is told to stop, or that finds what it left changed. */
class RestoreFaultsIT {
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    @TempDir
    private Path folder;

    private final TestDatabase postgres = TestPostgres.version15().database("postgres");
    private final TestDatabase mariaDb = TestMariaDb.shared().database("mysql");

    @Test
    void aRestoreWhoseConnectionsBreakSaysHowToResumeItAndThenCompletesTheSame() throws Exception {
        cutConnections(2);
    }

    @Test
    @Tag("soak")
    void aRestoreWhoseConnectionsBreakAnywhereCompletesTheSame() throws Exception {
        cutConnections(Integer.getInteger("soak.rounds", 25));
    }

    private void cutConnections(int rounds) throws Exception {
        long seed = Long.getLong("soak.seed", System.nanoTime());
        System.out.println("RestoreFaultsIT seed " + seed + "; -Dsoak.seed=" + seed + " replays it");
        Random random = new Random(seed);
        try (RestorableShop shop = shop()) {
            assertThat(shop.restore(shop.plan("uncut"))).as(shop.printed()).isZero();
            for (int round = 0; round < rounds; round++) {
                String suffix = "cut_" + round;
                RestorePlan plan = shop.plan(suffix);
                cut(random, shop.toPostgres());
                cut(random, shop.toMariaDb());

                int exit = shop.restore(plan);

                assertThat(exit).as(shop.printed()).isIn(ExitCode.UNREACHABLE.code(), ExitCode.PARTIAL.code());
                assertThat(shop.printed()).contains("cdp restore --resume " + plan.id());
                assertThat(shop.resume(plan)).as(shop.printed()).isZero();
                assertThat(shop.orders(suffix).differences(shop.orders("uncut")))
                        .isEmpty();
                assertThat(shop.stock(suffix).differences(shop.stock("uncut"))).isEmpty();
                shop.drop(suffix);
                FaultResults.record(
                        FaultResult.survived(FaultKind.RESTORE, "connection to a target cut", 1, Harm.NONE));
            }
        }
    }

    /** Anywhere in about two thirds of what a restore sends. */
    private static void cut(Random random, TcpProxy proxy) {
        proxy.cutAfterSending(2_000 + random.nextInt(25_000));
    }

    @Test
    void aRestoreThatIsToldToStopSaysHowToResumeItAndThenCompletesTheSame() throws Exception {
        try (RestorableShop shop = shop()) {
            assertThat(shop.restore(shop.plan("unstopped"))).as(shop.printed()).isZero();
            RestorePlan plan = shop.plan("stopped");
            shop.toPostgres().delay(Duration.ofMillis(100)); // so that there is time to stop it in the middle
            Process process = shop.start(plan, null);
            try {
                await().atMost(PATIENCE).until(() -> exists("orders_stopped__incomplete"));
                process.destroy(); // SIGTERM
                await().atMost(PATIENCE)
                        .until(() -> Files.readString(shop.childLog(plan)).contains("stopping at the next safe place"));
                shop.toPostgres().delay(Duration.ZERO);

                assertThat(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS))
                        .isTrue();
                assertThat(process.exitValue())
                        .as(Files.readString(shop.childLog(plan)))
                        .isEqualTo(ExitCode.CANCELLED.code());
            } finally {
                process.destroyForcibly();
            }
            assertThat(Files.readString(shop.childLog(plan))).contains("cdp restore --resume " + plan.id());
            assertThat(shop.orders("stopped").state()).isEqualTo(State.ABSENT);
            assertThat(shop.resume(plan)).as(shop.printed()).isZero();
            assertThat(shop.orders("stopped").differences(shop.orders("unstopped")))
                    .isEmpty();
            assertThat(shop.stock("stopped").differences(shop.stock("unstopped")))
                    .isEmpty();
        }
    }

    private boolean exists(String database) throws Exception {
        return !postgres.query("SELECT 1 FROM pg_database WHERE datname = '" + database + "'")
                .isEmpty();
    }

    private RestorableShop shop() throws Exception {
        return new RestorableShop(folder, folder.resolve("data"), postgres, mariaDb, 300);
    }
}
