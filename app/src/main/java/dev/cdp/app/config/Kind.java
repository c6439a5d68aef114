package dev.cdp.app.config;

import dev.cdp.core.DataSize;
import java.net.URI;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.ZoneId;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a setting's value must look like, and what it becomes. */
enum Kind {
    TEXT("text") {
        @Override
        Object parse(String text) {
            return require(!text.isBlank(), text);
        }
    },
    SECRET("text, best as ${file:...} or ${env:...}") {
        @Override
        Object parse(String text) {
            return text;
        }
    },
    INTEGER("a number") {
        @Override
        Object parse(String text) {
            return Integer.parseInt(text);
        }
    },
    PORT("a number from 1 to 65535") {
        @Override
        Object parse(String text) {
            int port = Integer.parseInt(text);
            if (port < 1 || port > 65535) {
                throw new IllegalArgumentException();
            }
            return port;
        }
    },
    BOOLEAN("true or false") {
        @Override
        Object parse(String text) {
            require(text.equals("true") || text.equals("false"), text);
            return text.equals("true");
        }
    },
    DURATION("a time span such as 10s, 5min, 2h or 7d") {
        @Override
        Object parse(String text) {
            return Spans.parse(text);
        }
    },
    SIZE("a size such as 128MiB or 4GiB") {
        @Override
        Object parse(String text) {
            return DataSize.parse(text);
        }
    },
    ZONE("a time zone such as Europe/Paris or UTC") {
        @Override
        Object parse(String text) {
            return ZoneId.of(text);
        }
    },
    PATH("a path") {
        @Override
        Object parse(String text) {
            require(!text.isBlank(), text);
            return Path.of(text);
        }
    },
    ARCHIVE_URL("s3://BUCKET/PREFIX or file:PATH") {
        @Override
        Object parse(String text) {
            return require(text.matches("s3://[^/]+(/.*)?") || text.matches("file:.+"), text);
        }
    },
    HTTP_URL("an address such as https://s3.example.net") {
        @Override
        Object parse(String text) {
            require(text.matches("https?://.+"), text);
            return URI.create(text);
        }
    },
    DATABASE_URL("an address such as postgresql://user@host:5432/database") {
        @Override
        Object parse(String text) {
            return DatabaseUrl.parse(text);
        }
    },
    ENGINE("postgresql, mariadb or mysql"),
    CHECKSUMS("when-supported or when-required"),
    LOG_LEVEL("error, warn, info, debug or trace"),
    LOG_FORMAT("text or json");

    private final String expectation;

    Kind(String expectation) {
        this.expectation = expectation;
    }

    /** What a value must be, to stand after "must be". */
    String expectation() {
        return expectation;
    }

    /** The choices of a kind that has a fixed list of them, empty otherwise. */
    List<String> choices() {
        return switch (this) {
            case ENGINE, CHECKSUMS, LOG_LEVEL, LOG_FORMAT -> List.of(expectation.split(", | or "));
            case TEXT,
                    SECRET,
                    INTEGER,
                    PORT,
                    BOOLEAN,
                    DURATION,
                    SIZE,
                    ZONE,
                    PATH,
                    ARCHIVE_URL,
                    HTTP_URL,
                    DATABASE_URL -> List.of();
        };
    }

    /** @throws RuntimeException of several types when {@code text} is not of this kind */
    Object parse(String text) {
        return require(choices().contains(text), text);
    }

    /** Whether {@code text} is of this kind. */
    boolean accepts(String text) {
        try {
            parse(text);
            return true;
        } catch (IllegalArgumentException | DateTimeException e) {
            return false;
        }
    }

    private static String require(boolean fits, String text) {
        if (!fits) {
            throw new IllegalArgumentException();
        }
        return text;
    }

    /** Time spans as {@code systemd.time} writes them, without months. */
    static final class Spans {
        private static final Pattern PART = Pattern.compile("(\\d{1,9})\\s*(ms|s|min|m|h|d|w)");

        private Spans() {}

        static Duration parse(String text) {
            Matcher part = PART.matcher(text.strip().toLowerCase(Locale.ROOT));
            Duration sum = Duration.ZERO;
            int at = 0;
            while (at < part.regionEnd() && part.region(at, part.regionEnd()).lookingAt()) {
                sum = sum.plus(span(Long.parseLong(part.group(1)), part.group(2)));
                at = part.end();
            }
            if (at == 0 || at < part.regionEnd()) {
                throw new IllegalArgumentException("Not a time span: '" + text + "'");
            }
            return sum;
        }

        private static Duration span(long count, String unit) {
            return switch (unit) {
                case "ms" -> Duration.ofMillis(count);
                case "s" -> Duration.ofSeconds(count);
                case "m", "min" -> Duration.ofMinutes(count);
                case "h" -> Duration.ofHours(count);
                case "d" -> Duration.ofDays(count);
                case "w" -> Duration.ofDays(7 * count);
                default -> throw new IllegalArgumentException(unit);
            };
        }
    }
}
