package dev.cdp.app.faults;

import dev.cdp.app.faults.Fault.AtPoint;
import dev.cdp.app.faults.Fault.Signal;
import dev.cdp.core.Engine;
import dev.cdp.core.crash.CrashPoint;
import dev.cdp.testkit.faults.FaultResult;
import dev.cdp.testkit.faults.FaultResult.Harm;
import dev.cdp.testkit.faults.FaultResults;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Fault after fault in one lab, restarts between them, and now and then a comparison of everything that was archived
 * since the last one. Rounds count only when they really ran and were compared.
 */
final class Campaign implements AutoCloseable {
    /** What was armed and not reached within this did not happen. */
    private static final Duration REACH = Duration.ofSeconds(120);

    private static final Duration PATIENCE = Duration.ofSeconds(300);

    private static final int ATTEMPTS = 5;

    private final Lab lab;
    private final long seed;
    private final Random random;
    private final List<Fault> uncompared = new ArrayList<>();
    private final List<String> story = new ArrayList<>();
    private final List<String> neverReached = new ArrayList<>();

    /** Starts a source under load. */
    Campaign(Path folder, Engine engine, long seed) throws SQLException, IOException {
        this.seed = seed;
        this.random = new Random(seed);
        this.lab = new Lab(folder, engine, seed);
    }

    /** Crashes the very first start twice, then waits for the first base. */
    void begin() throws SQLException, IOException, InterruptedException {
        run(new AtPoint(CrashPoint.CAPTURE_EPOCH_ANCHORED));
        List<String> first = Fault.FIRST_START.stream().sorted().toList();
        run(new AtPoint(CrashPoint.of(first.get(random.nextInt(first.size())))));
        lab.run(Role.CAPTURE, Role.ARCHIVE);
        await("the first base", lab::isProtected);
        lab.writers().beginAnotherLogFile();
    }

    /** Does one round, which leaves its process dead or paused and woken. */
    void run(Fault fault) throws SQLException, IOException, InterruptedException {
        long begin = System.nanoTime();
        boolean happened = fault instanceof AtPoint point ? crash(point) : signal((Signal) fault);
        System.out.printf(
                "CrashIT %s %s%s, %d ms%n",
                lab.engine(),
                story.get(story.size() - 1),
                happened ? "" : " was not reached",
                (System.nanoTime() - begin) / 1_000_000);
        if (happened) {
            uncompared.add(fault);
        } else {
            neverReached.add(fault.title());
        }
    }

    private boolean crash(AtPoint fault) throws SQLException, IOException, InterruptedException {
        String armed = fault.point().id() + ":" + fault.passage(random);
        story.add(armed);
        lab.run(partner(fault.role()));
        boolean happened = crash(fault, armed);
        // asked to end at a moment when nothing was left to do, a process never comes to its last steps
        for (int i = 1; !happened && fault.stir() == Fault.Stir.TERM && i < ATTEMPTS; i++) {
            happened = crash(fault, armed);
        }
        return happened;
    }

    private boolean crash(AtPoint fault, String armed) throws SQLException, IOException, InterruptedException {
        long entries = lab.ledgerEntries();
        CdpProcess process = lab.restart(fault.role(), armed);
        long deadline = System.nanoTime() + REACH.toNanos();
        // the first base comes by itself, and statements would only disturb it
        Fault.Stir stir =
                lab.isProtected() || fault.stir() != Fault.Stir.DEFINITIONS ? fault.stir() : Fault.Stir.NOTHING;
        int pause = stir == Fault.Stir.DEFINITIONS ? 40 : 4; // a base that is disturbed is taken again ever later
        for (int i = 0; !process.awaitEnd(Duration.ofMillis(250)) && System.nanoTime() < deadline; i++) {
            boolean isAtWork = stir != Fault.Stir.TERM || lab.ledgerEntries() > entries;
            if (i % pause == 2 && isAtWork) {
                stir(stir, process);
            }
        }
        if (process.isAlive()) {
            process.kill();
            return false;
        }
        if (process.exitCode() != CrashPoint.EXIT_CODE && fault.stir() != Fault.Stir.TERM) {
            throw failure("the process armed with " + armed + " ended with " + process.exitCode());
        }
        return process.exitCode() == CrashPoint.EXIT_CODE;
    }

