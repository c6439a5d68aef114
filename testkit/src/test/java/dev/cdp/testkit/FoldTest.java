package dev.cdp.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cdp.core.Carrier;
import dev.cdp.core.DataSize;
import dev.cdp.core.Engine;
import dev.cdp.core.RowImage;
import dev.cdp.core.SourceId;
import dev.cdp.core.TableName;
import dev.cdp.core.TableSchema.Identity;
import dev.cdp.core.archive.ArchiveAccess;
import dev.cdp.core.archive.ArchiveState;
import dev.cdp.core.archive.LedgerEntry;
import dev.cdp.core.archive.ObjectStore;
import dev.cdp.core.fold.Fold;
import dev.cdp.core.fold.FoldDatabase;
import dev.cdp.core.fold.FoldRefusedException;
import dev.cdp.core.fold.FoldedRows;
import dev.cdp.core.fold.TableFiles;
import dev.cdp.core.topic.TransactionAssembler.Transaction;
import dev.cdp.core.topic.TransactionAssembler.Unit;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The fold against {@link ReplayModel}, on histories from seeds and on a few made by hand. */
class FoldTest {
    private static final SourceId ORDERS = new SourceId("orders");

    @TempDir
    private Path folder;

    private ObjectStore store;

    @BeforeEach
    void openStore() {
        store = ArchiveAccess.file(folder.resolve("archive")).open();
    }

    @Test
    void foldingACutEqualsReplayingHistoryUpToIt() {
        compareWithModel(0, 40);
    }

    @Test
    @Tag("soak")
    void foldingACutEqualsReplayingAnyHistoryUpToIt() {
        compareWithModel(1000, 1000);
    }

    private void compareWithModel(long firstSeed, int seeds) {
        for (long seed = firstSeed; seed < firstSeed + seeds; seed++) {
            Path here = folder.resolve("seed-" + seed);
            try (ObjectStore archive =
                            ArchiveAccess.file(here.resolve("archive")).open();
                    FoldDatabase database = FoldDatabase.open(limits(here))) {
                compareWithModel(seed, archive, database, here);
            }
        }
    }

    private static void compareWithModel(long seed, ObjectStore store, FoldDatabase database, Path here) {
        Random random = new Random(seed);
        SyntheticSource source = new SyntheticSource(ORDERS);
        RandomHistory.grow(source, seed, random.nextInt(20));
        long earliest = source.lastSeq();
        source.takeBase(store, here.resolve("staging"));
        RandomHistory.grow(source, seed + 1, random.nextInt(60));
        if (random.nextBoolean()) {
            source.takeBase(store, here.resolve("staging"));
            RandomHistory.grow(source, seed + 2, random.nextInt(30));
        }
        ArchiveState state = new SyntheticArchive(store, here.resolve("staging"))
                .archive(source, Engine.POSTGRESQL, 1 + random.nextInt(30))
                .state();

        List<Long> cuts = cuts(source, earliest);
        for (int i = 0; i < 3; i++) {
            long cut = i == 0 ? source.lastSeq() : cuts.get(random.nextInt(cuts.size()));
            assertSameTables(
                    seed, TableFiles.at(state, cut), replay(source, cut), file -> sorted(fold(database, file, here)));
        }
    }

    private static List<Long> cuts(SyntheticSource source, long earliest) {
        List<Long> cuts = new ArrayList<>(List.of(earliest));
        for (Unit unit : SyntheticArchive.units(source.records())) {
            if (unit instanceof Transaction transaction && transaction.lastSeq() > earliest) {
                cuts.add(transaction.lastSeq());
            }
        }
        return cuts;
    }

    private static ReplayModel replay(SyntheticSource source, long cut) {
        ReplayModel model = new ReplayModel();
        for (Unit unit : SyntheticArchive.units(source.records())) {
            if (unit instanceof Transaction transaction && transaction.lastSeq() <= cut) {
                model.applyAll(transaction.events());
            }
        }
        return model;
    }

    private static void assertSameTables(
            long seed, List<TableFiles> tables, ReplayModel model, Function<TableFiles, List<RowImage>> folded) {
        assertThat(tables.stream().map(TableFiles::schema).collect(Collectors.toSet()))
                .as("tables of seed %d", seed)
                .isEqualTo(Set.copyOf(model.schemas()));
        for (TableFiles table : tables) {
            assertThat(folded.apply(table))
                    .as("rows of %s, seed %d at %d", table.schema().name(), seed, table.cutSeq())
                    .isEqualTo(sorted(model.rows(table.schema().tableId())));
        }
    }

