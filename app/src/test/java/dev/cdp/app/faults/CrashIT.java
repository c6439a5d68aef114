package dev.cdp.app.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cdp.app.faults.Fault.AtPoint;
import dev.cdp.app.faults.Fault.Signal;
import dev.cdp.core.Engine;
import dev.cdp.testkit.faults.FaultResults;
import dev.cdp.testkit.faults.Soak;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A source is written to all the time while its pipeline is stopped dead at named places in the code, killed, paused and
 * terminated. Then the archive must hold exactly what two witnesses saw, the application's journal and a decoder that is
 * not ours: nothing lost, nothing twice, nothing out of order. The source must never have been told that it may discard
 * log that the archive does not hold.
 *
 * <p>{@link Lab} is one source with its pipeline; {@link Campaign} does the rounds in it; {@link Comparison} judges.
 */
class CrashIT {
    /** Points that need a minute of entries, tens of megabytes, or the right moment, to be reached. */
    private static final Set<String> SLOW = Set.of(
            "archiver.checkpoint-written",
            "archiver.checkpoints-pruned",
            "archiver.transaction-spilled",
            "archiver.stop-committed");

    private static final int SAMPLE = 6;
    private static final int ROUNDS_PER_LAB = 40;
    private static final int ROUNDS_PER_COMPARISON = 8;

    @TempDir
    private Path folder;

    @ParameterizedTest
    @EnumSource(
            value = Engine.class,
            names = {"POSTGRESQL", "MARIADB"})
    void losesRepeatsAndMisplacesNothingInASampleOfFaults(Engine engine) throws Exception {
        long seed = Long.getLong("crash.seed", System.nanoTime());
        System.out.println("CrashIT " + engine + " seed " + seed);
        try (Campaign campaign = new Campaign(folder, engine, seed)) {
            campaign.begin();
            for (Fault fault : sample(engine, new Random(seed))) {
                campaign.run(fault);
            }
            campaign.compare();

            assertThat(campaign.neverReached()).isEmpty();
            assertThat(campaign.lab().comparison().compared()).isGreaterThan(100);
            if (engine == Engine.POSTGRESQL) {
                assertThat(campaign.lab().acknowledgementSamples()).isGreaterThan(50);
            }
        }
    }

    private static List<Fault> sample(Engine engine, Random random) {
        String wanted = System.getProperty("crash.points", ".*");
        List<Fault> points = new ArrayList<>(Fault.all(engine).stream()
                .filter(fault -> fault instanceof AtPoint && !SLOW.contains(fault.title()))
                .filter(fault -> fault.title().matches(wanted))
                .toList());
        Collections.shuffle(points, random);
        List<Fault> sample = new ArrayList<>(points.subList(0, Math.min(SAMPLE, points.size())));
        sample.add(new Signal(Signal.Kind.STOP_AND_CONTINUE, random.nextBoolean() ? Role.CAPTURE : Role.ARCHIVE));
        sample.add(new Signal(Signal.Kind.TERM, random.nextBoolean() ? Role.CAPTURE : Role.ARCHIVE));
        return sample;
    }

    /** Goes on where the results of earlier runs stand: what had the fewest rounds comes first. */
    @Test
    @Tag("soak")
    void losesRepeatsAndMisplacesNothingInManyRoundsOfEveryFault() throws Exception {
        Path kept = Files.createDirectories(Path.of("target", "crash-labs").toAbsolutePath());
        Map<String, Integer> rounds = new ConcurrentHashMap<>();
        FaultResults.ofThisRun()
                .ifPresent(results -> results.total().forEach(result -> rounds.put(result.fault(), result.rounds())));
        long end = System.nanoTime() + Soak.duration().toNanos();
        List<Throwable> failures = new CopyOnWriteArrayList<>();
        List<Thread> threads = new ArrayList<>();
        for (Engine engine : List.of(Engine.POSTGRESQL, Engine.MARIADB)) {
            Thread thread = new Thread(() -> soak(kept, engine, rounds, end, failures), "soak-" + engine);
            threads.add(thread);
            thread.start();
        }
        for (Thread thread : threads) {
            thread.join();
        }

        assertThat(failures).isEmpty();
    }

    private static void soak(
            Path folder, Engine engine, Map<String, Integer> rounds, long end, List<Throwable> failures) {
        while (System.nanoTime() < end && failures.size() < 5) {
            long seed = System.nanoTime();
            System.out.println("CrashIT soak " + engine + " seed " + seed);
            try (Campaign campaign = new Campaign(folder.resolve(engine + "-" + seed), engine, seed)) {
                campaign.begin();
                List<Fault> plan = fewestRoundsFirst(engine, rounds, new Random(seed));
                for (int i = 0; i < plan.size() && System.nanoTime() < end; i++) {
                    campaign.run(plan.get(i));
                    rounds.merge(plan.get(i).title(), 1, Integer::sum);
                    if (i % ROUNDS_PER_COMPARISON == ROUNDS_PER_COMPARISON - 1) {
                        campaign.compare();
                    }
                }
                campaign.compare();
                System.out.println("CrashIT soak " + engine + " compared "
                        + campaign.lab().comparison().compared() + " transactions, "
                        + campaign.lab().acknowledgementSamples() + " acknowledgements, never reached "
                        + campaign.neverReached());
            } catch (Throwable e) { // a thread that dies unnoticed would pass for one that found nothing
                e.printStackTrace(System.out);
                failures.add(e);
            }
        }
    }

    /** In blocks of one role, since changing between them costs restarts. */
    private static List<Fault> fewestRoundsFirst(Engine engine, Map<String, Integer> rounds, Random random) {
        List<Fault> all = new ArrayList<>(Fault.all(engine));
        Collections.shuffle(all, random);
        Map<String, Integer> now = Map.copyOf(rounds);
        all.sort(Comparator.comparing(fault -> now.getOrDefault(fault.title(), 0)));
        Map<Role, List<Fault>> blocks = all.subList(0, Math.min(ROUNDS_PER_LAB, all.size())).stream()
                .collect(Collectors.groupingBy(Fault::role));
        return blocks.values().stream().flatMap(List::stream).toList();
    }
}
