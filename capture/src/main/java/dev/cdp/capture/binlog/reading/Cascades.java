package dev.cdp.capture.binlog.reading;

import dev.cdp.capture.log.LogEvent;
import dev.cdp.capture.log.LoggedRow;
import dev.cdp.capture.log.NotCarried;
import dev.cdp.capture.source.TableDescription;
import dev.cdp.capture.source.TableDescription.Cascade;
import dev.cdp.core.TableName;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Tells which tables a logged change may have changed without a trace, through the actions of foreign keys. The keys of
 * our tables are those that the log has led to by now; the catalog is asked only for those of other databases.
 */
final class Cascades {
    private final BinlogScope scope;
    private final KnownTables known;
    private final TableCatalog catalog;
    private @Nullable List<Link> links;

    /** A foreign key and whose it is. */
    private record Link(TableName child, Cascade key) {}

    Cascades(BinlogScope scope, KnownTables known, TableCatalog catalog) {
        this.scope = scope;
        this.known = known;
        this.catalog = catalog;
    }

    /** Foreign keys may have changed; they are read again when they are needed. */
    void forget() {
        links = null;
    }

    /** Whether a change of the table can set anything off. */
    boolean startAt(TableName table) {
        return links().stream().anyMatch(link -> link.key().parent().equals(table));
    }

    /** Adds the tables that the change may have changed, and those that follow from them. */
    void follow(LogEvent.Row row, Set<TableName> changed) {
        follow(row.table(), key -> isSetOff(key, row), changed);
    }

    /** The same for a change of which nothing is known. */
    void followAny(TableName table, Set<TableName> changed) {
        follow(table, any -> true, changed);
    }

    private void follow(TableName table, Predicate<Cascade> isSetOff, Set<TableName> changed) {
        Queue<TableName> parents = new ArrayDeque<>();
        for (Link link : links()) {
            if (link.key().parent().equals(table) && isSetOff.test(link.key()) && changed.add(link.child())) {
                parents.add(link.child());
            }
        }
        for (TableName parent = parents.poll(); parent != null; parent = parents.poll()) {
            for (Link link : links()) {
                if (link.key().parent().equals(parent) && changed.add(link.child())) {
                    parents.add(link.child());
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
            if ((referenced.isEmpty() || referenced.contains(before.names().get(i)))
                    && mayDiffer(before.values()[i], after.values()[i])) {
                return true;
            }
        }
        return false;
    }

    private static boolean mayDiffer(@Nullable Object before, @Nullable Object after) {
        return before instanceof NotCarried || !Objects.deepEquals(before, after);
    }

    private List<Link> links() {
        List<Link> found = links;
        if (found == null) {
            found = new ArrayList<>();
            for (TableDescription table : known.all()) {
                add(table.name(), table.cascades(), found);
            }
            for (Map.Entry<TableName, List<Cascade>> others : catalog.cascades().entrySet()) {
                if (!others.getKey().schema().equals(scope.database())) {
                    add(others.getKey(), others.getValue(), found);
                }
            }
            links = found;
        }
        return found;
    }

    private static void add(TableName child, List<Cascade> keys, List<Link> links) {
        keys.forEach(key -> links.add(new Link(child, key)));
    }
}
