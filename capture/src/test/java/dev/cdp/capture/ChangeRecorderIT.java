package dev.cdp.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cdp.capture.log.LogEvent;
import dev.cdp.capture.log.LoggedRow;
import dev.cdp.capture.log.NotCarried;
import dev.cdp.capture.source.HistoryLostException;
import dev.cdp.capture.source.HistoryLostException.Doubt;
import dev.cdp.capture.source.SourceDatabase;
import dev.cdp.capture.source.TableDescription;
import dev.cdp.capture.source.TableDescription.ColumnDescription;
import dev.cdp.capture.source.ValueNotCarriedException;
import dev.cdp.core.Carrier;
import dev.cdp.core.ChangeEvent;
import dev.cdp.core.Column;
import dev.cdp.core.Lsn;
import dev.cdp.core.SourceId;
import dev.cdp.core.SourcePosition;
import dev.cdp.core.TableName;
import dev.cdp.core.TableSchema;
import dev.cdp.core.topic.ChangeTopicWriter;
import dev.cdp.core.topic.ChangeTopics;
import dev.cdp.core.topic.KafkaAccess;
import dev.cdp.testkit.services.TestKafka;
import java.lang.reflect.Proxy;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a stop in the middle leaves behind, which the next run starts from. */
class ChangeRecorderIT {
    private static final SourceId SHOP = new SourceId("shop");
    private static final LogEvent CREATE = new LogEvent.Ddl(
            "CREATE TABLE",
            "public.t",
            "create table t ()",
            List.of(new TableDescription(
                    "16384", new TableName("public", "t"), List.of(), List.of(), TableSchema.Identity.KEY)),
            Set.of(),
            Set.of());

    private static final NotCarried REFUSED = new NotCarried("so", "Mend it");
    private static final LogEvent CREATE_WITH_COLUMNS = new LogEvent.Ddl(
            "CREATE TABLE",
            "public.t",
            "create table t (id text primary key, v text)",
            List.of(new TableDescription(
                    "16384",
                    new TableName("public", "t"),
                    List.of(column("1", "id"), column("2", "v")),
                    List.of("id"),
                    TableSchema.Identity.KEY)),
            Set.of(),
            Set.of());

    private static ColumnDescription column(String nativeId, String name) {
        return new ColumnDescription(
                nativeId, name, "text", Carrier.TEXT, Column.Nullability.NULLABLE, Column.Generation.WRITTEN, null);
    }

    private KafkaAccess kafka;

    @BeforeEach
    void createTopics() {
        TestKafka broker = TestKafka.shared();
        kafka = new KafkaAccess(broker.bootstrapServers(), broker.freshName("recorder"), Map.of());
        try (ChangeTopics topics = ChangeTopics.open(kafka)) {
            topics.create(SHOP);
        }
    }

    @Test
    void forgetsWhatATransactionThatWasOpenAtAStopDidToTables() {
        try (ChangeTopicWriter writer = ChangeTopicWriter.open(kafka, SHOP)) {
            ChangeRecorder recorder = recorder(writer);
            recorder.begin(Optional.empty(), List.of());
            recorder.accept(List.of(CREATE));
        }
        try (ChangeTopicWriter writer = ChangeTopicWriter.open(kafka, SHOP)) {
            assertThat(TableRegistry.load(writer.state()).knows("16384")).isFalse();

            ChangeRecorder recorder = recorder(writer);
            recorder.begin(Optional.empty(), List.of());
            recorder.accept(List.of(CREATE));
            recorder.accept(List.of(new LogEvent.Commit("7", at(20), Instant.EPOCH)));
        }
        try (ChangeTopicWriter writer = ChangeTopicWriter.open(kafka, SHOP)) {
            assertThat(TableRegistry.load(writer.state()).knows("16384")).isTrue();
        }
    }

    @Test
    void remembersTheTablesWhoseGapWaitsForABase() {
        try (ChangeTopicWriter writer = ChangeTopicWriter.open(kafka, SHOP)) {
            ChangeRecorder recorder = recorder(writer);
            recorder.begin(Optional.empty(), List.of());
            recorder.atBoundary(() -> recorder.appendGap(Map.of("16384", new TableName("public", "t")), "rewritten"));
            recorder.accept(List.of());
        }
        try (ChangeTopicWriter writer = ChangeTopicWriter.open(kafka, SHOP)) {
            assertThat(recorder(writer).tablesDue()).containsExactly("16384");
        }
    }

