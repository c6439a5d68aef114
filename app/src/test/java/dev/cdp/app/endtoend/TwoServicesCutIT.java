package dev.cdp.app.endtoend;

import static dev.cdp.app.endtoend.ProtectedBank.FIRST;
import static dev.cdp.app.endtoend.ProtectedBank.SECOND;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.cdp.app.daemon.Daemon;
import dev.cdp.app.endtoend.ProtectedBank.Restored;
import dev.cdp.core.Cut;
import dev.cdp.core.Engine;
import dev.cdp.core.ExitCode;
import dev.cdp.core.RestorePoint;
import dev.cdp.core.SourceId;
import dev.cdp.core.archive.ArchiveAccess;
import dev.cdp.core.archive.ObjectStore;
import dev.cdp.testkit.services.KafkaProcess;
import dev.cdp.testkit.services.TestDatabase;
import dev.cdp.testkit.services.TestKafka;
import dev.cdp.testkit.services.TestMariaDb;
import dev.cdp.testkit.services.TestPostgres;
import dev.cdp.testkit.services.TestS3;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What the product is for: two services on different databases trade while they are protected, and both are restored
 * together to moments in the middle of it.
 */
class TwoServicesCutIT {
    @TempDir
    private Path folder;

    @Test
    void restoresBothServicesTogetherToMomentsInTheMiddleOfTheirTrade() throws Exception {
        tradeAndRestore("""
                archive: { url: "file:%s", commit-interval: 1s }
                """.formatted(folder.resolve("archive")), 3);
    }

    /** With Kafka, the daemon, its folder and the original's Iceberg tables out of the way, a copy must be enough. */
    @Test
    void doesTheSameWithABrokerInAnotherProcessAndAnArchiveOnS3AndThenFromCopiesOfTheBucketAlone() throws Exception {
        TestS3 s3 = TestS3.shared();
        ProtectedBank traded;
        try (KafkaProcess kafka = TestKafka.inOtherProcess(folder.resolve("kafka"))) {
            traded = tradeAndRestore(
                    """
                    kafka: { bootstrap-servers: "%s" }
                    archive:
                      url: "s3://%s/cdp"
                      commit-interval: 1s
                    %s
                    """.formatted(
                                    kafka.bootstrapServers(),
                                    s3.createBucket("bank"),
                                    s3.yaml().indent(2)),
                    1);
        }
        String elsewhere = "s3://" + s3.createBucket("copy") + "/moved/here";
        try (ObjectStore original = traded.openArchive();
                ObjectStore bucket = new ArchiveAccess(elsewhere, s3.settings()).open();
                ObjectStore files = ArchiveAccess.file(folder.resolve("copy")).open()) {
            Map<String, String> before = BucketCopies.contents(original);
            for (ObjectStore copy : List.of(bucket, files)) {
                String name = copy == bucket ? "_bucket" : "_files";
                BucketCopies.copy(original, copy);
                if (copy == files) {
                    copy.list("iceberg/").forEach(copy::delete);
                    copy.list("sources/first/checkpoints/").forEach(copy::delete);
                }
                BucketCopies.workOn(copy, original, FIRST, Engine.POSTGRESQL);
                BucketCopies.workOn(copy, original, SECOND, Engine.MARIADB);
                assertRestored(traded, traded.restoreAlone(copy, folder.resolve("alone" + name), name));
                copy.list("").forEach(copy::delete);
            }
            assertThat(BucketCopies.contents(original)).isEqualTo(before);
        }
    }

    /** @return what is left when the daemon has stopped */
    private ProtectedBank tradeAndRestore(String kafkaAndArchive, int momentCount) throws Exception {
        long seed = System.nanoTime();
        System.out.println("TwoServicesCutIT seed " + seed);
        Map<SourceId, TestDatabase> databases = Map.of(
                FIRST, TestPostgres.version15().createDatabase("first"),
                SECOND, TestMariaDb.shared().createDatabase("second"));
        ProtectedBank bank = new ProtectedBank(folder, databases, kafkaAndArchive);
        Daemon daemon = bank.daemon();
        Thread daemonThread = new Thread(() -> runDaemon(daemon), "daemon");
        daemonThread.start();
        try (ObjectStore archive = bank.openArchive()) {
            await().atMost(ProtectedBank.PATIENCE).until(() -> bank.isProtected(archive));

            Bank trade = new Bank(bank.services(), seed, 20);
            try {
                List<Instant> moments = randomMoments(new Random(seed), momentCount);
                Instant last = moments.get(momentCount - 1);
                await().atMost(ProtectedBank.PATIENCE).until(() -> bank.reaches(archive, last));

                for (int i = 0; i < moments.size(); i++) { // while they go on trading
                    assertRestored(bank, bank.restore(archive, new RestorePoint.AtTime(moments.get(i)), "_at_" + i));
                }
            } finally {
                trade.close();
            }
            assertThat(bank.steps()).isGreaterThan(500);
        } finally {
            daemon.stop();
            daemonThread.join();
        }
        return bank;
    }

    private static void assertRestored(ProtectedBank bank, Restored restored) {
        assertThat(restored.report().exitCode()).isEqualTo(ExitCode.DONE);
        assertThat(restored.plan().cut().consistency()).isEqualTo(Cut.Consistency.CAUSALLY_CLOSED);
        assertThat(restored.state().judge(bank.services())).isEqualTo(BankState.SOUND);
        for (BankService service : bank.services()) {
            assertThat(restored.state().of(service).steps()).isPositive();
        }
    }

    /** Moments within the next few seconds, not sooner than two seconds from now: MariaDB counts whole ones. */
    private static List<Instant> randomMoments(Random random, int count) throws InterruptedException {
        List<Instant> moments = new ArrayList<>();
        Instant next = Instant.now().plusSeconds(2);
        for (int i = 0; i < count; i++) {
            next = next.plusMillis(500 + random.nextInt(1500));
            moments.add(next);
        }
        Thread.sleep(Duration.between(Instant.now(), next).toMillis() + 100);
        return moments;
    }

    private static void runDaemon(Daemon daemon) {
        try {
            daemon.run();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