    private void stir(Fault.Stir what, CdpProcess process) throws SQLException, IOException, InterruptedException {
        switch (what) {
            case NOTHING -> {
                // the load is enough
            }
            case DEFINITIONS -> lab.writers().changeDefinitions();
            case MANY_ROWS -> lab.writers().commitManyRows();
            case MANY_BYTES -> lab.writers().commitManyBytes();
            case TERM -> process.signal("TERM");
            case CONFIGURATION -> lab.changeConfiguration();
        }
    }

    private boolean signal(Signal fault) throws IOException, InterruptedException {
        story.add(fault.title());
        Role role = fault.role();
        lab.run(role == Role.DAEMON ? new Role[] {role} : new Role[] {Role.CAPTURE, Role.ARCHIVE});
        CdpProcess process = lab.process(role);
        Thread.sleep(500 + random.nextInt(3000));
        switch (fault.what()) {
            case KILL -> process.kill();
            case STOP_AND_CONTINUE -> {
                process.signal("STOP");
                Thread.sleep(500 + random.nextInt(3000));
                process.signal("CONT");
            }
            case TERM -> {
                process.signal("TERM");
                if (!process.awaitEnd(PATIENCE)) {
                    throw failure("the process did not end after SIGTERM");
                }
            }
        }
        return true;
    }

    private static Role[] partner(Role role) {
        return switch (role) {
            case CAPTURE -> new Role[] {Role.ARCHIVE};
            case ARCHIVE -> new Role[] {Role.CAPTURE};
            case DAEMON -> new Role[] {};
        };
    }

    /** Lets the pipeline catch up with what is committed now, compares, and keeps the results of the rounds before. */
    void compare() throws SQLException, IOException, InterruptedException {
        long begin = System.nanoTime();
        lab.run(Role.CAPTURE, Role.ARCHIVE);
        Map<Integer, Long> committed = lab.journal().newest();
        await("the archive to catch up with " + committed, () -> lab.compare(committed));
        Harm harm = lab.comparison().harm();
        List<String> faults = lab.faults();
        for (Fault fault : faults.isEmpty() ? uncompared : List.<Fault>of()) { // a broken comparison is no result
            FaultResults.record(FaultResult.survived(fault.kind(), fault.title(), 1, harm));
        }
        if (!harm.equals(Harm.NONE) || !faults.isEmpty()) {
            throw failure(harm + " " + faults + "\n"
                    + String.join("\n", lab.comparison().examples()));
        }
        uncompared.clear();
        System.out.printf(
                "CrashIT %s compared, %d transactions so far, %d ms%n",
                lab.engine(), lab.comparison().compared(), (System.nanoTime() - begin) / 1_000_000);
    }

    Lab lab() {
        return lab;
    }

    List<String> neverReached() {
        return List.copyOf(neverReached);
    }

    private interface Condition {
        boolean holds() throws SQLException, IOException, InterruptedException;
    }

    private void await(String what, Condition condition) throws SQLException, IOException, InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.holds()) {
            if (System.nanoTime() > deadline) {
                throw failure("waited " + PATIENCE.toSeconds() + " s for " + what + "; reached "
                        + lab.comparison().reached() + ", " + lab.comparison().examples());
            }
            Thread.sleep(100);
        }
    }

    /** Says what is needed to see it again. */
    private AssertionError failure(String what) {
        return new AssertionError(what + "\nreplay: -Dcrash.seed=" + seed + ", " + lab.engine() + ", rounds " + story
                + "\n" + lab.lastWords());
    }

    @Override
    public void close() throws SQLException {
        lab.close();
    }
}
