package dev.cdp.capture;

import dev.cdp.capture.source.ValueNotCarriedException;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** What of the open transaction cannot be carried, and what it may have mended; nobody is told before it is committed. */
final class Refusals {
    private final Map<String, ValueNotCarriedException> refused = new LinkedHashMap<>();
    private final Set<String> maybeMended = new HashSet<>();

    /** @return whether it is the first of its table */
    boolean add(String nativeId, ValueNotCarriedException why) {
        return refused.putIfAbsent(nativeId, why) == null;
    }

    void mayBeMended(String nativeId) {
        maybeMended.add(nativeId);
    }

    void committed(TablesMissing missing, StatementListener listener) {
        refused.forEach(listener::refused);
        maybeMended.retainAll(missing.ids());
        if (!maybeMended.isEmpty()) {
            listener.mayBeMended(Set.copyOf(maybeMended));
        }
        forget();
    }

    void forget() {
        refused.clear();
        maybeMended.clear();
    }
}
