package dev.cdp.core;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A MySQL GTID set: of each server, the transactions that it wrote first. Unlike MariaDB's position it can have holes,
 * so two sets of one server need not be ordered.
 *
 * <p>Tagged GTIDs (MySQL 8.3 and later) are refused: nothing that stands beside them here knows tags.
 *
 * @param byServer ascending intervals that neither touch nor overlap
 */
public record MySqlGtidSet(Map<UUID, List<Interval>> byServer) {
    public static final MySqlGtidSet EMPTY = new MySqlGtidSet(Map.of());

    private static final Pattern SERVER =
            Pattern.compile("\\p{XDigit}{8}-\\p{XDigit}{4}-\\p{XDigit}{4}-\\p{XDigit}{4}-\\p{XDigit}{12}");
    private static final Pattern NUMBERS = Pattern.compile("[0-9]{1,19}(-[0-9]{1,19})?");
    private static final Comparator<UUID> AS_PRINTED = Comparator.comparing(UUID::toString);

    /** Consecutive transactions of one server, both ends included. */
    public record Interval(long first, long last) {
        public Interval {
            if (first < 1 || last < first) {
                throw new IllegalArgumentException("Not an interval of transactions: " + first + "-" + last);
            }
        }

        private boolean includes(Interval other) {
            return first <= other.first && other.last <= last;
        }

        @Override
        public String toString() {
            return first == last ? Long.toString(first) : first + "-" + last;
        }
    }

    /** One MySQL transaction id: {@code server:sequence}. */
    public record Gtid(UUID server, long sequence) {
        @Override
        public String toString() {
            return server + ":" + sequence;
        }
    }

    public MySqlGtidSet {
        Map<UUID, List<Interval>> sorted = new TreeMap<>(AS_PRINTED);
        byServer.forEach((server, intervals) -> {
            if (!intervals.isEmpty()) {
                sorted.put(server, merged(intervals));
            }
        });
        byServer = Collections.unmodifiableMap(sorted);
    }

    private static List<Interval> merged(List<Interval> intervals) {
        List<Interval> ascending = new ArrayList<>(intervals);
        ascending.sort(Comparator.comparingLong(Interval::first));
        List<Interval> merged = new ArrayList<>();
        for (Interval next : ascending) {
            int end = merged.size() - 1;
            if (end >= 0 && next.first() <= merged.get(end).last() + 1) {
                Interval before = merged.get(end);
                merged.set(end, new Interval(before.first(), Math.max(before.last(), next.last())));
            } else {
                merged.add(next);
            }
        }
        return List.copyOf(merged);
    }

    /**
     * Parses {@code 3e11fa47-71ca-11e1-9e33-c80aa9429562:1-3:5,...} with any white space between sets, as the server
     * prints it; the empty text is the empty set.
     */
    public static MySqlGtidSet parse(String text) {
        Map<UUID, List<Interval>> byServer = new TreeMap<>(AS_PRINTED);
        for (String part : text.split(",")) {
            if (!part.isBlank()) {
                String[] pieces = part.strip().split(":", -1);
                List<Interval> intervals = byServer.computeIfAbsent(server(pieces[0], text), none -> new ArrayList<>());
                if (pieces.length == 1) {
                    throw unreadable(text);
                }
                for (int i = 1; i < pieces.length; i++) {
                    intervals.add(interval(pieces[i].strip(), text));
                }
            }
        }
        return new MySqlGtidSet(byServer);
    }

    private static UUID server(String piece, String text) {
        if (!SERVER.matcher(piece.strip()).matches()) {
            throw unreadable(text);
        }
        return UUID.fromString(piece.strip());
    }

    private static Interval interval(String piece, String text) {
        if (!NUMBERS.matcher(piece).matches()) {
            if (piece.matches("[A-Za-z_][A-Za-z0-9_]{0,31}")) {
                throw new IllegalArgumentException(
                        "GTID set '" + text + "' has the tag '" + piece + "'; tagged GTIDs are not supported");
            }
            throw unreadable(text);
        }
        int dash = piece.indexOf('-');
        try {
            long first = Long.parseLong(dash < 0 ? piece : piece.substring(0, dash));
            return new Interval(first, dash < 0 ? first : Long.parseLong(piece.substring(dash + 1)));
        } catch (NumberFormatException e) {
            throw unreadable(text);
        }
    }

    private static IllegalArgumentException unreadable(String text) {
        return new IllegalArgumentException("Not a MySQL GTID set: '" + text
                + "'; expected a form like 3e11fa47-71ca-11e1-9e33-c80aa9429562:1-3:5");
    }

    public MySqlGtidSet with(Gtid gtid) {
        Map<UUID, List<Interval>> more = new TreeMap<>(AS_PRINTED);
        more.putAll(byServer);
        List<Interval> intervals = new ArrayList<>(byServer.getOrDefault(gtid.server(), List.of()));
        intervals.add(new Interval(gtid.sequence(), gtid.sequence()));
        more.put(gtid.server(), intervals);
        return new MySqlGtidSet(more);
    }

    /** Whether every transaction of {@code other} is in this set. */
    public boolean includes(MySqlGtidSet other) {
        return other.byServer.entrySet().stream().allMatch(entry -> {
            List<Interval> here = byServer.getOrDefault(entry.getKey(), List.of());
            return entry.getValue().stream()
                    .allMatch(wanted -> here.stream().anyMatch(interval -> interval.includes(wanted)));
        });
    }

    @Override
    public String toString() {
        return byServer.entrySet().stream()
                .map(entry -> entry.getKey() + ":"
                        + entry.getValue().stream().map(Interval::toString).collect(Collectors.joining(":")))
                .collect(Collectors.joining(","));
    }
}