    private static FoldDatabase.Limits limits(Path here) {
        return new FoldDatabase.Limits(DataSize.ofMebibytes(256), 1, here.resolve("spill"));
    }

    private static List<RowImage> fold(TableFiles table, Path here) {
        try (FoldDatabase database = FoldDatabase.open(limits(here))) {
            return fold(database, table, here);
        }
    }

    private static List<RowImage> fold(FoldDatabase database, TableFiles table, Path here) {
        try (FoldedRows rows = Fold.open(
                database,
                "orders." + table.schema().name(),
                table,
                object -> here.resolve("archive").resolve(object.key()),
                Fold.Order.BY_KEY)) {
            List<RowImage> all = new ArrayList<>();
            for (RowImage row = rows.next(); row != null; row = rows.next()) {
                all.add(row);
            }
            return all;
        }
    }

    private static List<RowImage> sorted(List<RowImage> rows) {
        return rows.stream().sorted(Comparator.comparing(FoldTest::printed)).toList();
    }

    private static String printed(RowImage row) {
        return row.toList().stream()
                .map(value ->
                        value instanceof byte[] bytes ? new java.math.BigInteger(1, bytes) + "#" + bytes.length : value)
                .map(String::valueOf)
                .collect(Collectors.joining("|"));
    }

    @Test
    void keysOfSeveralColumnsAreMatchedByTheirBytes() {
        SyntheticSource source = source();
        SyntheticTable table = source.createTable(
                "pairs",
                Identity.KEY,
                List.of(2, 1),
                SyntheticTable.column(1, "a", Carrier.TEXT),
                SyntheticTable.column(2, "b", Carrier.BYTES),
                SyntheticTable.column(3, "c", Carrier.TEXT));
        byte[] one = {0, -1};
        byte[] two = {0};
        source.insert(table, "a", one, "1")
                .insert(table, "A", one, "2")
                .insert(table, "a ", one, "3")
                .insert(table, "a", two, "4")
                .commit();
        source.update(table, 1, "A", two, "5").delete(table, 2).commit();
        assertFoldsTo(source, table);

        source.takeBase(store, folder.resolve("staging"));
        source.delete(table, 1).commit();
        assertFoldsTo(source, table);
    }

    /** What is asked of files is kept for the next fold of the same database, whatever the table's columns are called. */
    @Test
    void momentsOnBothSidesOfATruncateAreFoldedOneAfterAnother() {
        SyntheticSource source = source();
        SyntheticTable table = source.createTable(
                "files",
                SyntheticTable.column(1, "filename", Carrier.INT64),
                SyntheticTable.column(2, "file_name", Carrier.TEXT));
        source.insert(table, 1L, "a").commit();
        long full = source.lastSeq();
        source.truncate(table).commit();
        long empty = source.lastSeq();
        source.insert(table, 2L, "b").commit();
        ArchiveState state = archive(source);

        try (FoldDatabase database = FoldDatabase.open(limits(folder))) {
            for (int round = 0; round < 2; round++) {
                assertThat(fold(database, TableFiles.at(state, full).get(0), folder))
                        .containsExactly(RowImage.of(1L, "a"));
                assertThat(fold(database, TableFiles.at(state, empty).get(0), folder))
                        .isEmpty();
                assertThat(fold(database, TableFiles.at(state, source.lastSeq()).get(0), folder))
                        .containsExactly(RowImage.of(2L, "b"));
            }
        }
    }

    @Test
    void rowsOfABaseHoldWhatAColumnGaveThemThatCameLater() {
        SyntheticSource source = source();
        SyntheticTable table = keyed(source);
        source.insert(table, 1L, "a")
                .insert(table, 2L, "b")
                .insert(table, 3L, "c")
                .commit();
        source.takeBase(store, folder.resolve("staging"));
        source.addColumn(table, "added", "filled").commit();
        source.update(table, 1, 2L, "b", "changed").commit();
        source.addColumn(table, "empty", null).dropColumn(table, 1).commit();

        assertFoldsTo(source, table);
    }

    @Test
    void aValueThatWasNotLoggedIsFoundAlongChangesOfTheKey() {
        SyntheticSource source = source();
        SyntheticTable table = keyed(source);
        source.insert(table, 1L, "large").insert(table, 2L, "other").commit();
        source.update(table, 0, Set.of(1), 3L, null).commit();
        source.update(table, 0, Set.of(1), 4L, null)
                .insert(table, 1L, "new under an old key")
                .commit();
        source.update(table, 0, Set.of(1), 5L, null).commit();
        source.update(table, 0, Set.of(1), 5L, null).commit();

        assertFoldsTo(source, table);
    }

