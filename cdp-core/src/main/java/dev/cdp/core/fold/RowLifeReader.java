package dev.cdp.core.fold;

import dev.cdp.core.ChangeEvent.BaseSnapshot;
import dev.cdp.core.ChangeEvent.BaseTable;
import dev.cdp.core.RowImage;
import dev.cdp.core.StoredObject;
import dev.cdp.core.TableId;
import dev.cdp.core.TableName;
import dev.cdp.core.TableSchema;
import dev.cdp.core.archive.ArchiveState;
import dev.cdp.core.fold.KnownStretches.Knowledge;
import dev.cdp.core.fold.KnownStretches.Stretch;
import dev.cdp.core.fold.RowReader.Change;
import dev.cdp.core.fold.RowReader.Operation;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Reads the life of the rows that had a key.
 *
 * <p>First it collects changes: those of the key, then, for a row that came from another key, those of that key in the
 * life before, and for one that went to another key, those of that key in the life after; and so on. Then {@link
 * RowLifeWalk} goes over all of them in order. A base is read only where no later change tells what it holds.
 */
public final class RowLifeReader {
    /** Each costs a pass over the files. */
    private static final int MOST_KEYS = 200;

    private final FoldDatabase database;
    private final ArchiveState state;
    private final TransactionLog transactions;
    private final Function<StoredObject, Path> local;

    /** @param local where each object stands on local disk; called only for what is read */
    public RowLifeReader(
            FoldDatabase database,
            ArchiveState state,
            TransactionLog transactions,
            Function<StoredObject, Path> local) {
        this.database = database;
        this.state = state;
        this.transactions = transactions;
        this.local = local;
    }

    /** The newest version of the newest table of a name, whose key a key must fit. */
    public static Optional<TableSchema> newest(ArchiveState state, TableName name) {
        return state.schemas().stream()
                .filter(schema -> schema.name().equals(name))
                .max(Comparator.comparing(TableSchema::tableId))
                .flatMap(named -> state.schemas().stream()
                        .filter(schema -> schema.tableId().equals(named.tableId()))
                        .max(Comparator.comparingInt(TableSchema::version)));
    }

    /**
     * The life of the rows with a key, in every table that had the name.
     *
     * @param key of the classes that the carriers of {@code table}'s key columns name
     */
    public RowLife read(TableName name, TableSchema table, RowImage key) {
        List<RowLife.Event> events = new ArrayList<>();
        List<MissingStretch> missing = new ArrayList<>();
        Set<String> notes = new LinkedHashSet<>();
        Instant knownFrom = null;
        int filesRead = 0;
        int fileCount = 0;
        for (TableId id : incarnations(name)) {
            Optional<TableSchema> schema = withSameKey(id, table);
            if (schema.isEmpty()) {
                notes.add("An earlier table of this name had another key, and is not shown");
                continue;
            }
            OneTable one = new OneTable(schema.get(), key, notes);
            one.read(events, missing);
            knownFrom = knownFrom == null ? one.knownFrom() : knownFrom;
            filesRead += one.reader.filesRead();
            fileCount += one.reader.fileCount();
        }
        events.sort(Comparator.comparingLong(RowLife.Event::seq));
        return new RowLife(table, key, events, missing, List.copyOf(notes), knownFrom, filesRead, fileCount);
    }

    private List<TableId> incarnations(TableName name) {
        return state.schemas().stream()
                .filter(schema -> schema.name().equals(name))
                .map(TableSchema::tableId)
                .distinct()
                .sorted()
                .toList();
    }

    /** The newest version of a table whose key has the same columns as that of {@code wanted}. */
    private Optional<TableSchema> withSameKey(TableId id, TableSchema wanted) {
        return state.schemas().stream()
                .filter(schema -> schema.tableId().equals(id))
                .filter(schema -> keyText(schema).equals(keyText(wanted)))
                .max(Comparator.comparingInt(TableSchema::version));
    }

    private static List<String> keyText(TableSchema schema) {
        return schema.keyColumns().stream()
                .map(column -> column.carrier() + " " + column.name())
                .toList();
    }

    private enum Direction {
        BACK,
        ONWARD
    }

    /** A change of a key, and on which side of it the row is followed. */
    private record Hop(long seq, Direction direction) {}

    /** The rows of one incarnation of the table. */
    private final class OneTable {
        private final TableSchema table;
        private final RowImage key;
        private final Set<String> notes;
        private final RowReader reader;
        private final List<Stretch> stretches;
        private final Map<RowImage, List<Change>> changes = new HashMap<>();
        private final List<Change> truncates;

        OneTable(TableSchema table, RowImage key, Set<String> notes) {
            this.table = table;
            this.key = key;
            this.notes = notes;
            this.reader = new RowReader(database, state, table, local);
            this.stretches = KnownStretches.of(state, table.tableId());
            this.truncates = reader.truncates();
            boolean anotherKey = state.schemas().stream()
                    .anyMatch(schema -> schema.tableId().equals(table.tableId()) && !isSameKey(schema));
            if (anotherKey) {
                notes.add("The table had another key for a time; changes from then are not shown");
            }
        }

        private boolean isSameKey(TableSchema schema) {
            return schema.keyFieldIds().equals(table.keyFieldIds());
        }

