package dev.cdp.app.endtoend;

import static dev.cdp.app.endtoend.ProtectedBank.FIRST;
import static dev.cdp.app.endtoend.ProtectedBank.SECOND;
import static dev.cdp.app.endtoend.ProtectedBank.THIRD;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.cdp.app.daemon.SkewedDaemon;
import dev.cdp.app.endtoend.BankState.Verdict;
import dev.cdp.app.endtoend.ProtectedBank.Restored;
import dev.cdp.app.status.ClockSpread;
import dev.cdp.core.Cut;
import dev.cdp.core.ExitCode;
import dev.cdp.core.RestorePoint;
import dev.cdp.core.SourceId;
import dev.cdp.core.TransactionId;
import dev.cdp.core.archive.LedgerEntry;
import dev.cdp.core.archive.ObjectStore;
import dev.cdp.restore.RestorableWindow;
import dev.cdp.restore.cut.ResolvedCut;
import dev.cdp.restore.reading.SourceHistory;
import dev.cdp.testkit.services.TestDatabase;
import dev.cdp.testkit.services.TestMariaDb;
import dev.cdp.testkit.services.TestPostgres;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Three services on three databases trade, in transfers and in sagas of three parties, while their clocks are up to five
 * seconds wrong, each in another direction, and the daemon is killed. Cuts at random moments, transactions and marks are
 * folded: each must hold whole transactions in the order of each service's journal, no message that was not sent, and
 * all the money. The same cuts without the solver do not, which shows that it is the solver that makes them so.
 */
class ThreeServicesCutIT {
    private static final int WORKERS = 2;
    private static final Duration PATIENCE = Duration.ofMinutes(5);
    private static final Duration MOST_WRONG = Duration.ofSeconds(5);
    /** Of so many cuts one is looked at without the solver, too. */
    private static final int CONTROL_EVERY = 10;

    @TempDir
    private Path folder;

    private final Map<SourceId, Duration> offsets = new TreeMap<>();
    private Random random;
    private ProtectedBank bank;

    /** How long it trades, and how much of that is looked at. */
    private record Size(int kills, Duration tradeBetweenKills, int cuts, int loaded) {}

    /** What was found at one cut. */
    private record Finding(
            RestorePoint point,
            Verdict verdict,
            Cut.Consistency consistency,
            long violations,
            int moved,
            long resolveNanos,
            long foldNanos) {}

    /** Of causally closed cuts, and of some of them without the solver. */
    private record Findings(List<Finding> causal, List<Finding> control) {}

    @Test
    void aThousandRandomCutsTearNothingWhileClocksAreWrongAndTheDaemonIsKilled() throws Exception {
        tradeAndCut(new Size(1, Duration.ofSeconds(5), 1000, 5));
    }

    @Test
    @Tag("soak")
    void tenThousandRandomCutsTearNothing() throws Exception {
        tradeAndCut(new Size(5, Duration.ofSeconds(20), 10_000, 20));
    }

    private void tradeAndCut(Size size) throws Exception {
        long seed = System.nanoTime();
        System.out.println("ThreeServicesCutIT seed " + seed);
        random = new Random(seed);
        Map<SourceId, TestDatabase> databases = Map.of(
                FIRST, TestPostgres.version18().createDatabase("first"),
                SECOND, TestMariaDb.shared().createDatabase("second"),
                THIRD, TestPostgres.version15().createDatabase("third"));
        bank = new ProtectedBank(folder, databases, """
                archive: { url: "file:%s", commit-interval: 3s }
                """.formatted(folder.resolve("archive")));
        DaemonProcess daemon = startWithWrongClocks();
        try (ObjectStore archive = bank.openArchive()) {
            awaitUntil(() -> bank.isProtected(archive));
            say("protected");
            Instant from = Instant.now();
            Instant started = from;
            Bank trade = new Bank(bank.services(), seed, 60);
            try {
                for (int kill = 0; kill < size.kills(); kill++) {
                    tradeAndMark(size.tradeBetweenKills(), "before-kill-" + kill);
                    daemon.kill();
                    Thread.sleep(random.nextInt(500));
                    daemon = startWithWrongClocks();
                    started = Instant.now();
                }
                tradeAndMark(size.tradeBetweenKills(), "at-last");
            } finally {
                trade.close();
            }
            Instant restarted = started;
            awaitUntil(() -> bank.sources().stream()
                    .allMatch(source -> bank.reaches(archive, source, restarted.plus(offset(source)))));
            Map<SourceId, SourceHistory> histories = bank.openHistories(archive); // the rest comes from Kafka
            awaitUntil(() -> ClockSpread.of(bank.configuration().configuration(), bank.sources(), Instant.now())
                    .filter(spread -> spread.compareTo(offset(FIRST).minus(offset(SECOND))) >= 0)
                    .isPresent());
            say("traded " + bank.steps() + " transactions");
            load(archive, points(archive, histories, from, size.loaded()));
            daemon.kill();
            say("loaded");
            judge(cut(archive, histories, points(archive, histories, from, size.cuts())), bank.steps());
            histories.values().forEach(SourceHistory::close);
        } finally {
            daemon.close();
        }
    }

