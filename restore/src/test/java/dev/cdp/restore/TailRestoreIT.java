package dev.cdp.restore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.cdp.core.Carrier;
import dev.cdp.core.CdpException;
import dev.cdp.core.ChangeEvent;
import dev.cdp.core.ChangeRecord;
import dev.cdp.core.Engine;
import dev.cdp.core.ErrorCode;
import dev.cdp.core.ExitCode;
import dev.cdp.core.RestorePoint;
import dev.cdp.core.Secret;
import dev.cdp.core.SourceId;
import dev.cdp.core.archive.ArchiveAccess;
import dev.cdp.core.archive.ContentCollector;
import dev.cdp.core.archive.Ledger;
import dev.cdp.core.archive.LedgerEntry.TopicProgress;
import dev.cdp.core.archive.ObjectStore;
import dev.cdp.core.topic.ChangeTopicReader;
import dev.cdp.core.topic.ChangeTopicReader.Received;
import dev.cdp.core.topic.ChangeTopicWriter;
import dev.cdp.core.topic.ChangeTopics;
import dev.cdp.core.topic.KafkaAccess;
import dev.cdp.core.topic.KafkaOffset;
import dev.cdp.core.topic.TransactionAssembler;
import dev.cdp.core.topic.TransactionAssembler.Transaction;
import dev.cdp.core.topic.TransactionAssembler.Unit;
import dev.cdp.restore.plan.RestorePlan;
import dev.cdp.restore.target.TargetServer;
import dev.cdp.restore.verify.RestoreReport;
import dev.cdp.testkit.SyntheticArchive;
import dev.cdp.testkit.SyntheticSource;
import dev.cdp.testkit.SyntheticTable;
import dev.cdp.testkit.services.TestDatabase;
import dev.cdp.testkit.services.TestKafka;
import dev.cdp.testkit.services.TestPostgres;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Restores whose newest transactions stand in Kafka alone when they are planned. */
class TailRestoreIT {
    private static final SourceId ORDERS = new SourceId("orders");
    private static final int TRANSACTIONS = 20;
    private static final int POLLS = 120;

    @TempDir
    private Path folder;

    private final KafkaAccess kafka = new KafkaAccess(
            TestKafka.shared().bootstrapServers(), TestKafka.shared().freshName("tail"), Map.of());
    private final SyntheticSource source = new SyntheticSource(ORDERS);
    private final List<SyntheticTable> tables = new ArrayList<>();
    private ObjectStore store;
    private int sent;
    private int archived;

    @BeforeEach
    void halfArchived() {
        store = ArchiveAccess.file(folder.resolve("archive")).open();
        try (ChangeTopics topics = ChangeTopics.open(kafka)) {
            topics.create(ORDERS);
        }
        for (String name : List.of("first", "second")) {
            tables.add(source.createTable(
                    name,
                    SyntheticTable.column(1, "id", Carrier.INT64),
                    SyntheticTable.column(2, "note", Carrier.TEXT)));
        }
        source.commit().takeBase(store, folder.resolve("staging"));
        source.define(HandMadeDefinition.postgres(source));
        trade(1);
        send(source.records());
        archive();
        trade(1_000);
        send(source.records());
    }

    @AfterEach
    void close() {
        store.close();
    }

    @Test
    void resumesToTheSameCutWhenTheTailWasArchivedSinceAndKafkaIsGone() throws Exception {
        RestorePlan plan = plan();
        assertThat(plan.sources().get(0).needsTail()).isTrue();
        List<String> steps = new ArrayList<>();
        RestoreReport stopped = service(kafka).restore(plan, servers(), stoppingAfter("load public.first", steps));
        assertThat(stopped.exitCode()).isEqualTo(ExitCode.CANCELLED);
        trade(2_000);
        send(source.records());
        archive();

        RestoreReport report = service(null).restore(plan, servers(), stoppingAfter("never", steps));

        assertThat(report.exitCode()).as(report.toText()).isEqualTo(ExitCode.DONE);
        assertThat(steps).containsOnlyOnce("load public.first").containsOnlyOnce("load public.second");
        TestDatabase restored =
                TestPostgres.version15().database(plan.sources().get(0).database());
        for (String table : List.of("first", "second")) {
            assertThat(restored.queryValue("SELECT count(*) || ' ' || max(id) FROM " + table))
                    .isEqualTo(2 * TRANSACTIONS + " " + (1_000 + TRANSACTIONS - 1));
        }
    }

    @Test
    void refusesBeforeItWritesAnythingWhileTheTailIsOutOfReach() throws Exception {
        RestorePlan plan = plan();

        assertRefused(plan, null, ErrorCode.KAFKA_UNAVAILABLE, "which is not archived yet");
    }

    /** As after a topic was lost, when other transactions have the numbers: the ledger has not changed. */
    @Test
    void refusesBeforeItWritesAnythingWhenAnotherTransactionStandsInTheTail() throws Exception {
        String json = plan().toJson();
        String cut = json.substring(json.indexOf("\"cut\""));
        RestorePlan forged = RestorePlan.fromJson(json.replace(
                cut, cut.replaceFirst("\"commit_timestamp\":\"(.{19})", "\"commit_timestamp\":\"2001-01-01T00:00:00")));

        assertRefused(forged, kafka, ErrorCode.PLAN_STALE, "is not the one it was");
    }

