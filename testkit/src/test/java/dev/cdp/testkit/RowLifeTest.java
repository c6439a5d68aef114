package dev.cdp.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cdp.core.Carrier;
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
import dev.cdp.core.fold.RowLife;
import dev.cdp.core.fold.RowLife.Event;
import dev.cdp.core.fold.RowLife.Kind;
import dev.cdp.core.fold.RowLifeReader;
import dev.cdp.core.fold.TransactionLog;
import dev.cdp.core.topic.TransactionAssembler.Transaction;
import dev.cdp.core.topic.TransactionAssembler.Unit;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The lives of rows against {@link ReplayModel}, on histories from seeds and on a few made by hand. */
class RowLifeTest {
    private static final SourceId ORDERS = new SourceId("orders");
    private static final int KEYS_OF_EACH = 4;

    @TempDir
    private Path folder;

    private ObjectStore store;
    private FoldDatabase database;

    @BeforeEach
    void open() {
        store = ArchiveAccess.file(folder.resolve("archive")).open();
        database = FoldDatabase.open(new FoldDatabase.Limits(DataSize.ofMebibytes(256), 1, folder.resolve("spill")));
    }

    @AfterEach
    void close() {
        database.close();
        store.close();
    }

    @Test
    void theLifeOfARowEqualsReplayingItsHistory() {
        compareWithModel(0, 6);
    }

    @Test
    @Tag("soak")
    void theLifeOfAnyRowEqualsReplayingItsHistory() {
        compareWithModel(1000, 400);
    }

    private void compareWithModel(long firstSeed, int seeds) {
        for (long seed = firstSeed; seed < firstSeed + seeds; seed++) {
            Path here = folder.resolve("seed-" + seed);
            try (ObjectStore archive =
                    ArchiveAccess.file(here.resolve("archive")).open()) {
                compareWithModel(seed, archive, here);
            }
        }
    }

    private void compareWithModel(long seed, ObjectStore archive, Path here) {
        Random random = new Random(seed);
        Path staging = here.resolve("staging");
        SyntheticSource source = new SyntheticSource(ORDERS);
        RandomHistory.grow(source, seed, random.nextInt(15));
        long earliest = source.takeBase(archive, staging).lastSeq();
        RandomHistory.grow(source, seed + 1, random.nextInt(40));
        Gap gap = null;
        if (random.nextBoolean()) {
            lose(source, random);
            source.gap("lost").takeBase(archive, staging);
            gap = new Gap(source.lastSeq(), rows(source));
            RandomHistory.grow(source, seed + 2, random.nextInt(25));
        }
        ArchiveState state = new SyntheticArchive(archive, staging)
                .archive(source, Engine.POSTGRESQL, 1 + random.nextInt(20))
                .state();
        for (TableSchema table : tables(state)) {
            for (RowImage key : keys(source, table, random)) {
                String as = "seed " + seed + ", " + table.name() + " (" + table.tableId() + ") key " + key.toList();
                compareWithModel(as, source, earliest, gap, table, key, life(state, here, table, key));
            }
        }
    }

    /** What the tables held at the base behind it. */
    private record Gap(long baseSeq, Map<TableId, List<RowImage>> rows) {}

    /** Deletes rows without any record of it. */
    private static void lose(SyntheticSource source, Random random) {
        for (SyntheticTable table : source.tables()) {
            for (int i = table.rowCount() - 1; i >= 0; i--) {
                if (random.nextInt(3) == 0) {
                    table.remove(i);
                }
            }
        }
    }

    private static Map<TableId, List<RowImage>> rows(SyntheticSource source) {
        Map<TableId, List<RowImage>> rows = new HashMap<>();
        source.tables().forEach(table -> rows.put(table.id(), table.rows()));
        return rows;
    }

