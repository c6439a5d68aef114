package dev.cdp.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cdp.core.ChangeEvent;
import dev.cdp.core.ChangeRecord;
import dev.cdp.core.DataSize;
import dev.cdp.core.Engine;
import dev.cdp.core.RowImage;
import dev.cdp.core.SourceId;
import dev.cdp.core.TableId;
import dev.cdp.core.TableSchema;
import dev.cdp.core.archive.ArchiveAccess;
import dev.cdp.core.archive.ArchiveState;
import dev.cdp.core.archive.ObjectStore;
import dev.cdp.core.fold.FoldDatabase;
import dev.cdp.core.fold.FoldRefusedException;
import dev.cdp.core.fold.Reversal;
import dev.cdp.core.fold.TableFiles;
import dev.cdp.core.topic.TransactionAssembler.Transaction;
import dev.cdp.core.topic.TransactionAssembler.Unit;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What undoing transactions takes, against {@link ReplayModel}, on histories from seeds. */
class ReversalTest {

    @TempDir
    private Path folder;

    private int compared;
    private int refused;
    private int withLaterWriters;

    @Test
    void whatUndoingTakesEqualsTheModel() {
        compareWithModel(0, 3);
    }

    @Test
    @Tag("soak")
    void whatUndoingTakesEqualsTheModelOnManyHistories() {
        compareWithModel(1000, 500);
    }

    private void compareWithModel(long firstSeed, int seeds) {
        for (long seed = firstSeed; seed < firstSeed + seeds; seed++) {
            Path here = folder.resolve("seed-" + seed);
            try (ObjectStore archive =
                    ArchiveAccess.file(here.resolve("archive")).open()) {
                compareWithModel(seed, archive, here);
            }
        }
        String all =
                compared + " tables compared, " + withLaterWriters + " of them written since, " + refused + " refused";
        assertThat(compared).as(all).isGreaterThan(2 * seeds);
        assertThat(withLaterWriters).as(all).isGreaterThan(seeds / 3);
        assertThat(refused).as(all).isLessThan(compared);
    }

    private void compareWithModel(long seed, ObjectStore store, Path here) {
        Random random = new Random(seed);
        SyntheticSource source = new SyntheticSource(new SourceId("orders"));
        RandomHistory.grow(source, seed, random.nextInt(15));
        long earliest = source.takeBase(store, here.resolve("staging")).lastSeq();
        RandomHistory.grow(source, seed + 1, 10 + random.nextInt(40));
        ArchiveState state = new SyntheticArchive(store, here.resolve("staging"))
                .archive(source, Engine.POSTGRESQL, 1 + random.nextInt(30))
                .state();
        History history = new History(source, earliest);
        for (int i = 0; i < 4; i++) {
            Map<Long, Long> undone = new TreeMap<>();
            int count = i < 3 ? 1 : 1 + random.nextInt(3);
            for (int j = 0; j < count; j++) {
                Transaction drawn = history.transactions.get(random.nextInt(history.transactions.size()));
                undone.put(drawn.lastSeq(), drawn.firstSeq());
            }
            for (TableSchema table : history.model(Long.MAX_VALUE).schemas()) {
                if (table.hasKey()) {
                    compare(
                            "seed " + seed + ", undo " + undone + " in " + table.tableId(),
                            history,
                            state,
                            here,
                            table,
                            undone);
                }
            }
        }
    }

    private void compare(
            String as, History history, ArchiveState state, Path here, TableSchema table, Map<Long, Long> undone) {
        try (FoldDatabase database =
                FoldDatabase.open(new FoldDatabase.Limits(DataSize.ofMebibytes(256), 1, here.resolve("spill")))) {
            TableFiles now =
                    TableFiles.of(state, Long.MAX_VALUE - 1, table.tableId()).orElseThrow();
            Reversal reversal = new Reversal(
                    database, state, now, object -> here.resolve("archive").resolve(object.key()));
            reversal.add(undone);

            Expected alone = history.expected(table, undone);
            assertThat(reversal.laterWriters()).as(as).isEqualTo(alone.laterWriters());
            assertThat(told(reversal.rows())).as(as).containsExactlyInAnyOrderElementsOf(told(alone.rows(Set.of())));
            compared++;
            if (!alone.laterWriters().isEmpty()) {
                withLaterWriters++;
                cascade(as, history, table, undone, reversal);
                leaveOut(as, alone, undone, here, state, now);
            }
        } catch (FoldRefusedException e) {
            assertThat(e.getMessage()).as(as).containsAnyOf("primary key changed", "was made anew", "was created by");
            refused++;
        }
    }