    @Test
    void aValueThatWasNeverLoggedRefuses() {
        SyntheticSource source = source();
        SyntheticTable table = keyed(source);
        source.insert(table, 1L, "large").commit();
        List<dev.cdp.core.ChangeRecord> before = List.copyOf(source.records());
        source.update(table, 0, Set.of(1), 1L, null).commit();
        ArchiveState state = archive(source);
        TableFiles whole = TableFiles.at(state, source.lastSeq()).get(0);
        TableFiles torn = new TableFiles(
                whole.schema(),
                whole.base(),
                before.get(before.size() - 1).seq(),
                whole.cutSeq(),
                whole.history(),
                whole.versions());

        assertThatThrownBy(() -> fold(torn, folder))
                .isInstanceOf(FoldRefusedException.class)
                .hasMessageContaining("orders.public.keyed cannot be computed")
                .hasMessageContaining("did not log column 'doc' of 1 rows")
                .hasMessageContaining("(key: [id])");
    }

    @Test
    void aRowWithoutKeyThatIsDeletedTooOftenRefuses() {
        SyntheticSource source = source();
        SyntheticTable table = source.createKeylessTable("keyless", SyntheticTable.column(1, "a", Carrier.FLOAT64));
        source.insert(table, 0d).insert(table, -0d).commit();
        long both = source.lastSeq();
        source.delete(table, 0).commit();
        ArchiveState state = archive(source);

        assertThat(fold(TableFiles.at(state, both).get(0), folder))
                .containsExactlyInAnyOrder(RowImage.of(0d), RowImage.of(-0d));
        TableFiles whole = TableFiles.at(state, source.lastSeq()).get(0);
        assertThat(fold(whole, folder)).containsExactly(RowImage.of(-0d));
        TableFiles torn =
                new TableFiles(whole.schema(), whole.base(), both, whole.cutSeq(), whole.history(), whole.versions());
        assertThatThrownBy(() -> fold(torn, folder))
                .isInstanceOf(FoldRefusedException.class)
                .hasMessageContaining("a row was deleted more often than it was there");
    }

    @Test
    void aTableWhoseChangesAreMissingRefusesFromTheTransactionThatChangedItUnlogged() {
        SyntheticSource source = source();
        SyntheticTable table = keyed(source);
        source.insert(table, 1L, "a").commit();
        long before = source.lastSeq();
        source.insert(table, 2L, "b").commit();
        ArchiveState whole = archive(source);
        List<LedgerEntry.Gap> gaps = List.of(
                gap(source.lastSeq() + 1, new TableName("public", "another")), gap(source.lastSeq() + 2, table.name()));
        ArchiveState state = whole.with(new LedgerEntry.Content(
                1,
                whole.topic().orElseThrow(),
                null,
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                gaps,
                List.of(),
                List.of()));

        assertThat(fold(TableFiles.at(state, before).get(0), folder)).hasSize(1);
        assertThatThrownBy(() -> TableFiles.at(state, source.lastSeq()))
                .isInstanceOf(FoldRefusedException.class)
                .hasMessageContaining("orders.public.keyed cannot be computed: changes are missing since")
                .hasMessageContaining("rewritten");
    }

    private static LedgerEntry.Gap gap(long seq, TableName table) {
        return new LedgerEntry.Gap(1, seq, null, null, Instant.EPOCH, "rewritten", List.of(table), null);
    }

    private static SyntheticTable keyed(SyntheticSource source) {
        return source.createTable(
                "keyed", SyntheticTable.column(1, "id", Carrier.INT64), SyntheticTable.column(2, "doc", Carrier.TEXT));
    }

    private void assertFoldsTo(SyntheticSource source, SyntheticTable table) {
        ArchiveState state = archive(source);
        TableFiles files = TableFiles.at(state, source.lastSeq()).get(0);
        assertThat(fold(files, folder)).containsExactlyInAnyOrderElementsOf(table.rows());
    }

    private ArchiveState archive(SyntheticSource source) {
        return new SyntheticArchive(store, folder.resolve("staging"))
                .archive(source, Engine.POSTGRESQL, 100)
                .state();
    }

    /** A source whose base is empty. */
    private SyntheticSource source() {
        return new SyntheticSource(ORDERS).takeBase(store, folder.resolve("staging"));
    }
}
