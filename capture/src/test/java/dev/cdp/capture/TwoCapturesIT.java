package dev.cdp.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.cdp.capture.CaptureStatus.State;
import dev.cdp.capture.ContestedSource.Running;
import dev.cdp.core.Engine;
import dev.cdp.core.topic.WriterFencedException;
import dev.cdp.testkit.faults.FaultKind;
import dev.cdp.testkit.faults.FaultResult;
import dev.cdp.testkit.faults.FaultResult.Harm;
import dev.cdp.testkit.faults.FaultResults;
import dev.cdp.testkit.faults.TcpProxy;
import dev.cdp.testkit.services.TestKafka;
import dev.cdp.testkit.services.TestKafka.Door;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A source whose capture is started a second time, as by mistake or because the first one seemed to be gone. */
class TwoCapturesIT {
    private static final int ROUNDS_PER_SOURCE = 20;
    private static final int[] REQUESTS_OF_WRITERS = {0, 22, 26}; // produce, open, end a transaction

    @TempDir
    private Path folder;

    /** What else happens when the second one starts. */
    private enum Trouble {
        /** The database ends the older one's connection, so that it opens its writer again. */
        OLDER_LOSES_ITS_SOURCE,
        /** The older one sleeps, wakes when the newer one has taken over, and what it had sent arrives. */
        OLDER_SLEEPS,
        OLDER_LOSES_ITS_CONNECTIONS,
        NONE,
        NEWER_MISSES_AN_ANSWER,
        NEWER_LOSES_ITS_SOURCE
    }

    @ParameterizedTest
    @EnumSource(
            value = Engine.class,
            names = {"POSTGRESQL", "MARIADB"})
    void theNewerOneGoesOnAndTheOlderOneStops(Engine engine) throws Exception {
        long seed = Long.getLong("soak.seed", System.nanoTime());
        Trouble other = Trouble.values()[1 + new Random(seed).nextInt(Trouble.values().length - 1)];
        takeOver(engine, seed, List.of(Trouble.OLDER_LOSES_ITS_SOURCE, other));
    }

    @Tag("soak")
    @ParameterizedTest
    @EnumSource(
            value = Engine.class,
            names = {"POSTGRESQL", "MARIADB"})
    void theNewerOneGoesOnInManyRounds(Engine engine) throws Exception {
        int rounds = Integer.getInteger("soak.rounds", 200) / 2;
        for (int done = 0; done < rounds; done += ROUNDS_PER_SOURCE) {
            long seed = Long.getLong("soak.seed", System.nanoTime());
            List<Trouble> troubles = new Random(seed)
                    .ints(Math.min(ROUNDS_PER_SOURCE, rounds - done), 0, Trouble.values().length)
                    .mapToObj(number -> Trouble.values()[number])
                    .toList();
            takeOver(engine, seed, troubles);
        }
    }

    private void takeOver(Engine engine, long seed, List<Trouble> troubles) throws Exception {
        String what = engine + " " + troubles + ", -Dsoak.seed=" + seed;
        System.out.println("TwoCapturesIT: " + what);
        Random random = new Random(seed);
        Map<Trouble, Integer> rounds = new EnumMap<>(Trouble.class);
        try (ContestedSource contested = new ContestedSource(engine, folder.resolve(Long.toString(seed)))) {
            Running current = contested.start(Door.FIRST);
            current.awaitState(State.STREAMING);
            contested.awaitCaptured(current, "base");
            contested.startWriters();
            for (Trouble trouble : troubles) {
                long begin = System.nanoTime();
                current = takeOver(contested, current, trouble, random);
                rounds.merge(trouble, 1, Integer::sum);
                contested.awaitCaptured(current, "round " + rounds);
                System.out.printf(
                        "TwoCapturesIT: %s %s, %d ms%n", engine, trouble, (System.nanoTime() - begin) / 1_000_000);
            }
            contested.requireEverythingOnce(current, what);
        }
        rounds.forEach((trouble, count) -> FaultResults.record(FaultResult.survived(
                FaultKind.ZOMBIE,
                "second capture (" + engine.name().toLowerCase(Locale.ROOT) + "): "
                        + trouble.name().toLowerCase(Locale.ROOT).replace('_', ' '),
                count,
                Harm.NONE)));
    }

    /** @return the newer one */
    private static Running takeOver(ContestedSource contested, Running older, Trouble trouble, Random random)
            throws Exception {
        Door door = older.door() == Door.FIRST ? Door.SECOND : Door.FIRST;
        TcpProxy toOlder = TestKafka.shared().proxy(older.door());
        TcpProxy toNewer = TestKafka.shared().proxy(door);
        String claim = contested.claim();
        if (trouble == Trouble.OLDER_LOSES_ITS_SOURCE) {
            contested.endReaders();
        } else if (trouble == Trouble.OLDER_SLEEPS) {
            toOlder.hold();
        } else if (trouble == Trouble.NEWER_MISSES_AN_ANSWER) {
            toNewer.loseAnswerTo(
                    TcpProxy.kafkaRequest(REQUESTS_OF_WRITERS[random.nextInt(REQUESTS_OF_WRITERS.length)]));
        }

        Running newer = contested.start(door);
        for (int cuts = 1 + random.nextInt(5); trouble == Trouble.OLDER_LOSES_ITS_CONNECTIONS && cuts > 0; cuts--) {
            Thread.sleep(random.nextInt(300));
            toOlder.cut();
        }
        if (trouble == Trouble.OLDER_SLEEPS) {
            await("its claim")
                    .atMost(ContestedSource.PATIENCE)
                    .until(() -> !contested.claim().equals(claim));
            toOlder.release();
        }
        Throwable end = older.awaitEnd();
        newer.awaitState(State.STREAMING);
        if (trouble == Trouble.NEWER_LOSES_ITS_SOURCE) {
            contested.endReaders();
        }

        assertThat(end)
                .as("%s", trouble)
                .isInstanceOf(WriterFencedException.class)
                .hasMessage("Another process captures source '" + contested.id + "', " + contested.claim()
                        + "; this one stopped writing");
        assertThat(older.isIn(State.FAILED)).isTrue();
        assertThat(contested.claim()).isNotEqualTo(claim);
        return newer;
    }
}
