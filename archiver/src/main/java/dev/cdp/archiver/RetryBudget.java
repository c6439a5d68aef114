package dev.cdp.archiver;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** How often and how long the same work may fail before it is given up: growing pauses, up to a limit of time. */
final class RetryBudget {
    private static final Duration FIRST_PAUSE = Duration.ofMillis(500);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(20);

    private final Clock clock;
    private final Duration limit;
    private @Nullable Instant failingSince;
    private Duration pause = FIRST_PAUSE;

    RetryBudget(Clock clock, Duration limit) {
        this.clock = clock;
        this.limit = limit;
    }

    /** The work went well: the next failure is a first one. */
    void succeeded() {
        failingSince = null;
        pause = FIRST_PAUSE;
    }

    /** Counts a failure. @return whether to try again, after {@link #pause} */
    boolean allowsAnother() {
        Instant now = clock.instant();
        if (failingSince == null) {
            failingSince = now;
            return true;
        }
        pause = pause.multipliedBy(2).compareTo(LONGEST_PAUSE) < 0 ? pause.multipliedBy(2) : LONGEST_PAUSE;
        return Duration.between(failingSince, now).compareTo(limit) < 0;
    }

    Duration pause() {
        return pause;
    }
}
