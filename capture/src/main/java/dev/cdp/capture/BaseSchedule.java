package dev.cdp.capture;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * When a base of which tables is tried next. A table that a value keeps from being carried is tried again by itself, each
 * time after twice the pause, up to an hour, and sooner when the value may have gone. All bases of a source pause
 * likewise, for up to five minutes, while statements keep disturbing them. Thread-safe.
 */
final class BaseSchedule {
    static final Duration LONGEST_PAUSE = Duration.ofHours(1);
    private static final int SOONER = 10; // the part of the pause that is kept to when the value may have gone
    private static final Duration FIRST_FAILURE_PAUSE = Duration.ofSeconds(1);
    private static final Duration LONGEST_FAILURE_PAUSE = Duration.ofMinutes(5);

    private final Duration firstPause;
    // All that follows is guarded by this.
    private final Map<String, Instant> waiting = new LinkedHashMap<>(); // native id to the moment from which on
    private final Map<String, Attempts> refused = new HashMap<>();
    private final Set<String> sooner = new HashSet<>();
    private Instant notBefore = Instant.EPOCH;
    private int failures;

    /** Of one table, the last one and the pause behind it. */
    private record Attempts(Instant last, Duration pause) {
        private static final Attempts NONE = new Attempts(Instant.EPOCH, Duration.ZERO);

        Attempts then(Instant now, Duration first) {
            boolean isFirst = pause.isZero() || now.isAfter(last.plus(pause).plus(LONGEST_PAUSE));
            Duration twice = pause.multipliedBy(2);
            return new Attempts(now, isFirst ? first : twice.compareTo(LONGEST_PAUSE) < 0 ? twice : LONGEST_PAUSE);
        }
    }

    /** @param firstPause behind the first base of a table that met a value which cannot be carried */
    BaseSchedule(Duration firstPause) {
        this.firstPause = firstPause;
    }

    /** These tables need one at once. */
    synchronized void request(Set<String> nativeIds) {
        nativeIds.forEach(nativeId -> waiting.put(nativeId, Instant.EPOCH));
    }

    /** The log has a value of the table that cannot be carried. */
    synchronized void metInLog(String nativeId) {
        Attempts attempts = refused.computeIfAbsent(nativeId, first -> Attempts.NONE);
        waiting.merge(nativeId, next(nativeId, attempts), (before, now) -> now.isBefore(before) ? now : before);
    }

    /** A base that was begun by {@link #take} met such a value. */
    synchronized void metInBase(String nativeId, Instant now) {
        Attempts attempts = refused.getOrDefault(nativeId, Attempts.NONE);
        if (attempts.pause().isZero()) {
            attempts = attempts.then(now, firstPause);
        }
        refused.put(nativeId, attempts);
        waiting.put(nativeId, next(nativeId, attempts));
    }

    /** The values that could not be carried may have gone. */
    synchronized void mayBeMended(Set<String> nativeIds) {
        for (String nativeId : nativeIds) {
            Attempts attempts = refused.get(nativeId);
            if (attempts != null) {
                sooner.add(nativeId);
                waiting.computeIfPresent(nativeId, (id, before) -> next(id, attempts));
            }
        }
    }

    private Instant next(String nativeId, Attempts attempts) {
        Duration pause = attempts.pause();
        return attempts.last().plus(sooner.contains(nativeId) ? pause.dividedBy(SOONER) : pause);
    }

    /** The tables whose time has come; they wait no longer. */
    synchronized Set<String> take(Instant now) {
        if (!mayBegin(now)) {
            return Set.of();
        }
        Set<String> due = new HashSet<>();
        waiting.forEach((nativeId, from) -> {
            if (!now.isBefore(from)) {
                due.add(nativeId);
            }
        });
        due.forEach(nativeId -> {
            waiting.remove(nativeId);
            sooner.remove(nativeId);
            refused.computeIfPresent(nativeId, (id, attempts) -> attempts.then(now, firstPause));
        });
        return due;
    }

    /** Whether any base may be begun. */
    synchronized boolean mayBegin(Instant now) {
        return !now.isBefore(notBefore);
    }

    /** A base failed; the first time it is tried again at once. @return when the next one may begin */
    synchronized Instant failed(Instant now) {
        failures++;
        Duration pause = Duration.ZERO;
        if (failures > 1) {
            pause = FIRST_FAILURE_PAUSE.multipliedBy(1L << Math.min(failures - 2, 16));
        }
        notBefore = now.plus(pause.compareTo(LONGEST_FAILURE_PAUSE) < 0 ? pause : LONGEST_FAILURE_PAUSE);
        return notBefore;
    }

    synchronized void succeeded() {
        failures = 0;
        notBefore = Instant.EPOCH;
    }

    /** How many bases failed since the last one that did not. */
    synchronized int failures() {
        return failures;
    }

    /** When the table is tried next; empty while it is being tried, or when nothing is to be. */
    synchronized Optional<Instant> next(String nativeId) {
        return Optional.ofNullable(waiting.get(nativeId));
    }

    synchronized Instant nextOfAll() {
        return notBefore;
    }
}
