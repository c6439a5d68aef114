package dev.cdp.archiver;

import static dev.cdp.archiver.S3Archive.LIMIT;
import static dev.cdp.archiver.S3Archive.SHOP;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.cdp.archiver.ArchiverStatus.State;
import dev.cdp.core.Engine;
import dev.cdp.core.ErrorCode;
import dev.cdp.testkit.RandomHistory;
import dev.cdp.testkit.faults.FaultKind;
import dev.cdp.testkit.faults.FaultResult;
import dev.cdp.testkit.faults.FaultResult.Harm;
import dev.cdp.testkit.faults.FaultResults;
import dev.cdp.testkit.faults.S3FaultProxy;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An archiver that is paused in the middle of a commit, and goes on when another one has taken over. */
class ZombieArchiverIT {
    private static final long SEED = 20261121;
    private static final int ROUNDS_PER_ARCHIVE = 25;
    private static final List<String> PLACES = List.of("/ledger/", "/day=");

    @TempDir
    private Path folder;

    @Test
    void isFencedWhenItsRequestArrivesAfterAnotherOneHasTakenOver() throws Exception {
        wakeUp(SEED, 4);
    }

    @Tag("soak")
    @Test
    void isFencedTwoHundredTimes() throws Exception {
        int rounds = Integer.getInteger("soak.rounds", 200);
        for (int done = 0; done < rounds; done += ROUNDS_PER_ARCHIVE) {
            wakeUp(System.nanoTime(), Math.min(ROUNDS_PER_ARCHIVE, rounds - done));
        }
    }

    private void wakeUp(long seed, int rounds) throws Exception {
        System.out.println("ZombieArchiverIT: seed " + seed + ", " + rounds + " rounds");
        Random random = new Random(seed);
        try (S3Archive archive = new S3Archive(folder, seed)) {
            for (int round = 0; round < rounds; round++) {
                String place = PLACES.get(random.nextInt(PLACES.size()));
                S3FaultProxy.Held held = hold(archive, place);
                S3Archive.Running zombie = archive.startBehindProxy();
                grow(archive, seed + 2L * round);
                assertThat(held.await(LIMIT)).isTrue();

                S3Archive.Running second = archive.startDirectly();
                grow(archive, seed + 2L * round + 1);
                archive.awaitArchived(second);
                held.release();
                await().atMost(LIMIT).until(() -> !zombie.thread().isAlive());

                assertThat(zombie.service().status().state()).isEqualTo(State.FAILED);
                assertThat(zombie.service().status().problem())
                        .startsWith("CDP-4005 Another process archives source 'shop': ledger entry ")
                        .contains("/" + ProcessHandle.current().pid() + "/");
                assertThat(second.service().status().state()).isEqualTo(State.RUNNING);
                second.stop();
                assertThat(archive.orphans()).as("what the zombie uploaded").isNotEmpty();
                sweep(archive, round); // or the next one's sweeper would be the one whose entry is held back
            }
            requireIntact(archive, "seed " + seed);
        }
        FaultResults.record(FaultResult.survived(
                FaultKind.ZOMBIE, "archiver whose request arrives late (in one process)", rounds, Harm.NONE));
    }

    @Test
    void isFencedWhenItsProcessWasStopped() throws Exception {
        stopProcess(SEED, 1);
    }

    @Tag("soak")
    @Test
    void isFencedWhenItsProcessWasStoppedTwentyTimes() throws Exception {
        stopProcess(System.nanoTime(), 20);
    }

    private void stopProcess(long seed, int rounds) throws Exception {
        System.out.println("ZombieArchiverIT: seed " + seed + ", " + rounds + " processes");
        Random random = new Random(seed);
        try (S3Archive archive = new S3Archive(folder, seed)) {
            for (int round = 0; round < rounds; round++) {
                grow(archive, seed + 2L * round);
                S3FaultProxy.Held held = hold(archive, PLACES.get(random.nextInt(PLACES.size())));
                try (ArchiverProcess zombie =
                        ArchiverProcess.startBehindProxy(archive, folder.resolve("staging-process-" + round))) {
                    assertThat(held.await(LIMIT)).isTrue();
                    zombie.signal("STOP");
                    S3Archive.Running second = archive.startDirectly();
                    grow(archive, seed + 2L * round + 1);
                    archive.awaitArchived(second);
                    held.release();
                    zombie.signal("CONT");

                    assertThat(zombie.awaitExit(LIMIT))
                            .isEqualTo(ErrorCode.FENCED.exitCode().code());
                    assertThat(zombie.output()).contains("CDP-4005 Another process archives source 'shop'");
                    second.stop();
                    sweep(archive, round);
                }
            }
            requireIntact(archive, "seed " + seed);
        }
        FaultResults.record(FaultResult.survived(
                FaultKind.ZOMBIE, "archiver process stopped and continued (SIGSTOP)", rounds, Harm.NONE));
    }

    private static S3FaultProxy.Held hold(S3Archive archive, String place) {
        return archive.proxy.hold(request -> request.isWrite() && request.path().contains(place));
    }

    private static void grow(S3Archive archive, long seed) {
        RandomHistory.grow(archive.source, seed, 3);
        archive.write();
    }

    private static void requireIntact(S3Archive archive, String what) throws Exception {
        SoftAssertions softly = new SoftAssertions();
        softly.assertThat(archive.harm()).as(what).isEqualTo(Harm.NONE);
        archive.requireSound(softly);
        softly.assertAll();
    }

    /** What a fenced archiver uploaded is listed, deleted, and taken off the list, days later by the clock. */
    private static void sweep(S3Archive archive, int round) {
        for (int step = 1; step <= 3; step++) {
            Clock clock = Clock.offset(Clock.systemUTC(), Duration.ofDays(6L * round + 2L * step));
            new OrphanSweep(archive.direct, SHOP, Engine.POSTGRESQL, clock).sweep();
        }
        assertThat(archive.orphans()).isEmpty();
        assertThat(archive.state().deletions()).isEmpty();
    }
}