    @Test
    void leavesOutARowThatCannotBeCarriedAndSaysSoOnceForItsTransaction() {
        List<String> refused = new ArrayList<>();
        try (ChangeTopicWriter writer = ChangeTopicWriter.open(kafka, SHOP)) {
            ChangeRecorder recorder = recorder(writer, refused);
            recorder.begin(Optional.empty(), List.of());
            recorder.accept(List.of(
                    CREATE_WITH_COLUMNS, row("1", "fine"), row("2", REFUSED), row("3", REFUSED), row("4", "fine")));
            recorder.accept(List.of());
            assertThat(refused).isEmpty(); // not yet: the transaction may be sent again
            recorder.accept(List.of(new LogEvent.Commit("7", at(20), Instant.EPOCH)));

            assertThat(refused)
                    .containsExactly("a value of column 'v' in the row id = 2 cannot be carried exactly: so. Mend it");
            assertThat(recorder.progress().seq()).isEqualTo(4); // the statement, two rows, and a place for the others

            recorder.atBoundary(() -> recorder.appendGap(
                    "16384",
                    new ValueNotCarriedException(new TableName("public", "t"), "v", REFUSED, "the row id = 2")));
            recorder.accept(List.of(row("5", REFUSED), new LogEvent.Commit("8", at(30), Instant.EPOCH)));
            assertThat(refused).hasSize(1); // the gap is there already
        }
        try (ChangeTopicWriter writer = ChangeTopicWriter.open(kafka, SHOP)) {
            assertThat(recorder(writer, refused).tablesDue()).containsExactly("16384");
        }
    }

    private static LogEvent row(String id, Object v) {
        return new LogEvent.Row(
                ChangeEvent.Operation.INSERT,
                new TableName("public", "t"),
                null,
                new LoggedRow(List.of("id", "v"), new Object[] {id, v}));
    }

    @Test
    void recordsNothingFromAMarkerOnThatDoesNotFollowTheLastOne() {
        for (long counter : new long[] {5, 7}) { // after 5: the same again, and one is missing
            try (ChangeTopicWriter writer = ChangeTopicWriter.open(kafka, SHOP)) {
                ChangeRecorder recorder = recorder(writer);
                recorder.begin(Optional.empty(), List.of());
                recorder.accept(List.of(marker(5), new LogEvent.Commit("7", at(20), Instant.EPOCH)));

                assertThatThrownBy(() -> recorder.accept(List.of(marker(counter))))
                        .isInstanceOfSatisfying(HistoryLostException.class, e -> assertThat(e.doubt())
                                .isEqualTo(Doubt.SINCE_LAST_MARKER))
                        .hasMessageContaining("marker " + counter + " follows marker 5");
                assertThatThrownBy(() -> recorder.accept(List.of(marker(6)))).isInstanceOf(HistoryLostException.class);
                assertThat(CaptureProgress.stored(writer).orElseThrow().lastWhole(Doubt.SINCE_LAST_MARKER))
                        .isEqualTo(new CaptureProgress.Place(1, at(20), Instant.EPOCH));
            }
        }
    }

    private static LogEvent marker(long counter) {
        return new LogEvent.MarkerSeen(counter, null, "heartbeat", Instant.EPOCH);
    }

    private static ChangeRecorder recorder(ChangeTopicWriter writer) {
        return recorder(writer, new ArrayList<>());
    }

    private static ChangeRecorder recorder(ChangeTopicWriter writer, List<String> refused) {
        CaptureProgress progress = CaptureProgress.startOf("server", 1, 0, at(10));
        SourceDatabase unused = (SourceDatabase) Proxy.newProxyInstance(
                SourceDatabase.class.getClassLoader(), new Class<?>[] {SourceDatabase.class}, (proxy, method, args) -> {
                    if (method.getName().equals("decode")) {
                        return args[1];
                    }
                    throw new UnsupportedOperationException(method.getName());
                });
        return new ChangeRecorder(
                SHOP,
                unused,
                writer,
                progress,
                TableRegistry.load(writer.state()),
                Clock.systemUTC(),
                new StatementListener() {
                    @Override
                    public void recorded(
                            String tag, Map<String, TableName> appeared, Map<String, TableName> rewritten) {}

                    @Override
                    public void refused(String nativeId, ValueNotCarriedException why) {
                        refused.add(why.reason());
                    }
                });
    }

    private static SourcePosition at(long lsn) {
        return new SourcePosition.Postgres(new Lsn(lsn));
    }
}
