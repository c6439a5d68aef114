package dev.cdp.capture.binlog.reading;

import dev.cdp.capture.binlog.reading.TableCatalog.Cascade;
import dev.cdp.capture.log.LogEvent;
import dev.cdp.capture.log.LoggedRow;
import dev.cdp.capture.log.NotCarried;
import dev.cdp.core.TableName;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Tells which tables a logged change may have changed without a trace, through the actions of foreign keys. */
final class Cascades {
    private final TableCatalog catalog;
    private @Nullable List<Cascade> cascades;

    Cascades(TableCatalog catalog) {
        this.catalog = catalog;
    }

    /** Foreign keys may have changed; they are read again when they are needed. */
    void forget() {
        cascades = null;
    }

    /** Whether a change of the table can set anything off. */
    boolean startAt(TableName table) {
        return cascades().stream().anyMatch(cascade -> cascade.parent().equals(table));
    }

    /** Adds the tables that the change may have changed, and those that follow from them. */
    void follow(LogEvent.Row row, Set<TableName> changed) {
        follow(row.table(), cascade -> isSetOff(cascade, row), changed);
    }

    /** The same for a change of which nothing is known. */
    void followAny(TableName table, Set<TableName> changed) {
        follow(table, any -> true, changed);
    }

    private void follow(TableName table, Predicate<Cascade> isSetOff, Set<TableName> changed) {
        Queue<TableName> parents = new ArrayDeque<>();
        for (Cascade cascade : cascades()) {
            if (cascade.parent().equals(table) && isSetOff.test(cascade) && changed.add(cascade.child())) {
                parents.add(cascade.child());
            }
        }
        for (TableName parent = parents.poll(); parent != null; parent = parents.poll()) {
            for (Cascade cascade : cascades()) {
                if (cascade.parent().equals(parent) && changed.add(cascade.child())) {
                    parents.add(cascade.child());
                }
            }
        }
    }

    private static boolean isSetOff(Cascade cascade, LogEvent.Row row) {
        return switch (row.operation()) {
            case INSERT -> false;
            case DELETE -> cascade.trigger() != Cascade.Trigger.UPDATE;
            case UPDATE -> cascade.trigger() != Cascade.Trigger.DELETE && isRekeyed(cascade.referenced(), row);
        };
    }

    private static boolean isRekeyed(Set<String> referenced, LogEvent.Row row) {
        LoggedRow before = Objects.requireNonNull(row.before());
        LoggedRow after = Objects.requireNonNull(row.after());
        for (int i = 0; i < before.values().length; i++) {
            if (referenced.contains(before.names().get(i)) && mayDiffer(before.values()[i], after.values()[i])) {
                return true;
            }
        }
        return false;
    }

    private static boolean mayDiffer(@Nullable Object before, @Nullable Object after) {
        return before instanceof NotCarried || !Objects.deepEquals(before, after);
    }

    private List<Cascade> cascades() {
        if (cascades == null) {
            cascades = catalog.cascades();
        }
        return cascades;
    }
}
