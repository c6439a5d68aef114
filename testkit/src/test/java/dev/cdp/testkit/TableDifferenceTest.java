package dev.cdp.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cdp.core.ChangeEvent;
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
import dev.cdp.core.fold.TableDifference;
import dev.cdp.core.fold.TableDifference.Sample;
import dev.cdp.core.fold.TableFiles;
import dev.cdp.core.topic.TransactionAssembler.Transaction;
import dev.cdp.core.topic.TransactionAssembler.Unit;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What differs between two cuts, against {@link ReplayModel}, on histories from seeds. */
class TableDifferenceTest {
    private static final int ALL = 10_000;

    @TempDir
    private Path folder;

    @Test
    void theDifferenceOfTwoCutsEqualsThatOfTheModel() {
        compareWithModel(0, 7);
    }

    @Test
    @Tag("soak")
    void theDifferenceOfAnyTwoCutsEqualsThatOfTheModel() {
        compareWithModel(1000, 400);
    }

    private void compareWithModel(long firstSeed, int seeds) {
        for (long seed = firstSeed; seed < firstSeed + seeds; seed++) {
            Path here = folder.resolve("seed-" + seed);
            try (ObjectStore archive =
                            ArchiveAccess.file(here.resolve("archive")).open();
                    FoldDatabase database = FoldDatabase.open(
                            new FoldDatabase.Limits(DataSize.ofMebibytes(256), 1, here.resolve("spill")))) {
                compareWithModel(seed, archive, database, here);
            }
        }
    }

    private static void compareWithModel(long seed, ObjectStore store, FoldDatabase database, Path here) {
        Random random = new Random(seed);
        SyntheticSource source = new SyntheticSource(new SourceId("orders"));
        RandomHistory.grow(source, seed, random.nextInt(15));
        long earliest = source.takeBase(store, here.resolve("staging")).lastSeq();
        RandomHistory.grow(source, seed + 1, 10 + random.nextInt(50));
        ArchiveState state = new SyntheticArchive(store, here.resolve("staging"))
                .archive(source, Engine.POSTGRESQL, 1 + random.nextInt(30))
                .state();
        List<Long> cuts = new ArrayList<>(List.of(earliest));
        for (Unit unit : SyntheticArchive.units(source.records())) {
            if (unit instanceof Transaction transaction && transaction.lastSeq() > earliest) {
                cuts.add(transaction.lastSeq());
            }
        }
        for (int i = 0; i < 2; i++) {
            long one = cuts.get(random.nextInt(cuts.size()));
            long other = cuts.get(random.nextInt(cuts.size()));
            long from = Math.min(one, other);
            long to = Math.max(one, other);
            Map<TableId, TableFiles> earlier = tables(state, from);
            Map<TableId, TableFiles> later = tables(state, to);
            TreeSet<TableId> all = new TreeSet<>(earlier.keySet());
            all.addAll(later.keySet());
            for (TableId table : all) {
                TableDifference difference = TableDifference.between(
                        database,
                        "orders." + table,
                        earlier.get(table),
                        later.get(table),
                        object -> here.resolve("archive").resolve(object.key()),
                        ALL);
                String as = "seed " + seed + ", table " + table + ", " + from + " to " + to;
                assertSame(as, difference, rows(source, from, table, difference), rows(source, to, table, difference));
            }
        }
    }

    private static Map<TableId, TableFiles> tables(ArchiveState state, long seq) {
        return TableFiles.at(state, seq).stream()
                .collect(Collectors.toMap(files -> files.schema().tableId(), files -> files));
    }

    /** The model's rows at a cut, in the columns of the difference. */
    private static List<RowImage> rows(SyntheticSource source, long cut, TableId table, TableDifference difference) {
        ReplayModel model = new ReplayModel();
        for (Unit unit : SyntheticArchive.units(source.records())) {
            if (unit instanceof Transaction transaction && transaction.lastSeq() <= cut) {
                model.applyAll(transaction.events());
            }
        }
        if (model.schemas().stream().noneMatch(schema -> schema.tableId().equals(table))) {
            return List.of();
        }
        model.apply(new ChangeEvent.SchemaChange(difference.schema()));
        return model.rows(table);
    }

    private static void assertSame(String as, TableDifference difference, List<RowImage> from, List<RowImage> to) {
        TableSchema schema = difference.schema();
        List<Sample> expected = new ArrayList<>();
        if (schema.hasKey()) {
            Map<RowImage, RowImage> left = new HashMap<>();
            from.forEach(row -> left.put(key(schema, row), row));
            for (RowImage row : to) {
                RowImage before = left.remove(key(schema, row));
                if (!row.equals(before)) {
                    expected.add(new Sample(before, row));
                }
            }
            left.values().forEach(row -> expected.add(new Sample(row, null)));
        } else {
            List<RowImage> left = new ArrayList<>(from);
            to.stream().filter(row -> !left.remove(row)).forEach(row -> expected.add(new Sample(null, row)));
            left.forEach(row -> expected.add(new Sample(row, null)));
        }
        assertThat(difference.inserted())
                .as(as)
                .isEqualTo(
                        expected.stream().filter(each -> each.before() == null).count());
        assertThat(difference.deleted())
                .as(as)
                .isEqualTo(
                        expected.stream().filter(each -> each.after() == null).count());
        assertThat(difference.changed())
                .as(as)
                .isEqualTo(expected.stream()
                        .filter(each -> each.after() != null && each.before() != null)
                        .count());
        // a row that came several times into a table without a key is shown once
        assertThat(difference.samples().stream().distinct().toList())
                .as(as)
                .containsExactlyInAnyOrderElementsOf(
                        expected.stream().distinct().toList());
    }

    private static RowImage key(TableSchema schema, @Nullable RowImage row) {
        return RowImage.of(schema.keyFieldIds().stream()
                .map(id -> row == null ? null : row.value(schema.indexOfField(id)))
                .toArray());
    }
}