    @Test
    void refusesBeforeItWritesAnythingWhenTheTailIsDamaged() throws Exception {
        RestorePlan plan = plan();
        trade(2_000);
        List<ChangeRecord> damaged = new ArrayList<>(source.records());
        int lost = damaged.size() - 1;
        while (!(damaged.get(lost).event() instanceof ChangeEvent.RowChange)) {
            lost--;
        }
        damaged.remove(lost);
        send(damaged);

        assertRefused(plan, kafka, ErrorCode.KAFKA_UNAVAILABLE, "is damaged at offset");
    }

    private void assertRefused(RestorePlan plan, @Nullable KafkaAccess access, ErrorCode code, String message)
            throws Exception {
        assertThatThrownBy(() -> service(access).restore(plan, servers(), RestoreProgress.SILENT))
                .hasMessageContaining(message)
                .isInstanceOfSatisfying(
                        CdpException.class, e -> assertThat(e.code()).isEqualTo(code));
        assertThat(TestPostgres.version15()
                        .database("postgres")
                        .query("SELECT 1 FROM pg_database WHERE datname LIKE '"
                                + plan.sources().get(0).database() + "%'"))
                .isEmpty();
    }

    private void trade(long firstId) {
        for (long id = firstId; id < firstId + TRANSACTIONS; id++) {
            for (SyntheticTable table : tables) {
                source.insert(table, id, "note " + id);
            }
            source.commit();
        }
    }

    /** Sends what was not sent yet. */
    private void send(List<ChangeRecord> records) {
        try (ChangeTopicWriter writer = ChangeTopicWriter.open(kafka, ORDERS)) {
            writer.begin();
            records.subList(sent, records.size()).forEach(writer::append);
            writer.commit(Map.of());
            awaitVisible(writer.end());
        }
        sent = records.size();
    }

    /** Readers see a commit a moment after its writer. */
    private void awaitVisible(KafkaOffset end) {
        try (ChangeTopicReader reader = ChangeTopicReader.open(kafka, ORDERS, KafkaOffset.START)) {
            await().atMost(Duration.ofSeconds(60)).until(() -> reader.end().compareTo(end) >= 0);
        }
    }

    /** Archives everything that was sent, as an archiver would. */
    private void archive() {
        List<Unit> units = units();
        Ledger ledger = Ledger.open(store, ORDERS, Engine.POSTGRESQL, Clock.systemUTC());
        try (ChangeTopics topics = ChangeTopics.open(kafka);
                ContentCollector collector = new ContentCollector(
                        ORDERS,
                        folder.resolve("staging"),
                        1 << 20,
                        ledger.state().schemas())) {
            long last = 0;
            for (Unit unit : units.subList(archived, units.size())) {
                collector.accept(unit);
                last = unit instanceof Transaction transaction ? transaction.lastSeq() : last;
            }
            ContentCollector.Collected collected = collector.take(new TopicProgress(
                    topics.identity(ORDERS).orElseThrow(),
                    units.get(units.size() - 1).next().value(),
                    last));
            collected
                    .files()
                    .history()
                    .forEach(file -> store.put(file.entry().object().key(), file.path()));
            collected
                    .files()
                    .transactions()
                    .forEach(file -> store.put(file.entry().object().key(), file.path()));
            collected.documents().forEach(store::putIfAbsent);
            ledger.commit(collected.content());
        }
        archived = units.size();
    }

    private List<Unit> units() {
        List<Unit> units = new ArrayList<>();
        try (ChangeTopicReader reader = ChangeTopicReader.open(kafka, ORDERS, KafkaOffset.START);
                TransactionAssembler assembler =
                        new TransactionAssembler(ORDERS, 0, 0, folder.resolve("spill"), Long.MAX_VALUE)) {
            int wanted = SyntheticArchive.units(source.records()).size();
            for (int poll = 0; units.size() < wanted && poll < POLLS; poll++) {
                for (Received received : reader.poll(Duration.ofSeconds(1))) {
                    assembler.accept(received).ifPresent(units::add);
                }
            }
        }
        return units;
    }

    private RestoreService service(@Nullable KafkaAccess access) {
        return new RestoreService(RestoreSettings.usual(store, access, folder.resolve("work")), Clock.systemUTC());
    }

    private RestorePlan plan() {
        return service(kafka)
                .plan(
                        RestoreGroup.of(ORDERS),
                        new RestorePoint.Latest(),
                        Map.of(ORDERS, new Destination(servers().get(ORDERS), "tail", null)));
    }

    private static RestoreProgress stoppingAfter(String last, List<String> steps) {
        return new RestoreProgress() {
            @Override
            public void at(SourceId source, String step, long rows) {
                steps.add(step);
            }

            @Override
            public boolean wantsStop() {
                return !steps.isEmpty() && steps.get(steps.size() - 1).equals(last);
            }
        };
    }

    private static Map<SourceId, TargetServer> servers() {
        TestDatabase any = TestPostgres.version15().database("postgres");
        return Map.of(
                ORDERS,
                new TargetServer(
                        Engine.POSTGRESQL, any.host(), any.port(), any.user(), Secret.of(any.password()), Map.of()));
    }
}
