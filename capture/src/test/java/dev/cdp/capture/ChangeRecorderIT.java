package dev.cdp.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cdp.capture.log.LogEvent;
import dev.cdp.capture.source.HistoryLostException;
import dev.cdp.capture.source.HistoryLostException.Doubt;
import dev.cdp.capture.source.SourceDatabase;
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
            List.of(new dev.cdp.capture.source.TableDescription(
                    "16384", new TableName("public", "t"), List.of(), List.of(), TableSchema.Identity.KEY)),
            Set.of(),
            Set.of());

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
        CaptureProgress progress = CaptureProgress.startOf("server", 1, 0, at(10));
        SourceDatabase unused = (SourceDatabase) Proxy.newProxyInstance(
                SourceDatabase.class.getClassLoader(), new Class<?>[] {SourceDatabase.class}, (proxy, method, args) -> {
                    throw new UnsupportedOperationException(method.getName());
                });
        return new ChangeRecorder(
                SHOP,
                unused,
                writer,
                progress,
                TableRegistry.load(writer.state()),
                Clock.systemUTC(),
                (tag, appeared, rewritten) -> {});
    }

    private static SourcePosition at(long lsn) {
        return new SourcePosition.Postgres(new Lsn(lsn));
    }
}