    /** Every table with a key that there ever was, in its newest version. */
    private static List<TableSchema> tables(ArchiveState state) {
        Map<TableId, TableSchema> newest = new TreeMap<>();
        state.schemas().stream()
                .filter(TableSchema::hasKey)
                .forEach(schema -> newest.merge(
                        schema.tableId(), schema, (one, other) -> one.version() > other.version() ? one : other));
        return List.copyOf(newest.values());
    }

    /** Some of the keys that a table ever had, and one that it never had. */
    private static List<RowImage> keys(SyntheticSource source, TableSchema table, Random random) {
        Set<RowImage> keys = new LinkedHashSet<>();
        for (ChangeRecord record : source.records()) {
            if (record.event() instanceof ChangeEvent.RowChange change
                    && change.table().equals(table.tableId())) {
                keys.add(RowImage.of(Objects.requireNonNull(change.after() != null ? change.after() : change.before())
                        .value(0)));
            }
        }
        List<RowImage> all = new ArrayList<>(keys);
        Collections.shuffle(all, random);
        List<RowImage> some = new ArrayList<>(all.subList(0, Math.min(KEYS_OF_EACH, all.size())));
        some.add(RowImage.of(table.columns().get(0).carrier() == Carrier.INT64 ? (Object) 5000L : "none"));
        return some;
    }

    private static void compareWithModel(
            String as,
            SyntheticSource source,
            long earliest,
            @Nullable Gap gap,
            TableSchema table,
            RowImage key,
            RowLife life) {
        ReplayModel model = new ReplayModel();
        for (Unit unit : SyntheticArchive.units(source.records())) {
            if (!(unit instanceof Transaction transaction)) {
                continue;
            }
            model.applyAll(transaction.events());
            long cut = transaction.lastSeq();
            if (cut >= earliest) {
                assertThat(told(life, cut, table.tableId(), key, model))
                        .as("%s at %d", as, cut)
                        .isEqualTo(held(model, table.tableId(), key));
            }
            if (gap != null && gap.baseSeq() == cut + 1) {
                for (TableSchema schema : model.schemas()) {
                    model.load(schema, gap.rows().getOrDefault(schema.tableId(), List.of()));
                }
                assertThat(told(life, cut + 1, table.tableId(), key, model))
                        .as("%s behind the gap", as)
                        .isEqualTo(held(model, table.tableId(), key));
            }
        }
        assertSameChanges(as, source, earliest, table.tableId(), key, life);
    }

    /** Nothing is told twice, left out or made up: each change of the key is one event, the two of a move together. */
    private static void assertSameChanges(
            String as, SyntheticSource source, long earliest, TableId table, RowImage key, RowLife life) {
        List<Long> recorded = new ArrayList<>();
        for (Unit unit : SyntheticArchive.units(source.records())) {
            if (unit instanceof Transaction transaction && transaction.lastSeq() > earliest) {
                for (ChangeRecord record : transaction.events()) {
                    if (record.event() instanceof ChangeEvent.RowChange change
                            && change.table().equals(table)
                            && isOf(change.after() != null ? change.after() : change.before(), key)) {
                        recorded.add(record.seq());
                    }
                }
            }
        }
        Set<Long> told = new TreeSet<>();
        for (Event event : life.events()) {
            if (event.transaction() == null
                    || event.kind() == Kind.TRUNCATE
                    || event.kind() == Kind.TABLE_DROPPED
                    || !event.schema().tableId().equals(table)
                    || event.seq() <= earliest) {
                continue;
            }
            if (event.key().equals(key)) {
                assertThat(told.add(event.seq())).as(as).isTrue();
            }
            if (event.kind() == Kind.KEY_CHANGE && isOf(event.before(), key)) {
                assertThat(told.add(event.seq() - 1)).as(as).isTrue(); // capture sends the delete just before
            }
        }
        assertThat(told).as(as).containsExactlyElementsOf(recorded);
    }

    private static boolean isOf(@Nullable RowImage image, RowImage key) {
        return image != null && RowImage.of(image.value(0)).equals(key);
    }

