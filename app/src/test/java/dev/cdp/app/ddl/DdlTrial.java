package dev.cdp.app.ddl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.cdp.core.Engine;
import dev.cdp.core.archive.ArchiveState;
import dev.cdp.testkit.fidelity.DatabaseVersion;
import dev.cdp.testkit.fidelity.FidelityCase;
import dev.cdp.testkit.fidelity.FidelityKind;
import dev.cdp.testkit.fidelity.FidelityResult;
import dev.cdp.testkit.fidelity.FidelityResults;
import dev.cdp.testkit.services.TestDatabase;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.regex.Pattern;

/**
 * One history of all cases of an engine: a part of it while capture is at work, a part while it is stopped, so that the
 * catalog is ahead of the log when it goes on. {@code -Dddl.only=<regular expression>} takes those whose name has a match.
 */
final class DdlTrial {
    private static final String LAST = "the_end";

    /** Which cases run while capture is stopped. */
    enum Stopped {
        A_QUARTER("every transaction"),
        FOR_ALL("every transaction, read afterwards");

        private final String place;

        Stopped(String place) {
            this.place = place;
        }
    }

    private final DatabaseVersion version;
    private final List<DdlCase> cases;
    private final WitnessedDatabase witnessed;
    private final TestDatabase database;
    private final Stopped stopped;
    private final int firstBehind;
    private final int behindEnd;
    private final DdlHistory history;
    private final Random random;
    private int moments;

    DdlTrial(
            DatabaseVersion version,
            List<DdlCase> cases,
            WitnessedDatabase witnessed,
            TestDatabase database,
            Stopped stopped) {
        long seed = System.nanoTime();
        System.out.println(version + ", seed " + seed);
        Pattern only = Pattern.compile(System.getProperty("ddl.only", ""));
        this.version = version;
        this.cases =
                cases.stream().filter(one -> only.matcher(one.name()).find()).toList();
        this.witnessed = witnessed;
        this.database = database;
        this.stopped = stopped;
        this.firstBehind = stopped == Stopped.FOR_ALL ? 0 : this.cases.size() / 2;
        this.behindEnd = stopped == Stopped.FOR_ALL ? this.cases.size() : this.cases.size() * 3 / 4;
        this.history = new DdlHistory(witnessed, this.cases, seed);
        this.random = new Random(seed);
    }

    /** Moments without a gap that are restored into databases of their own at the end; none unless this is called. */
    DdlTrial restoring(int some) {
        moments = some;
        return this;
    }

    void run(Path folder, Engine engine) throws Exception {
        history.setUp();
        try (ProtectedDatabase source =
                new ProtectedDatabase(folder, engine.name().toLowerCase(Locale.ROOT), database)) {
            source.start();
            source.awaitBase();
            history.run(0, firstBehind);
            source.stop();
            history.run(firstBehind, behindEnd);
            source.start();
            history.run(behindEnd, cases.size());
            awaitArchive(source);
            source.stop();
            judge(source, engine);
        }
    }

    /** All of it, and the bases that statements made necessary. */
    private void awaitArchive(ProtectedDatabase source) throws SQLException {
        database.execute("CREATE TABLE " + LAST + " (id int PRIMARY KEY)");
        await("the end").atMost(ProtectedDatabase.PATIENCE).untilAsserted(() -> {
            source.requireRunning();
            ArchiveState state = source.state();
            assertThat(state.schemaVersions())
                    .anyMatch(each -> each.schema().name().name().equals(LAST));
            assertThat(Judgement.openGaps(state)).isEmpty();
        });
    }

    private void judge(ProtectedDatabase source, Engine engine) throws SQLException {
        try (Judgement judgement = new Judgement(witnessed::caseOf, source)) {
            List<String> differences = judgement.judge(history.witnesses());
            System.out.println(history.witnesses().size() + " transactions, " + judgement.foldCount() + " folds");
            List<String> unexpected = new ArrayList<>();
            for (int i = 0; i < cases.size(); i++) {
                Judgement.Found found = judgement.found().get(i);
                if (!isExpected(i, found.outcome())) {
                    unexpected.add(cases.get(i).name() + " => " + found.outcome());
                }
                if (differences.isEmpty()) {
                    FidelityResults.record(result(cases.get(i), found));
                }
            }
            assertThat(differences).isEmpty();
            assertThat(unexpected).isEmpty();
            if (moments > 0) {
                restore(source, engine, judgement);
            }
        }
    }

    private void restore(ProtectedDatabase source, Engine engine, Judgement judgement) throws SQLException {
        new RestoredMoments(source, engine, database, history.witnesses(), witnessed::caseOf, witnessed::lookInto)
                .compareSome(judgement.whole(), moments, random);
    }

    /** While capture is at work, it may be behind as well. */
    private boolean isExpected(int number, DdlCase.Expected outcome) {
        DdlCase one = cases.get(number);
        boolean isBehind = firstBehind <= number && number < behindEnd;
        return outcome == one.expectedBehind() || !isBehind && outcome == one.expected();
    }

    private FidelityResult result(DdlCase one, Judgement.Found found) {
        FidelityCase statement = new FidelityCase(FidelityKind.STATEMENT, one.name(), stopped.place);
        return switch (found.outcome()) {
            case RIGHT -> FidelityResult.certified(version, statement, found.states());
            case RE_BASED ->
                FidelityResult.flagged(version, statement, found.states(), "a gap that ends with a new base");
            case LEFT_OUT ->
                FidelityResult.flagged(version, statement, found.states(), "not protected for as long as it says so");
        };
    }
}