    /** One clock is about five seconds ahead, one as much behind; how much changes with each start. */
    private DaemonProcess startWithWrongClocks() throws Exception {
        offsets.put(FIRST, MOST_WRONG.minusMillis(random.nextInt(1000)));
        offsets.put(SECOND, MOST_WRONG.negated().plusMillis(random.nextInt(1000)));
        offsets.put(THIRD, Duration.ofMillis(random.nextInt(2000) - 1000));
        List<String> arguments = new ArrayList<>();
        arguments.add(bank.configuration().path().toString());
        offsets.forEach((source, offset) -> arguments.add(source + "=" + offset));
        return new DaemonProcess(SkewedDaemon.class, arguments, folder.resolve("daemon.log"), DaemonProcess.QUICK);
    }

    private Duration offset(SourceId source) {
        return offsets.getOrDefault(source, Duration.ZERO);
    }

    /** With what the daemon said last, should it not come true. */
    private void awaitUntil(Callable<Boolean> condition) throws Exception {
        try {
            await().atMost(PATIENCE).until(condition);
        } catch (ConditionTimeoutException e) {
            List<String> log = Files.readAllLines(folder.resolve("daemon.log"));
            throw new AssertionError(String.join("\n", log.subList(Math.max(0, log.size() - 50), log.size())), e);
        }
    }

    private void tradeAndMark(Duration time, String name) throws InterruptedException {
        Instant end = Instant.now().plus(time);
        for (int i = 0; Instant.now().isBefore(end); i++) {
            Thread.sleep(300 + random.nextInt(400));
            bank.mark(name + "-" + i);
        }
    }

    /** Times, transactions and marks in what all sources know. */
    private List<RestorePoint> points(
            ObjectStore archive, Map<SourceId, SourceHistory> histories, Instant from, int count) {
        Instant to = histories.values().stream()
                .map(history -> RestorableWindow.of(history.state())
                        .present()
                        .orElseThrow()
                        .latest())
                .min(Instant::compareTo)
                .orElseThrow();
        Map<SourceId, long[]> range = new TreeMap<>();
        try (FoldedBank folded = new FoldedBank(bank, histories, archive, folder.resolve("folding"), Map.of())) {
            Cut first = folded.timeAligned(new RestorePoint.AtTime(from)).cut();
            Cut last = folded.timeAligned(new RestorePoint.AtTime(to)).cut();
            first.sources()
                    .keySet()
                    .forEach(source -> range.put(source, new long[] {
                        first.of(source).seq() + 1, last.of(source).seq()
                    }));
        }
        List<String> marks = marksOfAll(histories);
        assertThat(marks).isNotEmpty();
        List<RestorePoint> points = new ArrayList<>();
        while (points.size() < count) {
            points.add(
                    switch (random.nextInt(5)) {
                        case 0 -> new RestorePoint.AtMark(marks.get(random.nextInt(marks.size())));
                        case 1, 2 -> atTransaction(range);
                        default -> {
                            long micros = Duration.between(from, to).toNanos() / 1000;
                            yield new RestorePoint.AtTime(from.plusNanos(random.nextLong(micros) * 1000));
                        }
                    });
        }
        return points;
    }

    private RestorePoint atTransaction(Map<SourceId, long[]> range) {
        SourceId source = bank.sources().get(random.nextInt(range.size()));
        long[] ends = range.get(source);
        return new RestorePoint.AtTransaction(
                random.nextBoolean() ? RestorePoint.Side.BEFORE : RestorePoint.Side.AFTER,
                new TransactionId(source, random.nextLong(ends[0], ends[1] + 1)));
    }

    private static List<String> marksOfAll(Map<SourceId, SourceHistory> histories) {
        Map<String, Long> sources = histories.values().stream()
                .flatMap(history -> history.state().marks().stream()
                        .map(LedgerEntry.Mark::name)
                        .distinct())
                .collect(Collectors.groupingBy(name -> name, TreeMap::new, Collectors.counting()));
        return sources.entrySet().stream()
                .filter(mark -> mark.getValue() == histories.size())
                .map(Map.Entry::getKey)
                .toList();
    }

    private void load(ObjectStore archive, List<RestorePoint> points) throws SQLException {
        for (int i = 0; i < points.size(); i++) {
            Restored restored = bank.restore(archive, points.get(i), "_loaded_" + i);

            assertThat(restored.report().exitCode()).isEqualTo(ExitCode.DONE);
            assertThat(restored.plan().cut().consistency()).isEqualTo(Cut.Consistency.CAUSALLY_CLOSED);
            assertThat(restored.state().judge(bank.services()))
                    .as("loaded at %s", points.get(i))
                    .isEqualTo(BankState.SOUND);
        }
    }

