package dev.cdp.restore.find;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cdp.core.Carrier;
import dev.cdp.core.Engine;
import dev.cdp.core.RestorePoint;
import dev.cdp.core.RowImage;
import dev.cdp.core.SourceId;
import dev.cdp.core.TransactionId;
import dev.cdp.core.archive.ArchiveAccess;
import dev.cdp.core.archive.ObjectStore;
import dev.cdp.core.fold.TableDifference;
import dev.cdp.restore.RestoreGroup;
import dev.cdp.restore.RestoreSettings;
import dev.cdp.restore.cut.InGapException;
import dev.cdp.testkit.SyntheticArchive;
import dev.cdp.testkit.SyntheticSource;
import dev.cdp.testkit.SyntheticTable;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What changed between two restore points of one source with two tables. */
class StateComparisonTest {
    private static final SourceId ORDERS = new SourceId("orders");

    @TempDir
    private Path folder;

    private ObjectStore store;
    private SyntheticSource source;
    private SyntheticTable items;
    private SyntheticTable quiet;
    private long first;

    @BeforeEach
    void begin() {
        store = ArchiveAccess.file(folder.resolve("archive")).open();
        source = new SyntheticSource(ORDERS);
        items = table("items");
        quiet = table("quiet");
        source.insert(items, 1L, "a")
                .insert(items, 2L, "b")
                .insert(quiet, 1L, "q")
                .commit();
        source.takeBase(store, folder.resolve("staging"));
        source.insert(items, 3L, "c").commit();
        first = source.lastSeq();
    }

    private SyntheticTable table(String name) {
        return source.createTable(
                name, SyntheticTable.column(1, "id", Carrier.INT64), SyntheticTable.column(2, "v", Carrier.TEXT));
    }

    @AfterEach
    void close() {
        store.close();
    }

    @Test
    void countsAndShowsWhatCameWentAndChangedAndFoldsNothingElse() {
        source.update(items, 0, 1L, "A").commit();
        source.delete(items, 1).insert(items, 4L, "d").insert(items, 5L, "e").commit();
        source.delete(items, items.rowCount() - 1).commit(); // 5 came and went in between
        SyntheticTable made = table("made");
        source.insert(made, 9L, "m").commit();
        source.drop(made).heartbeat();
        SyntheticTable kept = table("kept");
        source.insert(kept, 7L, "k").commit();

        ComparedSource compared = compare(after(first), new RestorePoint.Latest());

        assertThat(compared.tables()).extracting(table -> table.name().name()).containsExactly("items", "kept");
        assertThat(compared.untouched()).isEqualTo(1); // quiet
        assertThat(compared.transactions()).isEqualTo(4);
        assertThat(compared.missing()).isEmpty();
        assertThat(compared.isKnown()).isTrue();
        TableDifference difference = compared.tables().get(0).difference();
        assertThat(difference.inserted()).isEqualTo(1);
        assertThat(difference.deleted()).isEqualTo(1);
        assertThat(difference.changed()).isEqualTo(1);
        assertThat(difference.samples())
                .containsExactly(
                        new TableDifference.Sample(RowImage.of(1L, "a"), RowImage.of(1L, "A")),
                        new TableDifference.Sample(RowImage.of(2L, "b"), null),
                        new TableDifference.Sample(null, RowImage.of(4L, "d")));
        assertThat(compared.tables().get(1).from()).isNull();
        assertThat(compared.tables().get(1).difference().inserted()).isEqualTo(1);
    }

    /** A table without any recorded change may have changed where changes are missing. */
    @Test
    void behindAGapTheStatesAreComparedAndTheIntervalIsNamed() {
        source.advance(Duration.ofMinutes(10)).gap("the slot was dropped");
        source.takeBase(store, folder.resolve("staging"));
        Instant mended = source.now();
        source.update(items, 0, 1L, "A").commit();

        ComparedSource compared = compare(after(first), new RestorePoint.Latest());

        assertThat(compared.untouched()).isZero();
        assertThat(compared.tables()).hasSize(2);
        assertThat(compared.tables().get(0).difference().changed()).isEqualTo(1);
        assertThat(compared.tables().get(1).difference().isEmpty()).isTrue();
        assertThat(compared.missing()).singleElement().satisfies(missing -> {
            assertThat(missing.reason()).isEqualTo("the slot was dropped");
            assertThat(missing.to()).isEqualTo(mended);
        });
    }

    @Test
    void aTableWhoseChangesAreMissingIsNotKnownAndTheOthersAre() {
        source.update(quiet, 0, 1L, "Q").commit();
        source.gapOf(items, "rewritten");
        source.heartbeat();

        ComparedSource compared = compare(after(first), new RestorePoint.Latest());

        assertThat(compared.isKnown()).isFalse();
        assertThat(compared.tables()).hasSize(2);
        assertThat(compared.tables().get(0).difference()).isNull();
        assertThat(compared.tables().get(0).unknown())
                .contains("changes are missing")
                .contains("rewritten");
        assertThat(compared.tables().get(1).difference().changed()).isEqualTo(1);
    }

    @Test
    void aPointInsideOfAGapAndAWrongOrderAreRefused() {
        Instant before = source.now();
        source.advance(Duration.ofMinutes(10)).gap("the slot was dropped");
        source.takeBase(store, folder.resolve("staging"));
        source.heartbeat();
        archive();

        assertThatThrownBy(() -> compareArchived(after(first), new RestorePoint.AtTime(before.plusSeconds(60))))
                .isInstanceOf(InGapException.class);
        assertThatThrownBy(() -> compareArchived(new RestorePoint.Latest(), after(first)))
                .hasMessageContaining("--from latest lies after --to after:tx/orders/" + first);
    }

    private static RestorePoint after(long seq) {
        return new RestorePoint.AtTransaction(RestorePoint.Side.AFTER, new TransactionId(ORDERS, seq));
    }

    private ComparedSource compare(RestorePoint from, RestorePoint to) {
        archive();
        return compareArchived(from, to);
    }

    private void archive() {
        new SyntheticArchive(store, folder.resolve("staging")).archive(source, Engine.POSTGRESQL, 3);
    }

    private ComparedSource compareArchived(RestorePoint from, RestorePoint to) {
        return new StateComparison(RestoreSettings.usual(store, null, folder.resolve("work")))
                .compare(RestoreGroup.of(ORDERS), from, to, new StateComparison.Scope(table -> true, 10))
                .sources()
                .get(0);
    }
}
