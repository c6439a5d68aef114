package dev.cdp.capture.binlog.reading;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Parts of transactions that stand in the log although they were rolled back: the server leaves them there when the
 * transaction made or dropped a temporary table. That is learned behind the part, which may be larger than memory, so
 * such a transaction is read once more, without it. Thread-safe.
 */
public final class VoidParts {
    private final Map<String, List<Part>> parts = new ConcurrentHashMap<>();

    /** Row events of one transaction, by their number in it; {@code end} is behind the last. */
    private record Part(int start, int end) {}

    void add(String transaction, int start, int end) {
        parts.computeIfAbsent(transaction, none -> new ArrayList<>()).add(new Part(start, end));
    }

    boolean contain(String transaction, int rowEvent) {
        return parts.getOrDefault(transaction, List.of()).stream()
                .anyMatch(part -> part.start() <= rowEvent && rowEvent < part.end());
    }

    void forget(String transaction) {
        parts.remove(transaction);
    }
}
