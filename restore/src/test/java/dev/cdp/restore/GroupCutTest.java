package dev.cdp.restore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cdp.core.Carrier;
import dev.cdp.core.ChangeRecord;
import dev.cdp.core.Cut;
import dev.cdp.core.Engine;
import dev.cdp.core.RestorePoint;
import dev.cdp.core.RestorePoint.Side;
import dev.cdp.core.RowImage;
import dev.cdp.core.SourceId;
import dev.cdp.core.TableName;
import dev.cdp.core.TransactionId;
import dev.cdp.core.archive.ArchiveAccess;
import dev.cdp.core.archive.ObjectStore;
import dev.cdp.core.fold.RowLife;
import dev.cdp.core.fold.TransactionSearch;
import dev.cdp.core.topic.TransactionAssembler.Transaction;
import dev.cdp.core.topic.TransactionAssembler.Unit;
import dev.cdp.restore.cut.OutsideWindowException;
import dev.cdp.restore.cut.ResolvedCut;
import dev.cdp.restore.find.ChangeFinder;
import dev.cdp.restore.reading.ArchiveReader;
import dev.cdp.restore.reading.SourceHistory;
import dev.cdp.testkit.ReplayModel;
import dev.cdp.testkit.SyntheticArchive;
import dev.cdp.testkit.SyntheticSource;
import dev.cdp.testkit.SyntheticTable;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Cuts of two services: orders sends messages through its outbox, billing takes them into its inbox. */
class GroupCutTest {
    private static final SourceId ORDERS = new SourceId("orders");
    private static final SourceId BILLING = new SourceId("billing");
    private static final Link DELIVERY = new Link(
            new Link.End(BILLING, new TableName("public", "inbox"), "message"),
            new Link.End(ORDERS, new TableName("public", "outbox"), "id"));
    private static final RestoreGroup SHOP = new RestoreGroup("shop", List.of(ORDERS, BILLING), List.of(DELIVERY));

    @TempDir
    private Path folder;

    private ObjectStore store;
    private SyntheticSource orders;
    private SyntheticSource billing;
    private SyntheticTable outbox;
    private SyntheticTable inbox;
    private RestoreService service;

    @BeforeEach
    void begin() {
        store = ArchiveAccess.file(folder.resolve("archive")).open();
        service = new RestoreService(RestoreSettings.usual(store, null, folder.resolve("work")), Clock.systemUTC());
        begin(new SyntheticSource(ORDERS), new SyntheticSource(BILLING));
    }

    private void begin(SyntheticSource newOrders, SyntheticSource newBilling) {
        orders = newOrders;
        billing = newBilling;
        outbox = orders.createTable(
                "outbox",
                SyntheticTable.column(1, "id", Carrier.INT64),
                SyntheticTable.column(2, "amount", Carrier.INT64));
        inbox = billing.createTable(
                "inbox",
                SyntheticTable.column(1, "id", Carrier.INT64),
                SyntheticTable.column(2, "message", Carrier.TEXT),
                SyntheticTable.column(3, "seen", Carrier.BOOLEAN));
        orders.insert(outbox, 0L, 1L).commit();
        billing.insert(inbox, 0L, "0", false).commit();
        orders.takeBase(store, folder.resolve("staging"));
        billing.takeBase(store, folder.resolve("staging"));
    }

    @AfterEach
    void close() {
        store.close();
    }

    @Test
    void aReceiverWhoseClockIsBehindMovesBackToBeforeWhatWasNotSentYet() {
        billing.advance(Duration.ofSeconds(-5)); // this clock is behind
        send(1);
        receive(1);
        send(2);
        receive(2);
        billing.advance(Duration.ofSeconds(10)).heartbeat();
        archive();
        Instant afterFirst = orders.now().minusSeconds(1);

        ResolvedCut cut = service.resolve(SHOP, new RestorePoint.AtTime(afterFirst));

        assertThat(cut.cut().consistency()).isEqualTo(Cut.Consistency.CAUSALLY_CLOSED);
        assertThat(visible(cut, orders, outbox, 0)).containsExactlyInAnyOrder("0", "1");
        assertThat(visible(cut, billing, inbox, 1)).containsExactlyInAnyOrder("0", "1");
        assertThat(cut.moves())
                .filteredOn(ResolvedCut.Move::isMoved)
                .singleElement()
                .satisfies(move -> {
                    assertThat(move.source()).isEqualTo(BILLING);
                    assertThat(move.fromSeq()).isEqualTo(billing.lastSeq() - 1);
                    assertThat(move.toSeq()).isEqualTo(billing.lastSeq() - 2);
                });
        assertThat(cut.links()).containsExactly(new ResolvedCut.LinkFinding(DELIVERY, 1, 0, 0));
    }