    private static void cascade(
            String as, History history, TableSchema table, Map<Long, Long> undone, Reversal reversal) {
        Map<Long, Long> all = new TreeMap<>(undone);
        while (!reversal.laterWriters().isEmpty()) {
            Map<Long, Long> more = new TreeMap<>();
            reversal.laterWriters().keySet().forEach(tx -> more.put(tx, history.firstSeq(tx)));
            all.putAll(more);
            reversal.add(more);
        }
        Expected expected = history.expected(table, all);
        assertThat(expected.laterWriters()).as(as).isEmpty();
        assertThat(told(reversal.rows()))
                .as(as + ", with " + all)
                .containsExactlyInAnyOrderElementsOf(told(expected.rows(Set.of())));
    }

    private static void leaveOut(
            String as, Expected alone, Map<Long, Long> undone, Path here, ArchiveState state, TableFiles now) {
        try (FoldDatabase database =
                FoldDatabase.open(new FoldDatabase.Limits(DataSize.ofMebibytes(256), 1, here.resolve("spill")))) {
            Reversal reversal = new Reversal(
                    database, state, now, object -> here.resolve("archive").resolve(object.key()));
            reversal.add(undone);
            assertThat(reversal.rowsWrittenLater())
                    .as(as)
                    .isEqualTo(alone.writtenLater().size());
            reversal.leaveOutRowsWrittenLater();
            assertThat(told(reversal.rows()))
                    .as(as + ", without rows written since")
                    .containsExactlyInAnyOrderElementsOf(told(alone.rows(alone.writtenLater())));
        }
    }

    /** Rows do not print their values by themselves. */
    private static List<String> told(List<Reversal.Row> rows) {
        return rows.stream()
                .map(row -> told(row.now()) + " was " + told(row.then()))
                .toList();
    }

    private static String told(@Nullable RowImage row) {
        return row == null
                ? "nothing"
                : row.toList().stream()
                        .map(value ->
                                value instanceof byte[] bytes ? HexFormat.of().formatHex(bytes) : value + "")
                        .toList()
                        .toString();
    }

    /** What the model says: rows by key, and the other transactions that wrote them later. */
    private record Expected(
            Map<RowImage, Reversal.Row> byKey, Map<Long, Long> laterWriters, Set<RowImage> writtenLater) {
        List<Reversal.Row> rows(Set<RowImage> leftOut) {
            return byKey.entrySet().stream()
                    .filter(each -> !leftOut.contains(each.getKey()))
                    .map(Map.Entry::getValue)
                    .filter(row -> !Objects.equals(row.now(), row.then()))
                    .toList();
        }
    }

    /** The transactions of a source behind its base, and what they left. */
    private static final class History {
        private final SyntheticSource source;
        private final List<Transaction> transactions = new ArrayList<>();

        History(SyntheticSource source, long earliest) {
            this.source = source;
            for (Unit unit : SyntheticArchive.units(source.records())) {
                if (unit instanceof Transaction transaction && transaction.firstSeq() > earliest + 1) {
                    transactions.add(transaction);
                }
            }
        }

        long firstSeq(long seq) {
            return transactions.stream()
                    .filter(each -> each.lastSeq() == seq)
                    .findFirst()
                    .orElseThrow()
                    .firstSeq();
        }

        /** Everything below a change. */
        ReplayModel model(long seq) {
            ReplayModel model = new ReplayModel();
            for (Unit unit : SyntheticArchive.units(source.records())) {
                if (unit instanceof Transaction transaction && transaction.lastSeq() < seq) {
                    model.applyAll(transaction.events());
                }
            }
            return model;
        }