    private static @Nullable RowImage held(ReplayModel model, TableId table, RowImage key) {
        return schema(model, table) == null
                ? null
                : model.rows(table).stream()
                        .filter(row -> isOf(row, key))
                        .findFirst()
                        .orElse(null);
    }

    private static @Nullable TableSchema schema(ReplayModel model, TableId table) {
        return model.schemas().stream()
                .filter(schema -> schema.tableId().equals(table))
                .findFirst()
                .orElse(null);
    }

    /** The key's row at a cut by the last event up to it, in the columns that the model's table has now. */
    private static @Nullable RowImage told(RowLife life, long cut, TableId table, RowImage key, ReplayModel model) {
        RowImage row = null;
        TableSchema schema = null;
        for (Event event : life.events()) {
            boolean left = event.kind() == Kind.KEY_CHANGE && isOf(event.before(), key);
            if (event.seq() <= cut
                    && event.schema().tableId().equals(table)
                    && (left || event.key().equals(key))) {
                row = event.key().equals(key) ? event.after() : null;
                schema = event.schema();
            }
        }
        TableSchema now = schema(model, table);
        if (row == null || schema == null || now == null) {
            return row;
        }
        ReplayModel converter = new ReplayModel();
        converter.load(schema, List.of(row));
        converter.apply(new ChangeEvent.SchemaChange(now));
        return converter.rows(table).get(0);
    }

    private RowLife life(ArchiveState state, Path here, TableSchema table, RowImage key) {
        Path archive = here.resolve("archive");
        TransactionLog log = new TransactionLog(
                database,
                state.transactions(),
                file -> archive.resolve(file.object().key()));
        return new RowLifeReader(database, state, log, object -> archive.resolve(object.key()))
                .read(table.name(), table, key);
    }

    @Test
    void aRowIsFollowedThroughChangesOfItsKeyAndKeepsWhatWasNotLogged() {
        SyntheticSource source = source();
        SyntheticTable table = keyed(source);
        source.insert(table, 1L, "large").commit();
        source.update(table, 0, Set.of(1), 2L, null).commit();
        source.insert(table, 1L, "another row").commit();
        source.update(table, 0, 2L, "new").commit();
        source.update(table, 0, Set.of(1), 3L, null).delete(table, 1).commit();

        RowLife life = life(archive(source), folder, table.schema(), RowImage.of(2L));

        assertThat(life.events())
                .extracting(Event::kind)
                .containsExactly(Kind.INSERT, Kind.KEY_CHANGE, Kind.UPDATE, Kind.KEY_CHANGE);
        assertThat(life.events())
                .extracting(Event::key)
                .containsExactly(RowImage.of(1L), RowImage.of(2L), RowImage.of(2L), RowImage.of(3L));
        assertThat(life.events())
                .extracting(Event::after)
                .containsExactly(
                        RowImage.of(1L, "large"),
                        RowImage.of(2L, "large"),
                        RowImage.of(2L, "new"),
                        RowImage.of(3L, "new"));
        assertThat(life.events().get(3).changedColumns()).containsExactly(0);
    }

