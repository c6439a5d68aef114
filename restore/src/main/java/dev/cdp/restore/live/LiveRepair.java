package dev.cdp.restore.live;

import dev.cdp.core.Column;
import dev.cdp.core.RowImage;
import dev.cdp.core.TableName;
import dev.cdp.core.TableSchema;
import dev.cdp.restore.live.TableRepair.Row;
import dev.cdp.restore.target.LiveDatabase;
import dev.cdp.restore.target.LiveDatabase.Write;
import dev.cdp.restore.target.LiveTable;
import dev.cdp.restore.target.LiveTable.ForeignKey;
import dev.cdp.restore.target.TargetException;
import dev.cdp.restore.target.TargetServer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts rows back in one database that is in use, in one transaction of it: lock and compare, write parents before
 * children, delete children before parents, read back, commit. Whatever is not as expected ends it with nothing written.
 */
public final class LiveRepair {
    private static final Logger log = LoggerFactory.getLogger(LiveRepair.class);
    private static final int KEYS_TOLD = 5;

    private final LiveDatabase live;
    private final Map<TableRepair, LiveTable> tables = new LinkedHashMap<>();

    /** What becomes of the triggers of tables that are written. */
    public enum Triggers {
        /** They do not fire: what they once did is part of what is put back. */
        SILENT,
        /** They fire as for any other statement. */
        FIRE
    }

    /**
     * What a repair would meet now.
     *
     * @param conflicts one sentence for each table whose rows are not as expected
     * @param triggers of tables that would be written, as {@code table: trigger}
     */
    public record Outlook(List<String> conflicts, List<String> triggers) {
        public Outlook {
            conflicts = List.copyOf(conflicts);
            triggers = List.copyOf(triggers);
        }
    }

    private LiveRepair(LiveDatabase live, List<TableRepair> repairs) {
        this.live = live;
        repairs.stream()
                .sorted(Comparator.comparing(repair -> repair.table().name().toString()))
                .forEach(repair -> tables.put(repair, live.look(repair.table())));
    }

    /** Looks without locks; nothing is written. */
    public static Outlook look(TargetServer server, String database, List<TableRepair> repairs) {
        try (LiveDatabase live = server.live(database)) {
            LiveRepair repair = new LiveRepair(live, repairs);
            List<String> conflicts = new ArrayList<>();
            repair.tables.keySet().forEach(each -> conflicts.addAll(repair.conflicts(each, false)));
            return new Outlook(
                    conflicts,
                    repair.tables.values().stream()
                            .flatMap(table -> table.triggers().stream().map(trigger -> table.name() + ": " + trigger))
                            .toList());
        }
    }

    /**
     * Puts the rows back.
     *
     * @throws TargetException with nothing written
     */
    public static void apply(TargetServer server, String database, List<TableRepair> repairs, Triggers triggers) {
        try (LiveDatabase live = server.live(database)) {
            new LiveRepair(live, repairs).apply(triggers);
        }
    }

    private void apply(Triggers triggers) {
        live.begin(silenced(triggers));
        tables.keySet().forEach(this::requireExpected);
        List<TableRepair> parentsFirst = parentsFirst();
        Map<TableRepair, WriteOrder> orders = new HashMap<>();
        for (TableRepair repair : parentsFirst) {
            WriteOrder order = WriteOrder.of(repair, uniques(repair));
            orders.put(repair, order);
            requireNoReferrersOfChanged(repair);
            order.steps().forEach(step -> write(repair, step.kind(), step.images()));
        }
        Collections.reverse(parentsFirst);
        for (TableRepair repair : parentsFirst) {
            write(
                    repair,
                    Write.DELETE,
                    Objects.requireNonNull(orders.get(repair)).lastDeletes());
        }
        tables.keySet().forEach(this::requireNoOrphans);
        tables.keySet().forEach(this::requireWanted);
        live.commit();
        tables.keySet()
                .forEach(repair -> log.info(
                        "Put {} rows of {} back",
                        repair.rows().size(),
                        repair.table().name()));
    }

    private Collection<LiveTable> silenced(Triggers triggers) {
        List<LiveTable> having = tables.values().stream()
                .filter(table -> !table.triggers().isEmpty())
                .toList();
        if (triggers == Triggers.FIRE) {
            return List.of();
        }
        if (!having.isEmpty() && !live.canSilenceTriggers()) {
            throw TargetException.conflict(
                    "Triggers would fire on "
                            + having.stream()
                                    .map(table -> table.name() + " " + table.triggers())
                                    .collect(Collectors.joining(", "))
                            + ", and this server cannot keep them from it",
                    "Add --triggers fire if what they do is wanted; what comes out is compared all the same");
        }
        return having;
    }

    private void requireExpected(TableRepair repair) {
        List<String> conflicts = conflicts(repair, true);
        if (!conflicts.isEmpty()) {
            throw TargetException.conflict(
                    String.join("; ", conflicts),
                    "Plan again: the plan then knows who changed them, once capture has seen it ('cdp status')");
        }
    }

    /** At most one sentence. */
    private List<String> conflicts(TableRepair repair, boolean locked) {
        Map<RowImage, RowImage> there = read(repair, locked);
        List<RowImage> different = new ArrayList<>();
        for (Row row : repair.rows()) {
            RowImage key = repair.key(row.image());
            if (!Objects.equals(there.get(key), row.expected())) {
                different.add(key);
            }
        }
        return different.isEmpty()
                ? List.of()
                : List.of(different.size() + " of " + repair.rows().size() + " rows of "
                        + repair.table().name() + " are not as the archive knows them ("
                        + keys(repair.table(), different) + ")");
    }