    @Test
    void anEffectWithoutAnyCauseIsReportedAndMovesNothing() {
        send(1);
        billing.insert(inbox, 77L, "never sent", false).commit();
        archive();

        ResolvedCut cut = service.resolve(SHOP, new RestorePoint.Latest());

        assertThat(cut.links()).containsExactly(new ResolvedCut.LinkFinding(DELIVERY, 1, 0, 1));
        assertThat(cut.moves()).noneMatch(ResolvedCut.Move::isMoved);
    }

    @Test
    void anUpdateThatLeavesTheReferenceAloneIsNoEffect() {
        send(1);
        receive(1);
        billing.update(inbox, 1, 1L, "1", true).commit();
        archive();

        ResolvedCut cut = service.resolve(SHOP, new RestorePoint.Latest());

        assertThat(cut.links()).containsExactly(new ResolvedCut.LinkFinding(DELIVERY, 1, 0, 0));
    }

    @Test
    void closedCutsOfRandomTradeNeverShowWhatWasNotSent() {
        for (long seed = 0; seed < 8; seed++) {
            Random random = new Random(seed);
            store.close();
            store = ArchiveAccess.file(folder.resolve("archive-" + seed)).open();
            service = new RestoreService(
                    RestoreSettings.usual(store, null, folder.resolve("work-" + seed)), Clock.systemUTC());
            begin(new SyntheticSource(ORDERS), new SyntheticSource(BILLING));
            Instant start = orders.now();
            billing.advance(Duration.ofSeconds(-random.nextInt(20)));
            trade(random);
            archive();
            Instant end = orders.now().isBefore(billing.now()) ? orders.now() : billing.now();
            Instant asked = start.plusSeconds(
                    1 + random.nextInt((int) Duration.between(start, end).toSeconds()));

            ResolvedCut cut = service.resolve(SHOP, new RestorePoint.AtTime(asked));

            Set<String> sent = visible(cut, orders, outbox, 0);
            assertThat(sent).as("seed %d", seed).containsAll(visible(cut, billing, inbox, 1));
            for (ResolvedCut.Move move : cut.moves()) { // no further back than needed
                if (move.isMoved()) {
                    assertThat(sent.containsAll(nextReceived(move.toSeq())))
                            .as("seed %d", seed)
                            .isFalse();
                }
            }
        }
    }

    private void trade(Random random) {
        long sent = 0;
        long received = 0;
        for (int i = 0; i < 60; i++) {
            if (random.nextBoolean()) {
                send(++sent);
            } else if (received < sent) {
                receive(++received);
            } else {
                billing.heartbeat();
            }
        }
        orders.heartbeat();
        billing.heartbeat();
    }

    /** Messages that the first transaction of billing after a cut received. */
    private Set<String> nextReceived(long seq) {
        for (Unit unit : SyntheticArchive.units(billing.records())) {
            if (unit instanceof Transaction transaction && transaction.lastSeq() > seq) {
                Set<String> messages = new HashSet<>();
                for (ChangeRecord record : transaction.events()) {
                    if (record.event() instanceof dev.cdp.core.ChangeEvent.RowChange change && change.after() != null) {
                        messages.add(String.valueOf(change.after().value(1)));
                    }
                }
                return messages;
            }
        }
        throw new IllegalStateException("Nothing after " + seq);
    }

    @Test
    void aMomentMeansTheLongestRunCommittedByThenAlsoWhenTheClockGoesBack() {
        Random random = new Random(3);
        Instant start = orders.now();
        for (int i = 0; i < 60; i++) {
            orders.advance(Duration.ofMillis(random.nextInt(6000) - 2500)).heartbeat();
        }
        archive();
        for (int i = 0; i < 30; i++) {
            Instant asked = start.plusMillis(random.nextInt(60_000));
            long longest = 0;
            for (Unit unit : SyntheticArchive.units(orders.records())) {
                if (unit instanceof Transaction transaction) {
                    if (transaction.end().commitTimestamp().isAfter(asked)) {
                        break;
                    }
                    longest = transaction.lastSeq();
                }
            }

            assertThat(seq(new RestorePoint.AtTime(asked))).as("%s", asked).isEqualTo(longest);
        }
    }

