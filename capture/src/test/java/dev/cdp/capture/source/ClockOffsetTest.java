package dev.cdp.capture.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ClockOffsetTest {

    /** Whenever within the round trip the server looked at its clock. */
    @Test
    void theTrueOffsetLiesWithinTheErrorOfARoundTrip() {
        Random random = new Random(7);
        for (int i = 0; i < 10_000; i++) {
            Duration truth = Duration.ofNanos(random.nextLong(20_000_000_000L) - 10_000_000_000L);
            long roundTrip = random.nextLong(1_000_000_000L);
            Instant sent = Instant.parse("2026-11-21T03:00:00Z").plusNanos(random.nextLong(1_000_000_000L));
            Instant looked = sent.plusNanos(random.nextLong(roundTrip + 1));

            ClockOffset offset = ClockOffset.of(sent, looked.plus(truth), sent.plusNanos(roundTrip));

            assertThat(offset.offset().minus(truth).abs()).isLessThanOrEqualTo(offset.error());
            assertThat(offset.error()).isLessThan(Duration.ofNanos(roundTrip / 2 + 2000));
        }
    }

    @Test
    void clocksAreApartByTheirOffsetsAndErrors() {
        ClockOffset ahead = new ClockOffset(Duration.ofMillis(4000), Duration.ofMillis(10));
        ClockOffset behind = new ClockOffset(Duration.ofMillis(-3000), Duration.ofMillis(20));
        ClockOffset unsure = new ClockOffset(Duration.ZERO, Duration.ofMillis(100));

        assertThat(ClockOffset.spread(List.of(unsure, ahead, behind))).contains(Duration.ofMillis(7030));
        assertThat(ClockOffset.spread(List.of(unsure, unsure))).contains(Duration.ofMillis(200));
        assertThat(ClockOffset.spread(List.of(ahead))).isEqualTo(Optional.empty());
    }
}
