package dev.cdp.app.moment;

import dev.cdp.core.CdpException;
import dev.cdp.core.Engine;
import dev.cdp.core.ErrorCode;
import dev.cdp.core.GtidSet;
import dev.cdp.core.Lsn;
import dev.cdp.core.MySqlGtidSet;
import dev.cdp.core.RestorePoint;
import dev.cdp.core.SourceId;
import dev.cdp.core.SourcePosition;
import dev.cdp.core.TransactionId;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads a restore point. Relative times are frozen into absolute ones; a time without a zone is read in the configured
 * one or refused; a local time that clocks skip or repeat is refused with both moments.
 *
 * <pre>
 * latest | now                             the newest state that is complete
 * 10 minutes ago | -10m | 2h30m ago        units s, min, h, d, w
 * today 03:10 | yesterday 23:59 UTC        with or without a zone
 * 2026-11-21T03:14:07Z | ...+01:00         ISO 8601
 * 2026-11-21 03:14 Europe/Paris            the seconds may be left out
 * before:tx/orders/4711 | after:tx/...     exact, by no clock
 * mark:before-deploy-42                    what cdp mark wrote
 * orders@0/16B3748                         one source at a position of its own log
 * </pre>
 */
public final class RestorePointParser {
    /** Clocks differ: only what is further ahead than this is called the future. */
    private static final Duration CLOCK_TOLERANCE = Duration.ofSeconds(5);

    private static final Pattern DAY_AND_TIME = Pattern.compile(
            "(today|yesterday|\\d{4}-\\d{2}-\\d{2})(?:[ T]+(\\d{1,2}:\\d{2}(?::\\d{2}(?:\\.\\d{1,9})?)?))?(?:\\s+(\\S+))?",
            Pattern.CASE_INSENSITIVE);
    private static final Pattern MARK = Pattern.compile("[^\\p{Cntrl}]{1,200}");

    private final Clock clock;
    private final @Nullable ZoneId configured;
    private final ZoneId machine;
    private final Map<SourceId, Engine> engines;

    /**
     * @param configured the zone for times without one, null to refuse them
     * @param machine the zone of this machine; only ever suggested
     * @param engines of the configured sources, for positions
     */
    public RestorePointParser(Clock clock, @Nullable ZoneId configured, ZoneId machine, Map<SourceId, Engine> engines) {
        this.clock = clock;
        this.configured = configured;
        this.machine = machine;
        this.engines = Map.copyOf(engines);
    }

    /**
     * @throws UnreadableRestorePointException when {@code text} has none of the forms, or two meanings
     * @throws CdpException {@code RESTORE_POINT_OUTSIDE} for a moment in the future
     */
    public RestorePoint parse(String text) {
        String point = text.strip();
        String lower = point.toLowerCase(Locale.ROOT);
        if (lower.equals("latest") || lower.equals("now")) {
            return new RestorePoint.Latest();
        }
        if (lower.startsWith("before:")) {
            return new RestorePoint.AtTransaction(RestorePoint.Side.BEFORE, transaction(text, point.substring(7)));
        }
        if (lower.startsWith("after:")) {
            return new RestorePoint.AtTransaction(RestorePoint.Side.AFTER, transaction(text, point.substring(6)));
        }
        if (lower.startsWith("mark:")) {
            return mark(text, point.substring(5));
        }
        if (point.indexOf('@') > 0) {
            return position(text, point);
        }
        return new RestorePoint.AtTime(parseTime(point));
    }

    /** Reads the forms that are a moment, such as for {@code find --since}. */
    public Instant parseTime(String text) {
        Instant moment = relative(text)
                .or(() -> absolute(text))
                .or(() -> local(text))
                .orElseThrow(() -> UnreadableRestorePointException.unknownForm(text, hint(text)));
        Instant now = clock.instant();
        if (moment.isAfter(now.plus(CLOCK_TOLERANCE))) {
            throw new CdpException(
                    ErrorCode.RESTORE_POINT_OUTSIDE,
                    Moments.threeWays(moment, configured, now) + " lies in the future",
                    "--to latest");
        }
        return moment;
    }

    private Optional<Instant> relative(String text) {
        String lower = text.strip().toLowerCase(Locale.ROOT);
        String span;
        if (lower.endsWith(" ago")) {
            span = lower.substring(0, lower.length() - 4);
        } else if (lower.startsWith("-")) {
            span = lower.substring(1);
        } else {
            return Optional.empty();
        }
        return Span.parse(span).map(clock.instant()::minus);
    }