    private Map<RowImage, RowImage> read(TableRepair repair, boolean locked) {
        Map<RowImage, RowImage> rows = new HashMap<>();
        List<RowImage> images = repair.rows().stream().map(Row::image).toList();
        live.read(repair.table(), images, locked, row -> rows.put(repair.key(row), row));
        return rows;
    }

    private static String keys(TableSchema table, List<RowImage> keys) {
        List<Column> columns = table.keyColumns();
        List<String> told = new ArrayList<>();
        for (RowImage key : keys.subList(0, Math.min(KEYS_TOLD, keys.size()))) {
            List<String> parts = new ArrayList<>();
            for (int i = 0; i < columns.size(); i++) {
                parts.add(columns.get(i).name() + "=" + KeyValue.text(key.value(i)));
            }
            told.add(String.join(",", parts));
        }
        return String.join("; ", told) + (keys.size() > KEYS_TOLD ? "; …" : "");
    }

    private List<List<Integer>> uniques(TableRepair repair) {
        List<String> names = repair.table().columns().stream().map(Column::name).toList();
        return Objects.requireNonNull(tables.get(repair)).uniques().stream()
                .filter(names::containsAll)
                .map(unique -> unique.stream().map(names::indexOf).toList())
                .toList();
    }

    /** By foreign keys among the tables that are written; tables that refer to each other come in any order. */
    private List<TableRepair> parentsFirst() {
        Map<TableName, TableRepair> byName = new HashMap<>();
        tables.keySet().forEach(repair -> byName.put(repair.table().name(), repair));
        Set<TableRepair> sorted = new LinkedHashSet<>();
        Set<TableRepair> entered = new LinkedHashSet<>();
        tables.keySet().forEach(repair -> visit(repair, byName, entered, sorted));
        return new ArrayList<>(sorted);
    }

    private void visit(
            TableRepair repair, Map<TableName, TableRepair> byName, Set<TableRepair> entered, Set<TableRepair> sorted) {
        if (!entered.add(repair)) {
            return;
        }
        for (ForeignKey key : Objects.requireNonNull(tables.get(repair)).references()) {
            TableRepair parent = byName.get(key.parent());
            if (parent != null) {
                visit(parent, byName, entered, sorted);
            }
        }
        sorted.add(repair);
    }

    private void write(TableRepair repair, Write kind, List<RowImage> images) {
        if (images.isEmpty()) {
            return;
        }
        if (kind == Write.DELETE) {
            for (ForeignKey key : Objects.requireNonNull(tables.get(repair)).referrers()) {
                requireNoReferrers(key, repair, images, "would be deleted");
            }
        }
        long written = live.write(repair.table(), kind, images);
        if (written != images.size()) {
            throw TargetException.conflict(
                    "A trigger or rule kept " + (images.size() - written) + " of " + images.size() + " rows of "
                            + repair.table().name() + " from being written",
                    "Look at the triggers and rules of the table, then try again");
        }
    }

    /** What a foreign key's action would do to them is not part of what is put back. */
    private void requireNoReferrers(ForeignKey key, TableRepair repair, List<RowImage> parents, String what) {
        long count = live.countReferrers(key, repair.table(), parents);
        if (count > 0) {
            throw TargetException.conflict(
                    count + " rows of " + key.child() + " refer by " + key.name() + " to rows of "
                            + repair.table().name() + " that " + what + ", and are not part of this",
                    "Undo what made them as well (--dependents cascade knows those that wrote the same rows), or change"
                            + " them first");
        }
    }

    private void requireNoReferrersOfChanged(TableRepair repair) {
        List<String> names = repair.table().columns().stream().map(Column::name).toList();
        for (ForeignKey key : Objects.requireNonNull(tables.get(repair)).referrers()) {
            List<Integer> columns =
                    key.parentColumns().stream().map(names::indexOf).toList();
            List<RowImage> changed = new ArrayList<>();
            for (Row row : repair.rows()) {
                RowImage now = row.expected();
                RowImage wanted = row.wanted();
                if (now != null
                        && wanted != null
                        && columns.stream()
                                .anyMatch(i -> i >= 0 && !Objects.deepEquals(now.value(i), wanted.value(i)))) {
                    changed.add(now);
                }
            }
            if (!changed.isEmpty()) {
                requireNoReferrers(key, repair, changed, "would get other values there");
            }
        }
    }

    private void requireNoOrphans(TableRepair repair) {
        List<RowImage> written = repair.rows().stream()
                .map(Row::wanted)
                .filter(Objects::nonNull)
                .collect(Collectors.toCollection(ArrayList::new));
        for (ForeignKey key : Objects.requireNonNull(tables.get(repair)).references()) {
            long orphans = written.isEmpty() ? 0 : live.countOrphans(key, repair.table(), written);
            if (orphans > 0) {
                throw TargetException.conflict(
                        orphans + " rows of " + repair.table().name() + " would refer by " + key.name() + " to rows of "
                                + key.parent() + " that are not there",
                        "Undo what deleted those as well");
            }
        }
    }

    private void requireWanted(TableRepair repair) {
        Map<RowImage, RowImage> there = read(repair, false);
        List<RowImage> different = repair.rows().stream()
                .filter(row -> !Objects.equals(there.get(repair.key(row.image())), row.wanted()))
                .map(row -> repair.key(row.image()))
                .toList();
        if (!different.isEmpty()) {
            throw TargetException.conflict(
                    different.size() + " rows of " + repair.table().name()
                            + " came out otherwise than they were written (" + keys(repair.table(), different) + ")",
                    "A trigger or rule of the table changes rows: let it fire no more, or change these rows by hand");
        }
    }
}