    @Test
    void transactionsMarksAndPositionsAreExact() {
        send(1);
        long first = orders.lastSeq();
        receive(1);
        orders.mark("before deploy");
        billing.mark("before deploy");
        long marked = orders.lastSeq();
        send(2);
        receive(2);
        archive();
        TransactionId second = new TransactionId(ORDERS, orders.lastSeq());

        assertThat(seq(new RestorePoint.AtTransaction(Side.BEFORE, second))).isEqualTo(marked);
        assertThat(seq(new RestorePoint.AtTransaction(Side.AFTER, second))).isEqualTo(second.seq());
        assertThat(seq(new RestorePoint.AtTransaction(Side.AFTER, new TransactionId(ORDERS, first))))
                .isEqualTo(first);
        assertThat(seq(new RestorePoint.AtPosition(ORDERS, orders.position()))).isEqualTo(second.seq());
        assertThat(seq(new RestorePoint.Latest())).isEqualTo(second.seq());
        assertThatThrownBy(() -> seq(new RestorePoint.AtMark("no such mark")))
                .isInstanceOf(OutsideWindowException.class)
                .hasMessageContaining("mark:no such mark");
        assertThatThrownBy(() -> seq(new RestorePoint.AtTransaction(Side.BEFORE, new TransactionId(ORDERS, 9999))))
                .isInstanceOf(OutsideWindowException.class)
                .hasMessageContaining("before:tx/orders/9999");
    }

    @Test
    void findsTheUnusualTransactionAndTheLifeOfARow() {
        for (long id = 1; id <= 20; id++) {
            send(id);
        }
        for (int i = 20; i > 5; i--) {
            orders.delete(outbox, i);
        }
        orders.commit();
        archive();
        ChangeFinder finder = new ChangeFinder(RestoreSettings.usual(store, null, folder.resolve("work")));

        List<TransactionSearch.Found> found = finder.find(
                List.of(ORDERS, BILLING),
                new TransactionSearch.Query(
                        "public.outbox",
                        TransactionSearch.Kind.DELETES,
                        null,
                        null,
                        null,
                        1,
                        TransactionSearch.Ranking.UNUSUAL,
                        10));

        assertThat(found).singleElement().satisfies(transaction -> {
            assertThat(transaction.transaction()).isEqualTo(new TransactionId(ORDERS, orders.lastSeq()));
            assertThat(transaction.deletes()).isEqualTo(15);
            assertThat(transaction.unusual()).isEqualTo(15);
        });
        try (SourceHistory history = new ArchiveReader(store, null, folder.resolve("work")).open(ORDERS)) {
            ChangeFinder.FoundRow row = finder.history(history, new TableName("public", "outbox"), "20");

            assertThat(row.life().events())
                    .extracting(RowLife.Event::kind)
                    .containsExactly(RowLife.Kind.INSERT, RowLife.Kind.DELETE);
            assertThat(row.transactions().get(orders.lastSeq()).nativeId())
                    .isEqualTo(found.get(0).nativeId());
        }
    }

    private void send(long id) {
        orders.insert(outbox, id, id * 10).commit();
    }

    private void receive(long id) {
        billing.insert(inbox, id, Long.toString(id), false).commit();
    }

    private long seq(RestorePoint point) {
        return service.resolve(RestoreGroup.of(ORDERS), point).cut().of(ORDERS).seq();
    }

    private void archive() {
        SyntheticArchive archive = new SyntheticArchive(store, folder.resolve("staging"));
        archive.archive(orders, Engine.POSTGRESQL, 7);
        archive.archive(billing, Engine.POSTGRESQL, 7);
    }

    private static Set<String> visible(ResolvedCut cut, SyntheticSource source, SyntheticTable table, int column) {
        ReplayModel model = new ReplayModel();
        for (Unit unit : SyntheticArchive.units(source.records())) {
            if (unit instanceof Transaction transaction
                    && transaction.lastSeq() <= cut.cut().of(source.id()).seq()) {
                model.applyAll(transaction.events());
            }
        }
        Set<String> values = new HashSet<>();
        for (RowImage row : model.rows(table.id())) {
            values.add(String.valueOf(row.value(column)));
        }
        return values;
    }
}