    private static Optional<Instant> absolute(String text) {
        try {
            return Optional.of(
                    OffsetDateTime.parse(text.strip().replaceFirst(" ", "T").toUpperCase(Locale.ROOT))
                            .toInstant());
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }

    private Optional<Instant> local(String text) {
        Matcher parts = DAY_AND_TIME.matcher(text.strip());
        if (!parts.matches()) {
            return Optional.empty();
        }
        ZoneId given = parts.group(3) == null ? null : zone(text, parts.group(3));
        ZoneId zone = given != null ? given : configured;
        if (zone == null) {
            List<String> candidates = List.of(machine, ZoneOffset.UTC).stream()
                    .distinct()
                    .flatMap(candidate -> moments(dateTime(text, parts, candidate), candidate).stream())
                    .map(Instant::toString)
                    .distinct()
                    .toList();
            throw UnreadableRestorePointException.zoneMissing(text, candidates);
        }
        LocalDateTime dateTime = dateTime(text, parts, zone);
        List<Instant> moments = moments(dateTime, zone);
        int valid = zone.getRules().getValidOffsets(dateTime).size();
        if (valid == 1) {
            return Optional.of(moments.get(0));
        }
        throw UnreadableRestorePointException.clockChange(
                text, zone.getId(), valid == 0 ? "does not exist" : "happens twice", moments);
    }

    /** The moment a local time means; both sides of a clock change when it means none or two. */
    private static List<Instant> moments(LocalDateTime dateTime, ZoneId zone) {
        List<ZoneOffset> offsets = zone.getRules().getValidOffsets(dateTime);
        if (offsets.isEmpty()) {
            var change = zone.getRules().getTransition(dateTime);
            offsets = List.of(change.getOffsetAfter(), change.getOffsetBefore());
        }
        return offsets.stream().map(dateTime::toInstant).toList();
    }

    private LocalDateTime dateTime(String text, Matcher parts, ZoneId zone) {
        LocalDate today = LocalDate.ofInstant(clock.instant(), zone);
        try {
            LocalDate day =
                    switch (parts.group(1).toLowerCase(Locale.ROOT)) {
                        case "today" -> today;
                        case "yesterday" -> today.minus(1, ChronoUnit.DAYS);
                        default -> LocalDate.parse(parts.group(1));
                    };
            String time = parts.group(2);
            if (time == null) {
                return day.atStartOfDay();
            }
            return day.atTime(LocalTime.parse(time.indexOf(':') == 1 ? "0" + time : time));
        } catch (DateTimeException e) {
            throw UnreadableRestorePointException.unknownForm(text, "there is no such day or time");
        }
    }

    private static ZoneId zone(String text, String zone) {
        try {
            return ZoneId.of(zone);
        } catch (DateTimeException e) {
            throw UnreadableRestorePointException.unknownForm(text, "there is no time zone \"" + zone + "\"");
        }
    }

    private static TransactionId transaction(String text, String id) {
        try {
            return TransactionId.parse(id);
        } catch (IllegalArgumentException e) {
            throw UnreadableRestorePointException.unknownForm(text, "a transaction looks like tx/orders/4711");
        }
    }

    private static RestorePoint mark(String text, String name) {
        if (!MARK.matcher(name).matches()) {
            throw UnreadableRestorePointException.unknownForm(text, "a mark has a name");
        }
        return new RestorePoint.AtMark(name);
    }

    private RestorePoint position(String text, String point) {
        String name = point.substring(0, point.indexOf('@'));
        String position = point.substring(point.indexOf('@') + 1);
        try {
            SourceId source = new SourceId(name);
            Engine engine = engines.get(source);
            if (engine == null) {
                throw UnreadableRestorePointException.unknownForm(text, "there is no source \"" + name + "\"");
            }
            return new RestorePoint.AtPosition(
                    source,
                    switch (engine) {
                        case POSTGRESQL -> new SourcePosition.Postgres(Lsn.parse(position));
                        case MARIADB -> new SourcePosition.MariaDb(GtidSet.parse(position), "", 0);
                        case MYSQL -> new SourcePosition.MySql(MySqlGtidSet.parse(position), "", 0);
                    });
        } catch (IllegalArgumentException e) {
            throw UnreadableRestorePointException.unknownForm(text, String.valueOf(e.getMessage()));
        }
    }

    private static String hint(String text) {
        return text.toLowerCase(Locale.ROOT).matches(".*\\d\\s*(months?|mon|y|years?)\\b.*")
                ? "months and years have no fixed length; use days or weeks"
                : "";
    }
}
