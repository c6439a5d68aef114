package dev.cdp.restore.target;

import dev.cdp.core.TableName;
import dev.cdp.core.definition.DefinitionStatement.Phase;
import java.util.Collections;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What has been done in an incomplete target. It stands in the target itself, so that it cannot disagree with it, and
 * whatever is missing from it has to be done again. {@code docs/formats/restore-journal.md} lists the entries.
 */
record Journal(Map<String, String> entries) {
    private static final String PLAN = "plan";
    private static final String TABLE = "table ";

    Journal {
        entries = Collections.unmodifiableMap(new TreeMap<>(entries));
        Objects.requireNonNull(entries.get(PLAN), "A journal names its plan");
    }

    static Journal of(String plan) {
        return new Journal(Map.of(PLAN, plan));
    }

    String plan() {
        return Objects.requireNonNull(entries.get(PLAN));
    }

    /** How many statements of a phase have been run, from its first one on. */
    int statementsRun(Phase phase) {
        return Integer.parseInt(entries.getOrDefault(phase.name(), "0"));
    }

    /** What was loaded into a table; empty when it has to be loaded. */
    Optional<TableContent> loaded(TableName table) {
        return Optional.ofNullable(entries.get(loadedKey(table))).map(TableContent::parse);
    }

    static String loadedKey(TableName table) {
        return TABLE + quoted(table.schema()) + "." + quoted(table.name());
    }

    private static String quoted(String name) { // two names must not make one key
        return "\"" + name.replace("\"", "\"\"") + "\"";
    }

    @Nullable
    String entry(String key) {
        return entries.get(key);
    }

    /** @param value null takes the entry away */
    Journal with(String key, @Nullable String value) {
        Map<String, String> changed = new TreeMap<>(entries);
        if (value == null) {
            changed.remove(key);
        } else {
            changed.put(key, value);
        }
        return new Journal(changed);
    }
}
