package dev.cdp.capture;

import dev.cdp.capture.CaptureStatus.State;
import dev.cdp.capture.ContestedSource.Running;
import dev.cdp.core.Engine;
import dev.cdp.testkit.faults.FaultKind;
import dev.cdp.testkit.faults.FaultResult;
import dev.cdp.testkit.faults.FaultResult.Harm;
import dev.cdp.testkit.faults.FaultResults;
import dev.cdp.testkit.faults.TcpProxy;
import dev.cdp.testkit.services.TestKafka;
import dev.cdp.testkit.services.TestKafka.Door;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Capture with a broker that carries requests out while the answers do not arrive. */
class LostKafkaAnswersIT {
    private static final int ROUNDS_PER_SOURCE = 100;

    /** Longer than a commit waits for its answer. */
    private static final Duration LONG = Duration.ofSeconds(75);

    @TempDir
    private Path folder;

    /** What is not answered. */
    private enum Request {
        WRITE_RECORDS(0),
        END_TRANSACTION(26);

        private final int number;

        Request(int number) {
            this.number = number;
        }
    }

    @Test
    void everyChangeIsThereOnceWhenAnswersToItsRequestsAreLost() throws Exception {
        loseAnswers(Long.getLong("soak.seed", System.nanoTime()), 10);
    }

    @Tag("soak")
    @Test
    void everyChangeIsThereOnceWhenHundredsOfAnswersAreLost() throws Exception {
        int rounds = Integer.getInteger("soak.rounds", 500);
        for (int done = 0; done < rounds; done += ROUNDS_PER_SOURCE) {
            loseAnswers(Long.getLong("soak.seed", System.nanoTime()), Math.min(ROUNDS_PER_SOURCE, rounds - done));
        }
    }

    private void loseAnswers(long seed, int rounds) throws Exception {
        String what = rounds + " rounds, -Dsoak.seed=" + seed;
        System.out.println("LostKafkaAnswersIT: " + what);
        Random random = new Random(seed);
        Map<Request, Integer> lost = new TreeMap<>();
        try (ContestedSource contested = new ContestedSource(Engine.POSTGRESQL, folder.resolve(Long.toString(seed)))) {
            Running capture = contested.start(Door.FIRST);
            capture.awaitState(State.STREAMING);
            contested.awaitCaptured(capture, "base");
            contested.startWriters();
            for (int round = 0; round < rounds; round++) {
                Request request = Request.values()[random.nextInt(Request.values().length)];
                for (int times = 1 + random.nextInt(3); times > 0; times--) { // the client asks again by itself
                    loseAnswer(request);
                }
                lost.merge(request, 1, Integer::sum);
                contested.awaitCaptured(capture, "round " + round);
            }
            contested.requireEverythingOnce(capture, what);
        }
        lost.forEach((request, count) -> FaultResults.record(FaultResult.survived(
                FaultKind.UNKNOWN_OUTCOME,
                "Kafka: " + request.name().toLowerCase(Locale.ROOT).replace('_', ' ') + ": answer lost",
                count,
                Harm.NONE)));
    }

    /** A commit that Kafka has taken and that its writer has to give up. */
    @Tag("soak")
    @Test
    void startsAgainByItselfWhenTheOutcomeOfACommitStaysUnknown() throws Exception {
        TcpProxy proxy = TestKafka.shared().proxy(Door.FIRST);
        try (ContestedSource contested = new ContestedSource(Engine.MARIADB, folder)) {
            Running capture = contested.start(Door.FIRST);
            capture.awaitState(State.STREAMING);
            contested.awaitCaptured(capture, "base");
            contested.startWriters();
            loseAnswer(Request.END_TRANSACTION);
            proxy.down();
            try {
                TimeUnit.MILLISECONDS.sleep(LONG.toMillis());
                capture.awaitState(State.WAITING);
            } finally {
                proxy.up();
            }
            capture.awaitState(State.STREAMING);
            contested.requireEverythingOnce(capture, "unknown outcome of a commit");
        }
        FaultResults.record(FaultResult.survived(
                FaultKind.UNKNOWN_OUTCOME, "Kafka: end transaction: no answer at all", 1, Harm.NONE));
    }

    private static void loseAnswer(Request request) throws Exception {
        TestKafka.shared()
                .proxy(Door.FIRST)
                .loseAnswerTo(TcpProxy.kafkaRequest(request.number))
                .get(ContestedSource.PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }
}
