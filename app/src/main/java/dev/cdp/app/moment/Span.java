package dev.cdp.app.moment;

import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Spans of time as {@code systemd.time(7)} writes them: {@code 2h30m}, {@code 10 minutes}. Months and years have no
 * fixed length and are not among them.
 */
final class Span {
    private static final Pattern PART = Pattern.compile("\\s*(\\d{1,9})\\s*([a-z]+)");

    private Span() {}

    /** Empty unless all of {@code text} is numbers with units. */
    static Optional<Duration> parse(String text) {
        Matcher part = PART.matcher(text.strip().toLowerCase(Locale.ROOT));
        Duration sum = Duration.ZERO;
        int at = 0;
        while (at < part.regionEnd() && part.region(at, part.regionEnd()).lookingAt()) {
            Optional<Duration> unit = unit(part.group(2));
            if (unit.isEmpty()) {
                return Optional.empty();
            }
            sum = sum.plus(unit.get().multipliedBy(Long.parseLong(part.group(1))));
            at = part.end();
        }
        return at > 0 && at == part.regionEnd() ? Optional.of(sum) : Optional.empty();
    }

    private static Optional<Duration> unit(String unit) {
        return switch (unit) {
            case "s", "sec", "second", "seconds" -> Optional.of(Duration.ofSeconds(1));
            case "m", "min", "minute", "minutes" -> Optional.of(Duration.ofMinutes(1));
            case "h", "hr", "hour", "hours" -> Optional.of(Duration.ofHours(1));
            case "d", "day", "days" -> Optional.of(Duration.ofDays(1));
            case "w", "week", "weeks" -> Optional.of(Duration.ofDays(7));
            default -> Optional.empty();
        };
    }

    /** The two largest units, for people: {@code 4 min 35 s}. */
    static String print(Duration span) {
        long seconds = span.abs().toSeconds();
        long[] sizes = {7 * 86_400, 86_400, 3_600, 60, 1};
        String[] names = {"w", "d", "h", "min", "s"};
        for (int i = 0; i < sizes.length - 1; i++) {
            if (seconds >= sizes[i]) {
                long rest = seconds % sizes[i] / sizes[i + 1];
                return seconds / sizes[i] + " " + names[i] + (rest == 0 ? "" : " " + rest + " " + names[i + 1]);
            }
        }
        return seconds + " s";
    }
}
