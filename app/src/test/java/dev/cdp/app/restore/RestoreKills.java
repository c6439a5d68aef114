package dev.cdp.app.restore;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cdp.app.restore.RestoredContent.State;
import dev.cdp.core.crash.CrashPoint;
import dev.cdp.restore.plan.RestorePlan;
import dev.cdp.testkit.faults.FaultKind;
import dev.cdp.testkit.faults.FaultResult;
import dev.cdp.testkit.faults.FaultResult.Harm;
import dev.cdp.testkit.faults.FaultResults;
import java.nio.file.Files;
import java.util.EnumMap;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/** Rounds of: restore, be killed at a point, look at what is left, resume, compare with a restore that was not killed. */
final class RestoreKills {
    /** How often a restore of both databases passes each point. */
    private static final Map<CrashPoint, Integer> PASSAGES = new EnumMap<>(CrashPoint.class);

    static {
        for (CrashPoint point : CrashPoint.values()) {
            if (point.id().startsWith("restore.")) {
                PASSAGES.put(point, 2); // once for each database
            }
        }
        PASSAGES.put(CrashPoint.RESTORE_PLAN_CHECKED, 1);
        PASSAGES.put(CrashPoint.RESTORE_STAGED, 1);
        PASSAGES.put(CrashPoint.RESTORE_REPORTED, 1);
        PASSAGES.put(CrashPoint.RESTORE_DATABASE_MADE, 1); // these are of one engine
        PASSAGES.put(CrashPoint.RESTORE_DATABASE_UNMARKED, 1);
        PASSAGES.put(CrashPoint.RESTORE_TABLES_MOVED, 1);
        PASSAGES.put(CrashPoint.RESTORE_PROGRAMS_MADE, 1);
        PASSAGES.put(CrashPoint.RESTORE_BATCH_RUN, 3);
        PASSAGES.put(CrashPoint.RESTORE_STATEMENT_RUN, 10);
        PASSAGES.put(CrashPoint.RESTORE_ROWS_UNRECORDED, 3);
        PASSAGES.put(CrashPoint.RESTORE_TABLE_LOADED, 6);
        PASSAGES.put(CrashPoint.RESTORE_TABLE_HALF_LOADED, 400);
    }

    private static final int PATIENCE_SECONDS = 300;

    private final RestorableShop shop;
    private final Random random;
    private final RestoredContent wantedOrders;
    private final RestoredContent wantedStock;
    private int rounds;

    /** Restores once without a kill. */
    RestoreKills(RestorableShop shop, long seed) throws Exception {
        this.shop = shop;
        this.random = new Random(seed);
        assertThat(shop.restore(shop.plan("whole"))).as(shop.printed()).isZero();
        this.wantedOrders = shop.orders("whole");
        this.wantedStock = shop.stock("whole");
        assertThat(wantedOrders.lines()).hasSizeGreaterThan(100);
        assertThat(wantedStock.lines()).hasSizeGreaterThan(100);
    }

    static Iterable<CrashPoint> points() {
        return PASSAGES.keySet();
    }

    void round(CrashPoint point) throws Exception {
        int passage = 1 + random.nextInt(PASSAGES.get(point));
        String suffix = "round_" + ++rounds;
        RestorePlan plan = shop.plan(suffix);
        String at = point.id() + ":" + passage;

        kill(plan, at);
        requireNothingHalf(at, suffix);
        if (random.nextInt(3) == 0) { // killed again on its way
            Process again = shop.start(plan, null);
            if (!again.waitFor(500 + random.nextInt(3000), TimeUnit.MILLISECONDS)) {
                again.destroyForcibly().waitFor();
            }
            requireNothingHalf(at + " and again", suffix);
        }

        assertThat(shop.restore(plan)).as(at + ": " + shop.printed()).isZero();
        assertThat(shop.orders(suffix).differences(wantedOrders)).as(at).isEmpty();
        assertThat(shop.stock(suffix).differences(wantedStock)).as(at).isEmpty();
        assertThat(shop.resume(plan)).as("once more after " + at).isZero();
        shop.drop(suffix);
        FaultResults.record(FaultResult.survived(FaultKind.RESTORE, point.id(), 1, Harm.NONE));
    }

    private void kill(RestorePlan plan, String at) throws Exception {
        Process process = shop.start(plan, at);
        try {
            assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue())
                    .as(at + ": " + Files.readString(shop.childLog(plan)))
                    .isEqualTo(CrashPoint.EXIT_CODE);
        } finally {
            process.destroyForcibly();
        }
    }

    /** Under its own name a database is absent, whole, or, while it takes its name on MariaDB, says that it is not. */
    private void requireNothingHalf(String at, String suffix) {
        RestoredContent orders = shop.orders(suffix);
        RestoredContent stock = shop.stock(suffix);
        if (orders.state() != State.ABSENT) {
            assertThat(orders.differences(wantedOrders)).as(at).isEmpty();
        }
        if (stock.state() == State.COMPLETE) {
            assertThat(stock.differences(wantedStock)).as(at).isEmpty();
        }
        if (stock.state() == State.SAYS_IT_IS_INCOMPLETE && !at.contains("again")) {
            assertThat(at).containsAnyOf("restore.tables-moved", "restore.programs-made");
        }
    }
}
