package dev.cdp.app.ddl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.cdp.app.ddl.FuzzedDatabase.Ended;
import dev.cdp.app.ddl.FuzzedDatabase.Player;
import dev.cdp.core.Engine;
import dev.cdp.core.archive.ArchiveState;
import dev.cdp.core.archive.LedgerEntry;
import dev.cdp.testkit.services.TestDatabase;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * Random tables and random histories of them, one seed after another, in one database that is captured meanwhile. What
 * the database held behind a transaction is what the archive must give back for it. {@code -Dfuzz.seed=<seeds>} takes
 * those, {@code -Dfuzz.seeds=<number>} so many.
 */
final class FuzzTrial {
    private static final int SEEDS_OF_A_BATCH = 25;
    private static final String LAST = "the_end";
    private static final int STEPS = 100;
    private static final int MOMENTS = 1;

    private final FuzzedDatabase fuzzed;
    private final TestDatabase database;
    private final List<Long> seeds;
    private final List<FuzzLog> logs = new ArrayList<>();
    private final List<Witness> witnesses = new ArrayList<>();
    private final Random pauses;
    private int stepsToPause;

    FuzzTrial(FuzzedDatabase fuzzed, TestDatabase database, List<Long> seeds) {
        this.fuzzed = fuzzed;
        this.database = database;
        this.seeds = seeds;
        this.pauses = new Random(seeds.get(0));
        this.stepsToPause = pauses.nextInt(2 * STEPS);
    }

    /** The seeds of this run: those asked for, or so many new ones. */
    static List<Long> seeds(int usual) {
        String one = System.getProperty("fuzz.seed", "");
        if (!one.isEmpty()) {
            return Pattern.compile(",").splitAsStream(one).map(Long::valueOf).toList();
        }
        int count = Integer.getInteger("fuzz.seeds", usual);
        return new Random().longs(count, 0, 1_000_000_000).boxed().toList();
    }

    /** As many as one database takes. */
    static List<List<Long>> batches(List<Long> seeds) {
        List<List<Long>> batches = new ArrayList<>();
        for (int from = 0; from < seeds.size(); from += SEEDS_OF_A_BATCH) {
            batches.add(seeds.subList(from, Math.min(seeds.size(), from + SEEDS_OF_A_BATCH)));
        }
        return batches;
    }

    void run(Path folder, Engine engine) throws Exception {
        System.out.println("seeds " + seeds);
        Files.createDirectories(folder);
        List<Random> randoms = seeds.stream().map(Random::new).toList();
        List<Boolean> early = randoms.stream().map(Random::nextBoolean).toList();
        for (int i = 0; i < seeds.size(); i++) {
            logs.add(new FuzzLog());
            if (early.get(i)) {
                fuzzed.setUp(i, randoms.get(i), logs.get(i));
            }
        }
        try (ProtectedDatabase source =
                new ProtectedDatabase(folder, engine.name().toLowerCase(Locale.ROOT), database)) {
            source.start();
            source.awaitBase();
            for (int i = 0; i < seeds.size(); i++) {
                if (!early.get(i)) {
                    keep(i, fuzzed.setUp(i, randoms.get(i), logs.get(i)));
                }
                play(source, i, randoms.get(i));
            }
            source.start();
            awaitArchive(source);
            source.stop();
            judge(source, engine);
        }
    }

    private void play(ProtectedDatabase source, int number, Random random) throws Exception {
        List<Player> players = new ArrayList<>();
        try {
            for (int i = 1 + random.nextInt(3); i > 0; i--) {
                players.add(fuzzed.open(number, random, logs.get(number)));
            }
            for (int step = 0; step < STEPS; step++) {
                pause(source, number);
                keep(number, players.get(random.nextInt(players.size())).act());
            }
            for (Player player : players) {
                keep(number, player.end());
            }
        } catch (SQLException e) {
            throw new AssertionError("Seed " + seeds.get(number) + "\n" + logs.get(number), e);
        } finally {
            for (Player player : players) {
                player.close();
            }
        }
    }

    /** Now and then nothing is captured for a while. */
    private void pause(ProtectedDatabase source, int number) throws InterruptedException {
        stepsToPause--;
        if (stepsToPause == 0) {
            logs.get(number).note("the daemon is stopped");
            source.stop();
        } else if (stepsToPause == -STEPS / 2) {
            logs.get(number).note("the daemon is started");
            source.start();
            stepsToPause = STEPS * (4 + pauses.nextInt(8));
        }
    }

    private void keep(int number, Optional<Ended> ended) throws SQLException {
        if (ended.isPresent()) {
            Witness.Scope scope = new Witness.Scope(number, number);
            logs.get(number).note("committed: " + ended.get().nativeId());
            witnesses.add(new Witness(number, ended.get().what(), ended.get().nativeId(), scope, fuzzed.look(scope)));
        }
    }

    /** All of it, the bases that statements made necessary, and the definition behind the last statement. */
    private void awaitArchive(ProtectedDatabase source) throws SQLException {
        database.execute("CREATE TABLE " + LAST + " (id int PRIMARY KEY)");
        await("the end").atMost(ProtectedDatabase.PATIENCE).until(() -> {
            source.requireRunning();
            ArchiveState state = source.state();
            return state.schemaVersions().stream()
                            .anyMatch(each -> each.schema().name().name().equals(LAST))
                    && Judgement.openGaps(state).isEmpty()
                    && isDefined(state);
        });
    }

    private static boolean isDefined(ArchiveState state) {
        long lastStatement = state.statements().stream()
                .mapToLong(LedgerEntry.Statement::seq)
                .max()
                .orElse(0);
        return state.definitions().stream().anyMatch(definition -> definition.seq() >= lastStatement);
    }

    private void judge(ProtectedDatabase source, Engine engine) throws SQLException {
        try (Judgement judgement = new Judgement(fuzzed::caseOf, source)) {
            List<String> differences = judgement.judge(witnesses);
            TreeMap<String, Integer> done = new TreeMap<>();
            logs.forEach(log -> log.done().forEach((kind, count) -> done.merge(kind, count, Integer::sum)));
            int compared = judgement.found().values().stream()
                    .mapToInt(Judgement.Found::states)
                    .sum();
            System.out.println(witnesses.size() + " transactions, " + compared + " states of tables, "
                    + judgement.foldCount() + " folds, statements that succeeded: " + done + ", failed: "
                    + logs.stream().mapToInt(FuzzLog::failed).sum());
            for (int i = 0; i < seeds.size(); i++) {
                String ofCase = "case " + i + ",";
                if (differences.stream().anyMatch(each -> each.startsWith(ofCase))) {
                    System.out.println("Case " + i + " is seed " + seeds.get(i) + ":\n" + logs.get(i));
                }
            }
            assertThat(differences).isEmpty();
            assertThat(source.state().epoch()).as("epochs").isEqualTo(1);
            assertThat(compared).isGreaterThan(seeds.size());
            restore(source, engine, judgement);
        }
    }

    private void restore(ProtectedDatabase source, Engine engine, Judgement judgement) throws SQLException {
        RestoredMoments moments =
                new RestoredMoments(source, engine, database, witnesses, fuzzed::caseOf, fuzzed::lookInto);
        moments.compareSome(judgement.whole(), MOMENTS, pauses);
        Witness.Scope all = new Witness.Scope(0, seeds.size() - 1);
        moments.compareLatest(fuzzed.look(all), all);
    }
}