        Expected expected(TableSchema table, Map<Long, Long> undone) {
            Map<RowImage, RowImage> then = new LinkedHashMap<>();
            Map<RowImage, TableSchema> thenSchemas = new HashMap<>();
            Map<Long, Long> later = new TreeMap<>();
            Set<RowImage> writtenLater = new HashSet<>();
            for (Transaction transaction : transactions) {
                ReplayModel before = model(transaction.firstSeq());
                Set<RowImage> written = written(transaction, before, table);
                if (undone.containsKey(transaction.lastSeq())) {
                    TableSchema was = schema(before, table.tableId());
                    Map<RowImage, RowImage> rows = rows(before, table);
                    for (RowImage key : written) {
                        if (!then.containsKey(key)) {
                            then.put(key, rows.get(key));
                            thenSchemas.put(key, was);
                        }
                    }
                } else {
                    boolean truncates = truncates(transaction, table);
                    Set<RowImage> hit = new HashSet<>(then.keySet());
                    hit.removeIf(key -> !truncates && !written.contains(key));
                    if (!hit.isEmpty()) {
                        later.put(transaction.lastSeq(), (long) hit.size());
                        writtenLater.addAll(hit);
                    }
                }
            }
            Map<RowImage, RowImage> now = rows(model(Long.MAX_VALUE), table);
            Map<RowImage, Reversal.Row> rows = new HashMap<>();
            then.forEach((key, row) -> rows.put(
                    key, new Reversal.Row(now.get(key), kept(row, now.get(key), thenSchemas.get(key), table))));
            return new Expected(rows, later, writtenLater);
        }

        /** A row that is there keeps what it holds in columns that are younger than what is put back. */
        private static @Nullable RowImage kept(
                @Nullable RowImage then, @Nullable RowImage now, @Nullable TableSchema was, TableSchema table) {
            if (then == null || now == null || was == null) {
                return then;
            }
            Object[] values = then.toList().toArray();
            for (int i = 0; i < values.length; i++) {
                if (was.indexOfField(table.columns().get(i).fieldId()) < 0) {
                    values[i] = now.value(i);
                }
            }
            return RowImage.of(values);
        }

        private static @Nullable TableSchema schema(ReplayModel model, TableId table) {
            return model.schemas().stream()
                    .filter(schema -> schema.tableId().equals(table))
                    .findFirst()
                    .orElse(null);
        }

        /** In the columns of {@code table}. */
        private static Map<RowImage, RowImage> rows(ReplayModel model, TableSchema table) {
            Map<RowImage, RowImage> rows = new HashMap<>();
            if (schema(model, table.tableId()) != null) {
                model.apply(new ChangeEvent.SchemaChange(table));
                model.rows(table.tableId()).forEach(row -> rows.put(key(table, row), row));
            }
            return rows;
        }

        private static boolean truncates(Transaction transaction, TableSchema table) {
            for (ChangeRecord record : transaction.events()) {
                if (record.event() instanceof ChangeEvent.Truncate truncate
                        && truncate.table().equals(table.tableId())) {
                    return true;
                }
            }
            return false;
        }

        private static Set<RowImage> written(Transaction transaction, ReplayModel before, TableSchema table) {
            Set<RowImage> written = new HashSet<>();
            TableSchema schema = schema(before, table.tableId());
            for (ChangeRecord record : transaction.events()) {
                if (record.event() instanceof ChangeEvent.SchemaChange change
                        && change.schema().tableId().equals(table.tableId())) {
                    schema = change.schema();
                } else if (record.event() instanceof ChangeEvent.RowChange change
                        && change.table().equals(table.tableId())) {
                    RowImage image = change.after() != null ? change.after() : change.before();
                    written.add(key(Objects.requireNonNull(schema), Objects.requireNonNull(image)));
                } else if (record.event() instanceof ChangeEvent.Truncate truncate
                        && truncate.table().equals(table.tableId())) {
                    TableSchema known = Objects.requireNonNull(schema);
                    model(before, known).forEach(row -> written.add(key(known, row)));
                }
            }
            return written;
        }

        private static List<RowImage> model(ReplayModel before, TableSchema table) {
            return before.schemas().stream().anyMatch(each -> each.tableId().equals(table.tableId()))
                    ? before.rows(table.tableId())
                    : List.of();
        }

        private static RowImage key(TableSchema schema, RowImage row) {
            return RowImage.of(schema.keyFieldIds().stream()
                    .map(id -> row.value(schema.indexOfField(id)))
                    .toArray());
        }
    }
}