        void read(List<RowLife.Event> events, List<MissingStretch> missing) {
            collect();
            RowLifeWalk walk = new RowLifeWalk(key);
            for (Stretch stretch : stretches) {
                BaseSnapshot base = stretch.base();
                BaseTable part = base == null ? null : KnownStretches.part(base, table.tableId());
                if (base != null && part != null && isSameKey(part.schema())) {
                    for (RowImage each : changes.keySet()) {
                        walk.base(base, part.schema(), each, atBase(part, stretch, each));
                    }
                }
                if (!stretch.gaps().isEmpty()) {
                    missing.add(missing(stretch));
                }
                RowLife.Certainty certainty =
                        stretch.knowledge() == Knowledge.ALL ? RowLife.Certainty.KNOWN : RowLife.Certainty.IN_DOUBT;
                within(stretch).forEach(change -> walk.change(change, certainty));
            }
            KnownStretches.dropped(state, table.tableId())
                    .ifPresent(seq -> walk.dropped(
                            seq,
                            transactions
                                    .holding(seq)
                                    .map(TransactionLog.Entry::commitTimestamp)
                                    .orElse(Instant.EPOCH)));
            events.addAll(walk.events());
        }

        @Nullable
        Instant knownFrom() {
            return stretches.stream()
                    .filter(stretch -> stretch.knowledge() == Knowledge.ALL)
                    .findFirst()
                    .flatMap(first -> first.base() != null
                            ? Optional.of(first.base().takenAt())
                            : transactions.holding(first.after() + 1).map(TransactionLog.Entry::commitTimestamp))
                    .orElse(null);
        }

        private MissingStretch missing(Stretch stretch) {
            Instant from = transactions
                    .lastBefore(stretch.after() + 1)
                    .map(TransactionLog.Entry::commitTimestamp)
                    .orElse(null);
            Instant base = stretches.stream()
                    .filter(before -> before.upTo() == stretch.after() && before.base() != null)
                    .findFirst()
                    .map(before -> Objects.requireNonNull(before.base()).takenAt())
                    .orElse(null);
            Instant to = stretches.stream()
                    .filter(next -> next.after() == stretch.upTo() && next.base() != null)
                    .findFirst()
                    .map(next -> Objects.requireNonNull(next.base()).takenAt())
                    .orElse(null);
            boolean atBase = from == null || base != null && base.isAfter(from);
            return new MissingStretch(stretch.after(), atBase ? base : from, to, stretch.gaps());
        }

        private List<Change> within(Stretch stretch) {
            List<Change> within = new ArrayList<>(truncates);
            changes.values().forEach(within::addAll);
            within.removeIf(change -> !stretch.covers(change.transaction()));
            within.sort(Comparator.comparingLong(Change::seq));
            return within;
        }

        /** What a base holds of a key. An insert behind it tells that there was nothing. */
        private Optional<RowImage> atBase(BaseTable part, Stretch stretch, RowImage key) {
            Optional<Change> next = of(key).stream()
                    .filter(change -> stretch.covers(change.transaction()))
                    .findFirst();
            long nextSeq = next.map(Change::seq).orElse(Long.MAX_VALUE);
            boolean truncatedFirst = truncates.stream()
                    .anyMatch(change -> stretch.covers(change.transaction()) && change.seq() < nextSeq);
            boolean inserted = next.isPresent() && next.get().operation() == Operation.INSERT;
            return inserted && !truncatedFirst ? Optional.empty() : reader.inBase(part, key);
        }

        private List<Change> of(RowImage key) {
            return changes.computeIfAbsent(key, each -> reader.changes(each).stream()
                    .sorted(Comparator.comparingLong(Change::seq))
                    .toList());
        }

        private void collect() {
            Deque<Runnable> open = new ArrayDeque<>();
            Set<Hop> followed = new HashSet<>();
            List<Change> own = of(key);
            own.forEach(change -> back(change, open, followed));
            onward(key, own.stream().filter(OneTable::isDelete).toList(), open, followed);
            while (!open.isEmpty()) {
                if (changes.size() >= MOST_KEYS) {
                    notes.add("The row had more than " + MOST_KEYS + " keys; those further away are not followed");
                    return;
                }
                open.remove().run();
            }
        }

        /** Follows a row to the key that it had before an insert. */
        private void back(Change insert, Deque<Runnable> open, Set<Hop> followed) {
            RowImage previous = insert.previousKey();
            if (previous != null && followed.add(new Hop(insert.seq(), Direction.BACK))) {
                open.add(() -> {
                    List<Change> earlier = of(previous).stream()
                            .filter(change -> change.seq() < insert.seq())
                            .toList();
                    for (int i = earlier.size() - 1; i >= 0; i--) {
                        if (earlier.get(i).operation() == Operation.INSERT) {
                            back(earlier.get(i), open, followed);
                            return;
                        }
                    }
                });
            }
        }

        /** Follows a row to the keys that it got with its deletes. */
        private void onward(RowImage from, Collection<Change> deletes, Deque<Runnable> open, Set<Hop> followed) {
            for (Change moved : reader.moves(from, deletes)) {
                if (followed.add(new Hop(moved.seq(), Direction.ONWARD))) {
                    RowImage next = Objects.requireNonNull(moved.key());
                    open.add(() -> onward(
                            next,
                            of(next).stream()
                                    .filter(change -> isDelete(change) && change.seq() > moved.seq())
                                    .limit(1)
                                    .toList(),
                            open,
                            followed));
                }
            }
        }

        private static boolean isDelete(Change change) {
            return change.operation() == Operation.DELETE;
        }
    }
}
