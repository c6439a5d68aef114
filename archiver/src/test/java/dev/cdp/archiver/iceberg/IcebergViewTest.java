package dev.cdp.archiver.iceberg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cdp.core.Carrier;
import dev.cdp.core.Engine;
import dev.cdp.core.SourceId;
import dev.cdp.core.TableId;
import dev.cdp.core.archive.ArchiveAccess;
import dev.cdp.core.archive.ArchiveDamagedException;
import dev.cdp.core.archive.ArchiveState;
import dev.cdp.core.archive.LedgerEntry.HistoryFile;
import dev.cdp.core.archive.ObjectStore;
import dev.cdp.core.archive.VerificationFinding;
import dev.cdp.testkit.RandomHistory;
import dev.cdp.testkit.SyntheticArchive;
import dev.cdp.testkit.SyntheticSource;
import dev.cdp.testkit.SyntheticTable;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.IcebergGenerics;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.io.CloseableIterable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IcebergViewTest {
    private static final SourceId SHOP = new SourceId("shop");

    @TempDir
    private Path folder;

    private ObjectStore store;

    @BeforeEach
    void openStore() {
        store = ArchiveAccess.file(folder.resolve("archive")).open();
    }

    @Test
    void holdsEveryRowOfTheLedgerThroughManyCatchUps() throws IOException {
        ArchiveState state = archive(RandomHistory.of(SHOP, 12, 70));
        long newest = state.entryNumber();

        for (long known = 3; known < newest; known += 6) {
            view(upTo(store, known)).catchUp();
        }
        IcebergView last = view(store);
        last.catchUp();

        assertHoldsTheLedger(state);
        assertThat(last.catchUp()).isZero();
    }

    @Test
    void isTheSameWhenMadeAgain() throws IOException {
        ArchiveState state = archive(RandomHistory.of(SHOP, 13, 30));
        IcebergView view = view(store);
        view.catchUp();
        store.list("iceberg/shop/transactions/").forEach(store::delete);

        view.rebuild();

        assertHoldsTheLedger(state);
    }

    @Test
    void takesEachFileOnceWhenInterruptedAtAnyWrite() throws IOException {
        ArchiveState state = archive(RandomHistory.of(SHOP, 14, 20));
        view(upTo(store, 1)).catchUp();

        int failures = 0;
        for (int writes = 0; ; writes++) {
            try {
                view(failingAfter(writes)).catchUp();
                break;
            } catch (IllegalStateException injected) {
                failures++;
            }
        }

        assertThat(failures).isGreaterThan(5);
        assertHoldsTheLedger(state);
    }

    @Test
    void lettingTwoPublishAtOnceFailsOneAndRepeatsNoFile() throws IOException {
        ArchiveState state = archive(RandomHistory.of(SHOP, 15, 20));
        view(upTo(store, 2)).catchUp();
        boolean[] overtaken = {false};
        ObjectStore slow = wrapped((method, arguments) -> {
            if (!overtaken[0] && method.equals("putIfAbsent") && key(arguments).endsWith("metadata.json")) {
                overtaken[0] = true;
                view(store).catchUp();
            }
        });

        assertThatThrownBy(() -> view(slow).catchUp())
                .isInstanceOf(org.apache.iceberg.exceptions.CommitFailedException.class);

        assertHoldsTheLedger(state);
    }

    @Test
    void showsRetypedDroppedAndRenamedColumnsWithTheirOwnIds() throws IOException {
        SyntheticSource source = new SyntheticSource(SHOP);
        SyntheticTable table = source.createTable(
                "odd name/é",
                SyntheticTable.column(1, "id", Carrier.INT64),
                SyntheticTable.column(2, "a.b", Carrier.TEXT),
                SyntheticTable.column(3, "_pos", Carrier.INT64));
        source.insert(table, 1L, "x", 7L).commit();
        source.delete(table, 0).retypeColumn(table, 2, Carrier.TEXT).commit();
        source.insert(table, 2L, "y", "seven").commit();
        source.dropColumn(table, 1).update(table, 0, 2L, "eight").commit();
        archive(source);

        view(store).catchUp();

        List<String> rows = new ArrayList<>();
        for (Record row : read("public__odd_name____history")) {
            rows.add(row.getField("_cdp_op") + " " + row.getField("id") + " " + row.getField("a.b") + " "
                    + row.getField("_pos__source") + " " + row.getField("_pos__source__until_v1"));
        }
        assertThat(rows)
                .containsExactlyInAnyOrder(
                        "insert 1 x null 7",
                        "delete 1 null null null",
                        "insert 2 y seven null",
                        "update 2 null eight null");
    }

    @Test
    void prunesFilesByTheDayOfTheCommit() throws IOException {
        ArchiveState state = archive(RandomHistory.of(SHOP, 12, 80));
        view(store).catchUp();

        String day = state.transactions().get(0).day() + "T23:59:59.999999+00:00";
        Table transactions = table("transactions");
        long matching = state.transactions().stream()
                .filter(file -> file.day().equals(state.transactions().get(0).day()))
                .count();
        try (var tasks = transactions
                .newScan()
                .filter(Expressions.lessThanOrEqual("commit_timestamp", day))
                .planFiles()) {
            int files = 0;
            for (var task : tasks) {
                assertThat(task.file().recordCount()).isPositive();
                files++;
            }
            assertThat(files)
                    .isEqualTo((int) matching)
                    .isLessThan(state.transactions().size());
        }
    }

    @Test
    void makesItselfAgainInACopyOfTheArchiveAndLeavesTheOriginalAlone() throws IOException {
        ArchiveState state = archive(RandomHistory.of(SHOP, 16, 20));
        view(store).catchUp();
        ObjectStore original = store;
        List<String> before = original.list("");
        store = ArchiveAccess.file(folder.resolve("copy")).open();
        before.forEach(key -> store.putDerived(key, original.get(key).orElseThrow()));

        view(store).catchUp();

        assertHoldsTheLedger(state);
        assertThat(table("transactions").currentSnapshot().manifestListLocation())
                .startsWith(store.location());
        assertThat(original.list("")).isEqualTo(before);
    }

    @Test
    void saysHowFarItIsBehindAndThatItMatchesUpToThere() {
        long newest = archive(RandomHistory.of(SHOP, 17, 20)).entryNumber();
        assertThat(view(store).verify().entriesBehind()).isEqualTo(newest);

        view(upTo(store, 3)).catchUp();
        assertThat(view(store).verify()).isEqualTo(new IcebergView.Condition(newest - 3, List.of()));

        view(store).catchUp();
        assertThat(view(store).verify()).isEqualTo(new IcebergView.Condition(0, List.of()));
    }

    @Test
    void isToBeMadeAnewWhenItsMetadataIsDamaged() {
        ArchiveState state = archive(RandomHistory.of(SHOP, 17, 20));
        view(store).catchUp();
        for (String damaged : store.list("iceberg/shop/").stream()
                .filter(key -> key.endsWith("v2.metadata.json") || key.endsWith(".avro"))
                .toList()) {
            byte[] sound = store.get(damaged).orElseThrow();
            store.putDerived(damaged, new byte[100]);

            assertThat(view(store).verify().findings())
                    .as(damaged)
                    .singleElement()
                    .satisfies(finding -> assertThat(finding.what())
                            .startsWith("The Iceberg view is to be made anew, with 'cdp verify --rebuild-view'"));
            store.putDerived(damaged, sound);
        }
        store.list("iceberg/shop/"
                        + ViewNames.of(state.schemas()).values().iterator().next())
                .forEach(store::delete);
        assertThat(view(store).verify().findings()).isNotEmpty();

        view(store).rebuild();
        assertThat(view(store).verify().findings()).isEmpty();
    }

    /** The view is all that is left of entries that were deleted before the next checkpoint, when Kafka is away. */
    @Test
    void tellsThatTheLedgerWasLongerInsteadOfForgettingIt() {
        ArchiveState state = archive(RandomHistory.of(SHOP, 17, 20));
        view(store).catchUp();
        List<String> entries = store.list("sources/shop/ledger/");
        store.delete(entries.get(entries.size() - 1));

        assertThat(view(store).verify().findings()).singleElement().satisfies(finding -> {
            assertThat(finding.kind()).isEqualTo(VerificationFinding.Kind.ROLLED_BACK);
            assertThat(finding.what())
                    .endsWith("has the files of ledger entry " + state.entryNumber()
                            + ", and the ledger ends with entry " + (state.entryNumber() - 1));
        });
        assertThatThrownBy(() -> view(store).catchUp()).isInstanceOf(ArchiveDamagedException.class);
    }

    private void assertHoldsTheLedger(ArchiveState state) throws IOException {
        Map<TableId, Long> rows = state.history().stream()
                .collect(Collectors.groupingBy(
                        HistoryFile::table, TreeMap::new, Collectors.summingLong(file -> file.object()
                                .rowCount())));
        Map<TableId, String> names = ViewNames.of(state.schemas());
        for (TableId id : rows.keySet()) {
            List<Long> seqs = new ArrayList<>();
            for (Record row : read(names.get(id))) {
                seqs.add((Long) row.getField("_cdp_seq"));
            }
            assertThat(seqs).as(names.get(id)).hasSize(rows.get(id).intValue()).doesNotHaveDuplicates();
        }
        long transactions = state.transactions().stream()
                .mapToLong(file -> file.object().rowCount())
                .sum();
        assertThat(read("transactions")).hasSize((int) transactions);
    }

    private List<Record> read(String name) throws IOException {
        List<Record> rows = new ArrayList<>();
        try (CloseableIterable<Record> records =
                IcebergGenerics.read(table(name)).build()) {
            records.forEach(row -> rows.add(row.copy()));
        }
        return rows;
    }

    private Table table(String name) {
        ArchiveTableOperations operations = new ArchiveTableOperations(store, "iceberg/shop/" + name + "/");
        assertThat(operations.exists()).as(name).isTrue();
        return new BaseTable(operations, name);
    }

    private ArchiveState archive(SyntheticSource source) {
        return new SyntheticArchive(store, folder.resolve("staging"))
                .archive(source, Engine.POSTGRESQL, 4)
                .state();
    }

    private static IcebergView view(ObjectStore store) {
        return new IcebergView(store, SHOP, Clock.systemUTC());
    }

    /** The archive as it was when the ledger had {@code entries} entries. */
    static ObjectStore upTo(ObjectStore store, long entries) {
        String newest = "%016d.json".formatted(entries);
        return (ObjectStore) Proxy.newProxyInstance(
                ObjectStore.class.getClassLoader(), new Class<?>[] {ObjectStore.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("get") && isAfter(key(arguments), newest)) {
                        return Optional.empty();
                    }
                    if (method.getName().equals("list")) {
                        return store.list(key(arguments)).stream()
                                .filter(key -> !isAfter(key, newest))
                                .toList();
                    }
                    return method.invoke(store, arguments);
                });
    }

    private static boolean isAfter(String key, String newest) {
        return key.contains("/ledger/")
                && key.substring(key.length() - newest.length()).compareTo(newest) > 0;
    }

    private ObjectStore failingAfter(int writes) {
        int[] left = {writes};
        return wrapped((method, arguments) -> {
            if (method.startsWith("put") && left[0]-- == 0) {
                throw new IllegalStateException("injected");
            }
        });
    }

    private interface Before {
        void call(String method, Object[] arguments);
    }

    private ObjectStore wrapped(Before before) {
        ObjectStore wrapped = store;
        return (ObjectStore) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {ObjectStore.class}, (proxy, method, arguments) -> {
                    before.call(method.getName(), arguments);
                    try {
                        return method.invoke(wrapped, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    private static String key(Object[] arguments) {
        return (String) arguments[0];
    }
}
