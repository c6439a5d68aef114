package dev.cdp.app.endtoend;

import static dev.cdp.app.endtoend.ProtectedBank.FIRST;
import static dev.cdp.app.endtoend.ProtectedBank.SECOND;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.cdp.app.endtoend.ProtectedBank.Restored;
import dev.cdp.core.ExitCode;
import dev.cdp.core.RestorePoint;
import dev.cdp.core.SourceId;
import dev.cdp.core.archive.ObjectStore;
import dev.cdp.testkit.services.TestDatabase;
import dev.cdp.testkit.services.TestMariaDb;
import dev.cdp.testkit.services.TestPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code kill -9} of the whole daemon, broker included, in the middle of trade: nothing missing, nothing twice. */
class DaemonKillIT {
    private static final int KILLS = 3;

    @TempDir
    private Path folder;

    @Test
    void losesAndRepeatsNothingWhenItIsKilledInTheMiddleOfTrade() throws Exception {
        long seed = System.nanoTime();
        System.out.println("DaemonKillIT seed " + seed);
        Random random = new Random(seed);
        Map<SourceId, TestDatabase> databases = Map.of(
                FIRST, TestPostgres.version18().createDatabase("first"),
                SECOND, TestMariaDb.shared().createDatabase("second"));
        ProtectedBank bank = new ProtectedBank(folder, databases, """
                archive: { url: "file:%s", commit-interval: 1s }
                """.formatted(folder.resolve("archive")));
        DaemonProcess daemon = start(bank);
        try (ObjectStore archive = bank.openArchive()) {
            awaitUntil(() -> bank.isProtected(archive));
            Bank trade = new Bank(bank.services(), seed, 60);
            for (int kill = 0; kill < KILLS; kill++) {
                Thread.sleep(1000 + random.nextInt(3000));
                daemon.kill();
                Thread.sleep(random.nextInt(1000));
                daemon = start(bank);
                Instant restarted = Instant.now();
                awaitUntil(() -> bank.reaches(archive, restarted));
            }
            trade.close();
            Instant end = Instant.now().plusSeconds(1); // MariaDB's commit times are whole seconds
            awaitUntil(() -> bank.reaches(archive, end));

            Restored restored = bank.restore(archive, new RestorePoint.AtTime(end), "_after_kills");

            assertThat(restored.report().exitCode()).isEqualTo(ExitCode.DONE);
            assertThat(restored.state().judge(bank.services())).isEqualTo(BankState.SOUND);
            for (BankService service : bank.services()) {
                assertThat(restored.state().of(service).steps()).isEqualTo(service.steps());
            }
            assertThat(bank.steps()).isGreaterThan(200);
        } finally {
            daemon.close();
        }
    }

    private DaemonProcess start(ProtectedBank bank) throws Exception {
        return new DaemonProcess(bank.configuration().path(), folder.resolve("daemon.log"), DaemonProcess.QUICK);
    }

    private void awaitUntil(Callable<Boolean> condition) throws IOException {
        try {
            await().atMost(ProtectedBank.PATIENCE).until(condition);
        } catch (ConditionTimeoutException e) {
            List<String> log = Files.readAllLines(folder.resolve("daemon.log"));
            throw new AssertionError(String.join("\n", log.subList(Math.max(0, log.size() - 50), log.size())), e);
        }
    }
}
