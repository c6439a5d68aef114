package dev.cdp.capture.binlog.reading;

import dev.cdp.core.SourcePosition;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Parts of transactions that stand in the log although they were rolled back: the server leaves them there when the
 * transaction made or dropped a temporary table. That is learned behind the part, which may be larger than memory, so
 * such a transaction is read once more, without it. Thread-safe.
 *
 * <p>What was learned is kept until something behind it was recorded: several such transactions may stand between two
 * places that reading begins at, and each of them makes it begin again.
 */
public final class VoidParts {
    private final Map<String, Known> parts = new HashMap<>();
    private @Nullable SourcePosition boundary;
    private int readings;

    /** Row events of one transaction, by their number in it; {@code end} is behind the last. */
    private record Part(int start, int end) {}

    /** @param reading in which they were learned */
    private record Known(int reading, List<Part> parts) {}

    /** Reading begins there. What was learned in the reading before is of transactions to come. */
    public synchronized void begin(SourcePosition from) {
        if (!from.equals(boundary)) {
            parts.values().removeIf(known -> known.reading() < readings);
        }
        boundary = from;
        readings++;
    }

    /** Another history begins, in which the same ids may be those of other transactions. */
    public synchronized void clear() {
        parts.clear();
    }

    synchronized void add(String transaction, int start, int end) {
        parts.computeIfAbsent(transaction, none -> new Known(readings, new ArrayList<>()))
                .parts()
                .add(new Part(start, end));
    }

    synchronized boolean contain(String transaction, int rowEvent) {
        Known known = parts.get(transaction);
        return known != null
                && known.parts().stream().anyMatch(part -> part.start() <= rowEvent && rowEvent < part.end());
    }
}
