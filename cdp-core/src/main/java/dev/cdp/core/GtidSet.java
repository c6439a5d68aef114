package dev.cdp.core;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * A MariaDB GTID position: the last transaction of each replication domain. It includes every transaction of a domain
 * up to that number.
 *
 * @param lastByDomain replication domain to the last GTID in it
 */
public record GtidSet(Map<Long, Gtid> lastByDomain) {
    public static final GtidSet EMPTY = new GtidSet(Map.of());

    /** One MariaDB transaction id: {@code domain-server-sequence}; all parts are unsigned. */
    public record Gtid(long domain, long server, long sequence) {

        /** @throws IllegalArgumentException unless {@code text} looks like {@code 0-1-42} */
        public static Gtid parse(String text) {
            String[] parts = text.strip().split("-");
            try {
                if (parts.length == 3) {
                    return new Gtid(
                            Long.parseUnsignedLong(parts[0]),
                            Long.parseUnsignedLong(parts[1]),
                            Long.parseUnsignedLong(parts[2]));
                }
            } catch (NumberFormatException e) {
                throw new IllegalArgumentException("Not a GTID: '" + text + "'; expected a form like 0-1-42", e);
            }
            throw new IllegalArgumentException("Not a GTID: '" + text + "'; expected a form like 0-1-42");
        }

        @Override
        public String toString() {
            return Long.toUnsignedString(domain) + "-" + Long.toUnsignedString(server) + "-"
                    + Long.toUnsignedString(sequence);
        }
    }

    public GtidSet {
        lastByDomain = Collections.unmodifiableMap(new TreeMap<>(lastByDomain));
    }

    /** Parses {@code 0-1-42,1-1-7}; the empty text is the empty set. */
    public static GtidSet parse(String text) {
        Map<Long, Gtid> last = new TreeMap<>();
        for (String part : text.split(",")) {
            if (!part.isBlank()) {
                Gtid gtid = Gtid.parse(part);
                if (last.put(gtid.domain(), gtid) != null) {
                    throw new IllegalArgumentException(
                            "GTID set '" + text + "' names domain " + gtid.domain() + " twice");
                }
            }
        }
        return new GtidSet(last);
    }

    public GtidSet with(Gtid gtid) {
        Map<Long, Gtid> last = new TreeMap<>(lastByDomain);
        last.put(gtid.domain(), gtid);
        return new GtidSet(last);
    }

    public boolean includes(Gtid gtid) {
        Gtid last = lastByDomain.get(gtid.domain());
        return last != null && Long.compareUnsigned(gtid.sequence(), last.sequence()) <= 0;
    }

    /** Whether every transaction of {@code other} is in this set. */
    public boolean includes(GtidSet other) {
        return other.lastByDomain.values().stream().allMatch(this::includes);
    }

    @Override
    public String toString() {
        return lastByDomain.values().stream().map(Gtid::toString).collect(Collectors.joining(","));
    }
}
