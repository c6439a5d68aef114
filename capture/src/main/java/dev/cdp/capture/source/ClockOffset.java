package dev.cdp.capture.source;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.Collections;
import java.util.Optional;

/**
 * How far the clock of a source is from ours, as a round trip tells: the server's time was read somewhere between the
 * two moments at which we sent the question and had the answer.
 *
 * @param offset the source's time less ours at the middle of the round trip
 * @param error half of the round trip, rounded up; the true offset lies within it
 */
public record ClockOffset(Duration offset, Duration error) {
    private static final int ROUND_TRIPS = 3;

    public ClockOffset {
        if (error.isNegative()) {
            throw new IllegalArgumentException("A round trip does not take " + error);
        }
    }

    /** The shortest of a few round trips, which bounds the offset best. A clock of ours that jumps meanwhile spoils it. */
    public static ClockOffset measure(Connection connection, String microsOfServer, Clock ours) throws SQLException {
        ClockOffset best = null;
        try (Statement statement = connection.createStatement()) {
            for (int i = 0; i < ROUND_TRIPS; i++) {
                Instant sent = ours.instant();
                long micros;
                try (ResultSet row = statement.executeQuery(microsOfServer)) {
                    row.next();
                    micros = row.getLong(1);
                }
                Instant received = ours.instant();
                if (!received.isBefore(sent)) {
                    ClockOffset seen = of(sent, Instant.EPOCH.plus(micros, ChronoUnit.MICROS), received);
                    best = best == null || seen.error().compareTo(best.error()) < 0 ? seen : best;
                }
            }
        }
        if (best == null) {
            throw new SQLException("Our clock went back in each of " + ROUND_TRIPS + " round trips");
        }
        return best;
    }

    /** How far two of these clocks can be apart; empty for less than two. */
    public static Optional<Duration> spread(Collection<ClockOffset> clocks) {
        if (clocks.size() < 2) {
            return Optional.empty();
        }
        Duration ahead = Collections.max(
                clocks.stream().map(clock -> clock.offset.plus(clock.error)).toList());
        Duration behind = Collections.min(
                clocks.stream().map(clock -> clock.offset.minus(clock.error)).toList());
        return Optional.of(ahead.minus(behind));
    }

    /** Of one round trip. */
    static ClockOffset of(Instant sent, Instant theirs, Instant received) {
        Duration half = Duration.between(sent, received).dividedBy(2);
        return new ClockOffset(Duration.between(sent.plus(half), theirs), half.plusNanos(1000));
    }
}
