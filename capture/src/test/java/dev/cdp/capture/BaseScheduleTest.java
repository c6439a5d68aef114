package dev.cdp.capture;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import org.junit.jupiter.api.Test;

class BaseScheduleTest {
    private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");
    private static final Set<String> TABLE = Set.of("t");

    private final BaseSchedule schedule = new BaseSchedule(Duration.ofSeconds(10));

    @Test
    void triesATableInVainAfterTwiceThePauseEachTimeUpToAnHour() {
        schedule.metInLog("t");
        Instant now = NOON;
        long[] pauses = {10, 20, 40, 80, 160, 320, 640, 1280, 2560, 3600, 3600};
        for (long pause : pauses) {
            assertThat(schedule.take(now)).isEqualTo(TABLE);
            schedule.metInBase("t", now.plusSeconds(1));

            assertThat(schedule.take(now.plusSeconds(pause).minusMillis(1))).isEmpty();
            now = now.plusSeconds(pause);
        }
    }

    @Test
    void triesATableSoonerThatMayBeMendedButNotAtOnceAgainAndAgain() {
        schedule.metInLog("t");
        for (int i = 0; i < 12; i++) {
            schedule.take(NOON.plusSeconds(i * 3600L));
            schedule.metInBase("t", NOON);
        }
        Instant last = NOON.plusSeconds(11 * 3600L);

        schedule.mayBeMended(TABLE);

        assertThat(schedule.take(last.plusSeconds(359))).isEmpty();
        assertThat(schedule.take(last.plusSeconds(360))).isEqualTo(TABLE);
        schedule.metInBase("t", last.plusSeconds(361));
        assertThat(schedule.take(last.plusSeconds(3600))).isEmpty();
    }

    @Test
    void aMendDuringABaseInVainCountsForTheNextOne() {
        schedule.metInLog("t");
        schedule.take(NOON);
        schedule.mayBeMended(TABLE);
        schedule.metInBase("t", NOON.plusSeconds(5));

        assertThat(schedule.next("t")).hasValue(NOON.plusSeconds(1));
    }

    @Test
    void aValueThatComesAndGoesDoesNotCostABaseEachTime() {
        int bases = 0;
        for (Instant now = NOON; now.isBefore(NOON.plusSeconds(3600)); now = now.plusSeconds(1)) {
            schedule.metInLog("t");
            schedule.mayBeMended(TABLE);
            if (!schedule.take(now).isEmpty()) {
                bases++;
                schedule.succeeded();
            }
        }

        assertThat(bases).isBetween(5, 25);
    }

    @Test
    void beginsAnewAfterAQuietTime() {
        schedule.metInLog("t");
        schedule.take(NOON);

        schedule.metInLog("t");
        assertThat(schedule.next("t")).hasValue(NOON.plusSeconds(10));
        schedule.take(NOON.plusSeconds(10_000));
        schedule.metInLog("t");

        assertThat(schedule.next("t")).hasValue(NOON.plusSeconds(10_010));
    }

    @Test
    void pausesLongerAfterEachFailureUpToFiveMinutes() {
        schedule.request(TABLE);
        assertThat(schedule.failed(NOON)).isEqualTo(NOON);
        assertThat(schedule.failed(NOON)).isEqualTo(NOON.plusSeconds(1));
        assertThat(schedule.take(NOON)).isEmpty();
        assertThat(schedule.failed(NOON)).isEqualTo(NOON.plusSeconds(2));
        for (int i = 0; i < 100; i++) {
            schedule.failed(NOON);
        }
        assertThat(schedule.failed(NOON)).isEqualTo(NOON.plusSeconds(300));
        assertThat(schedule.take(NOON.plusSeconds(300))).isEqualTo(TABLE);

        schedule.succeeded();
        assertThat(schedule.failed(NOON)).isEqualTo(NOON);
    }
}
