package dev.cdp.app.moment;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Prints moments for people, always with their zone. */
public final class Moments {
    private static final DateTimeFormatter UTC_MILLIS = DateTimeFormatter.ofPattern(
                    "yyyy-MM-dd HH:mm:ss.SSS'Z'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);
    private static final DateTimeFormatter UTC_CLOCK =
            DateTimeFormatter.ofPattern("HH:mm:ss'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);
    private static final DateTimeFormatter LOCAL_CLOCK = DateTimeFormatter.ofPattern("HH:mm:ss VV", Locale.ROOT);

    private Moments() {}

    /** Three ways: {@code 2026-11-21 03:12:07.114Z (04:12:07 Europe/Paris, 4 min 35 s ago)}. */
    public static String threeWays(Instant moment, @Nullable ZoneId zone, Instant now) {
        String local = zone == null ? "" : LOCAL_CLOCK.format(moment.atZone(zone)) + ", ";
        return UTC_MILLIS.format(moment) + " (" + local + distance(moment, now) + ")";
    }

    /** Short: {@code 03:14:07Z (4 min ago)}. */
    public static String brief(Instant moment, Instant now) {
        boolean sameDay = Duration.between(moment, now).abs().compareTo(Duration.ofHours(20)) < 0;
        String text =
                sameDay ? UTC_CLOCK.format(moment) : UTC_MILLIS.format(moment).substring(0, 16) + "Z";
        return text + " (" + distance(moment, now) + ")";
    }

    /** {@code 4 min 35 s ago}, or {@code in 10 s}. */
    public static String distance(Instant moment, Instant now) {
        Duration since = Duration.between(moment, now);
        return since.isNegative() && since.abs().toSeconds() > 0
                ? "in " + Span.print(since)
                : Span.print(since) + " ago";
    }

    /** {@code 4 min 35 s}. */
    public static String span(Duration span) {
        return Span.print(span);
    }
}