    private Findings cut(ObjectStore archive, Map<SourceId, SourceHistory> histories, List<RestorePoint> points)
            throws Exception {
        ExecutorService workers = Executors.newFixedThreadPool(WORKERS);
        try {
            Instant begin = Instant.now();
            Map<FoldedBank.Place, Long> proved = new ConcurrentHashMap<>();
            List<Future<Findings>> parts = new ArrayList<>();
            int share = (points.size() + WORKERS - 1) / WORKERS;
            for (int i = 0; i < points.size(); i += share) {
                List<RestorePoint> part = points.subList(i, Math.min(points.size(), i + share));
                Path own = folder.resolve("folding-" + i);
                parts.add(workers.submit(() -> cut(new FoldedBank(bank, histories, archive, own, proved), part)));
            }
            Findings all = new Findings(new ArrayList<>(), new ArrayList<>());
            for (Future<Findings> part : parts) {
                all.causal().addAll(part.get().causal());
                all.control().addAll(part.get().control());
            }
            say(points.size() + " cuts, which are " + proved.size() + " different states of services, in "
                    + Duration.between(begin, Instant.now()).toSeconds() + " s");
            return all;
        } finally {
            workers.shutdownNow();
        }
    }

    private Findings cut(FoldedBank folded, List<RestorePoint> points) throws SQLException {
        Findings findings = new Findings(new ArrayList<>(), new ArrayList<>());
        try (folded) {
            for (int i = 0; i < points.size(); i++) {
                RestorePoint point = points.get(i);
                long begin = System.nanoTime();
                ResolvedCut closed = folded.causal(point);
                findings.causal().add(finding(folded, point, closed, System.nanoTime() - begin));
                if (i % CONTROL_EVERY == 0) {
                    begin = System.nanoTime();
                    ResolvedCut aligned = folded.timeAligned(point);
                    findings.control().add(finding(folded, point, aligned, System.nanoTime() - begin));
                }
            }
        }
        return findings;
    }

    private Finding finding(FoldedBank folded, RestorePoint point, ResolvedCut cut, long resolveNanos)
            throws SQLException {
        long begin = System.nanoTime();
        BankState state = folded.at(cut.cut());
        long foldNanos = System.nanoTime() - begin;
        long violations = cut.links().stream()
                .mapToLong(ResolvedCut.LinkFinding::violations)
                .sum();
        int moved = (int) cut.moves().stream().filter(ResolvedCut.Move::isMoved).count();
        return new Finding(
                point,
                state.judge(bank.services()),
                cut.cut().consistency(),
                violations,
                moved,
                resolveNanos,
                foldNanos);
    }

    private static void judge(Findings findings, long steps) {
        say(summary("causally closed", findings.causal()));
        say(summary("time-aligned", findings.control()));
        assertThat(steps).isGreaterThan(500);
        assertThat(findings.causal()).allSatisfy(finding -> {
            assertThat(finding.verdict()).as("cut at %s", finding.point()).isEqualTo(BankState.SOUND);
            assertThat(finding.consistency()).isEqualTo(Cut.Consistency.CAUSALLY_CLOSED);
            assertThat(finding.violations()).isZero();
        });
        assertThat(findings.causal()).anyMatch(finding -> finding.moved() > 1);
        // without the solver transactions are whole, too, but the same clocks tear what belongs together
        assertThat(findings.control()).allSatisfy(finding -> {
            assertThat(finding.verdict().torn()).isZero();
            assertThat(finding.consistency()).isEqualTo(Cut.Consistency.TIME_ALIGNED);
        });
        assertThat(findings.control()).anyMatch(finding -> finding.verdict().orphans() > 0);
        assertThat(findings.control()).anyMatch(finding -> finding.verdict().brokenDeals() > 0);
        assertThat(findings.control()).anyMatch(finding -> finding.verdict().moneyMade() != 0);
    }

    private static String summary(String kind, List<Finding> findings) {
        Map<String, Long> counts = new HashMap<>();
        findings.forEach(finding -> {
            counts.merge("unsound", finding.verdict().equals(BankState.SOUND) ? 0L : 1, Long::sum);
            counts.merge("orphans", (long) finding.verdict().orphans(), Long::sum);
            counts.merge("moved", finding.moved() > 0 ? 1L : 0, Long::sum);
            counts.merge("resolve", finding.resolveNanos() / 1000, Long::sum);
            counts.merge("fold", finding.foldNanos() / 1000, Long::sum);
        });
        int count = findings.size();
        return "%d %s cuts: %d unsound, %d messages received and never sent, %d moved by the solver; resolve %.1f ms, fold %.1f ms each"
                .formatted(
                        count,
                        kind,
                        counts.get("unsound"),
                        counts.get("orphans"),
                        counts.get("moved"),
                        counts.get("resolve") / 1000.0 / count,
                        counts.get("fold") / 1000.0 / count);
    }

    private static void say(String what) {
        System.out.println(Instant.now() + " " + what);
    }
}