    @Test
    void aGapIsNamedAndTheBaseBehindItTellsWhatBecameOfTheRow() {
        SyntheticSource source = source();
        SyntheticTable table = keyed(source);
        source.insert(table, 1L, "stays")
                .insert(table, 2L, "goes")
                .insert(table, 3L, "changes")
                .commit();
        Instant before = source.now();
        table.set(2, new Object[] {3L, "changed"});
        table.remove(1); // the last row takes its place
        source.advance(Duration.ofMinutes(10)).gap("the slot was dropped").takeBase(store, folder.resolve("staging"));
        Instant behind = source.now();
        source.insert(table, 2L, "came back").commit();
        ArchiveState state = archive(source);

        assertThat(life(state, folder, table.schema(), RowImage.of(1L)).events())
                .extracting(Event::kind)
                .containsExactly(Kind.INSERT, Kind.AT_BASE);
        assertThat(life(state, folder, table.schema(), RowImage.of(2L)).events())
                .extracting(Event::kind)
                .containsExactly(Kind.INSERT, Kind.GONE_AT_BASE, Kind.INSERT);
        RowLife changed = life(state, folder, table.schema(), RowImage.of(3L));
        assertThat(changed.events().get(1).before()).isEqualTo(RowImage.of(3L, "changes"));
        assertThat(changed.events().get(1).after()).isEqualTo(RowImage.of(3L, "changed"));
        assertThat(changed.missing()).singleElement().satisfies(missing -> {
            assertThat(missing.from()).isEqualTo(before);
            assertThat(missing.to()).isEqualTo(behind);
            assertThat(missing.reason()).isEqualTo("the slot was dropped");
        });
        assertThat(life(state, folder, table.schema(), RowImage.of(9L)).missing())
                .hasSize(1);
    }

    @Test
    void whatIsArchivedBetweenAGapOfATableAndItsNextBaseIsInDoubt() {
        SyntheticSource source = source();
        SyntheticTable table = keyed(source);
        source.insert(table, 1L, "a").commit();
        source.update(table, 0, 1L, "rewritten with it").commit();
        source.gapOf(table, "rewritten");
        source.update(table, 0, 1L, "b").commit();
        source.takeBaseOf(table, store, folder.resolve("staging"));
        source.update(table, 0, 1L, "c").commit();

        RowLife life = life(archive(source), folder, table.schema(), RowImage.of(1L));

        assertThat(life.events())
                .extracting(Event::certainty)
                .containsExactly(
                        RowLife.Certainty.KNOWN,
                        RowLife.Certainty.IN_DOUBT,
                        RowLife.Certainty.IN_DOUBT,
                        RowLife.Certainty.KNOWN,
                        RowLife.Certainty.KNOWN);
        assertThat(life.events().get(3).kind()).isEqualTo(Kind.AT_BASE);
        assertThat(life.missing()).singleElement().satisfies(missing -> assertThat(missing.reason())
                .isEqualTo("rewritten"));
    }

    @Test
    void aRowThatOnlyABaseHoldsWasThereAtTheBase() {
        SyntheticSource source = new SyntheticSource(ORDERS);
        SyntheticTable table = keyed(source);
        source.insert(table, 1L, "old").commit();
        source.takeBase(store, folder.resolve("staging"));
        source.insert(table, 2L, "new").commit();
        ArchiveState state = archive(source);

        RowLife old = life(state, folder, table.schema(), RowImage.of(1L));
        assertThat(old.events())
                .filteredOn(event -> event.certainty() == RowLife.Certainty.KNOWN)
                .singleElement()
                .satisfies(event -> {
                    assertThat(event.kind()).isEqualTo(Kind.AT_BASE);
                    assertThat(event.after()).isEqualTo(RowImage.of(1L, "old"));
                });
        assertThat(life(state, folder, table.schema(), RowImage.of(3L)).events())
                .isEmpty();
    }

    @Test
    void onlyFilesThatCanHoldTheKeyAreRead() {
        SyntheticSource source = source();
        SyntheticTable table = keyed(source);
        for (long id = 1; id <= 5; id++) {
            source.insert(table, id, "a").commit();
        }
        ArchiveState state = new SyntheticArchive(store, folder.resolve("staging"))
                .archive(source, Engine.POSTGRESQL, 1)
                .state();

        RowLife life = life(state, folder, table.schema(), RowImage.of(3L));

        assertThat(life.events()).hasSize(1);
        assertThat(life.filesRead()).isEqualTo(1);
        assertThat(life.fileCount()).isEqualTo(5);
    }

    private static SyntheticTable keyed(SyntheticSource source) {
        return source.createTable(
                "keyed", SyntheticTable.column(1, "id", Carrier.INT64), SyntheticTable.column(2, "doc", Carrier.TEXT));
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
