package dev.cdp.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cdp.capture.CaptureStart.NewEpoch;
import dev.cdp.capture.CaptureStart.Resume;
import dev.cdp.capture.source.HistoryLostException;
import dev.cdp.capture.source.HistoryLostException.Doubt;
import dev.cdp.capture.source.SourceDatabase;
import dev.cdp.core.ChangeEvent;
import dev.cdp.core.Engine;
import dev.cdp.core.Lsn;
import dev.cdp.core.SourceId;
import dev.cdp.core.SourcePosition;
import dev.cdp.core.Watermark;
import dev.cdp.core.archive.ArchiveAccess;
import dev.cdp.core.archive.ArchiveState;
import dev.cdp.core.archive.Ledger;
import dev.cdp.core.archive.LedgerEntry;
import dev.cdp.core.archive.ObjectStore;
import dev.cdp.core.topic.KafkaOffset;
import dev.cdp.core.topic.TopicEnding;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CaptureStartTest {
    private static final SourceId SHOP = new SourceId("shop");
    private static final long LOST_TOPIC = 1L << 32;
    private static final CaptureProgress STORED =
            new CaptureProgress("server", 3, 50, at(500), 9, CaptureProgress.BaseState.COMPLETE, null);

    @TempDir
    Path folder;

    @Test
    void beginsTheFirstEpochWithoutAGap() {
        NewEpoch start = (NewEpoch) decide(null, null, "topic", KafkaOffset.START);

        assertThat(start.epoch()).isEqualTo(1);
        assertThat(start.gap()).isEmpty();
    }

    @Test
    void resumesWhereTheLastRunEnded() {
        assertThat(decide(STORED, archivedUpTo(40), "topic", new KafkaOffset(7)))
                .isEqualTo(new Resume(STORED));
    }

    @Test
    void keepsClearOfEveryNumberOfALostTopic() {
        NewEpoch start = (NewEpoch) decide(null, archivedUpTo(40), "topic", KafkaOffset.START);

        assertThat(start.epoch()).isEqualTo(4);
        assertThat(start.seq()).isEqualTo(40 + LOST_TOPIC);
        assertThat(start.gap().map(ChangeEvent.Gap::from)).contains(at(40));
    }

    @Test
    void doesNotGoOnInATopicThatWasMadeAgain() {
        NewEpoch start = (NewEpoch) decide(STORED, archivedUpTo(40), "another topic", KafkaOffset.START);

        assertThat(start.epoch()).isEqualTo(4);
        assertThat(start.seq()).isEqualTo(50 + LOST_TOPIC);
        assertThat(start.gap().orElseThrow().reason()).contains("the change topic is not the one that was archived");
    }

    @Test
    void doesNotGoOnWhenKafkaDroppedWhatNoArchiveHolds() {
        NewEpoch start = (NewEpoch) decide(STORED, null, "topic", new KafkaOffset(7));

        assertThat(start.seq()).isEqualTo(50 + LOST_TOPIC);
        assertThat(start.gap().orElseThrow().reason()).contains("no longer holds its beginning");
    }

    @Test
    void doesNotGoOnWhenRecordsExpiredBeforeTheyWereArchived() {
        NewEpoch start = (NewEpoch) decide(STORED, archivedUpTo(40), "topic", new KafkaOffset(8));

        assertThat(start.gap().orElseThrow().reason()).contains("begins at offset 8, and offset 7 was due");
    }

    @Test
    void believesNeitherATopicThatLostItsEndNorAnOldCopyOfItsOwnProgress() {
        for (TopicEnding ending : List.of(TopicEnding.SHORTER, TopicEnding.LONGER)) {
            StartFacts facts = facts(STORED, archivedUpTo(40), "topic", KafkaOffset.START, ending);

            NewEpoch start = (NewEpoch) CaptureStart.decide(facts, source(null), null);

            assertThat(start.epoch()).isEqualTo(4);
            assertThat(start.seq()).isEqualTo(50 + LOST_TOPIC);
        }
    }

    @Test
    void recordsAGapFromTheBoundaryWhenTheHistoryDoesNotGoOn() {
        HistoryLostException gone = HistoryLostException.placeGone(at(500), "the slot is gone");
        NewEpoch found = (NewEpoch) CaptureStart.decide(facts(STORED, null, "topic"), source(gone), null);
        NewEpoch told = (NewEpoch) CaptureStart.decide(facts(STORED, null, "topic"), source(null), gone);

        assertThat(found).isEqualTo(told);
        assertThat(found.epoch()).isEqualTo(4);
        assertThat(found.seq()).isEqualTo(51);
        assertThat(found.gap().orElseThrow().from()).isEqualTo(at(500));
        assertThat(found.gap().orElseThrow().reason()).contains("the slot is gone");
    }

    @Test
    void waitsUntilTheArchiveHasTakenTheGapOfALogThatWasGivenUp() {
        CaptureProgress empty = CaptureProgress.startOf("server", 4, 51, at(500));
        OpenGap givenUp = new OpenGap(4, "the budget was reached", OpenGap.Cause.GIVEN_UP);

        assertThat(decide(empty, archivedUpTo(3, 50), givenUp))
                .isEqualTo(new CaptureStart.Withheld("the budget was reached"));
        NewEpoch start = (NewEpoch) decide(empty, archivedUpTo(4, 50), givenUp);
        assertThat(start.epoch()).isEqualTo(5);
        assertThat(start.seq()).isEqualTo(52);
        assertThat(start.gap().orElseThrow().from()).isEqualTo(at(500));
        assertThat(start.gap().orElseThrow().reason()).isEqualTo("the budget was reached");
    }

    @Test
    void leavesDoubtToBeRecordedFirstAndThenBeginsAtOnce() {
        HistoryLostException doubt = HistoryLostException.contradiction(SHOP, "marker 7 follows marker 5");
        assertThatThrownBy(() -> CaptureStart.decide(facts(STORED, null, "topic"), source(doubt), null))
                .isSameAs(doubt);

        CaptureProgress empty = CaptureProgress.startOf("server", 4, 51, at(400));
        OpenGap recorded = new OpenGap(4, "marker 7 follows marker 5", OpenGap.Cause.DOUBT);
        NewEpoch start = (NewEpoch) decide(empty, archivedUpTo(3, 50), recorded);

        assertThat(start.epoch()).isEqualTo(5);
        assertThat(start.gap().orElseThrow().from()).isEqualTo(at(400));
        assertThat(start.gap().orElseThrow().reason()).isEqualTo("marker 7 follows marker 5");
    }

    @Test
    void knowsTheLastTwoPlacesWhereMarkersShowedThatNothingWasMissing() {
        CaptureProgress progress = CaptureProgress.startOf("server", 1, 0, at(10))
                .after(place(1, 20), 7)
                .after(place(2, 30), 7)
                .after(place(4, 40), 9)
                .after(place(5, 50), 9);

        assertThat(progress.lastWhole(Doubt.NONE)).isNull();
        assertThat(progress.lastWhole(Doubt.SINCE_LAST_MARKER)).isEqualTo(place(4, 40));
        assertThat(progress.lastWhole(Doubt.SINCE_MARKER_BEFORE)).isEqualTo(place(1, 20));
    }

    private static CaptureProgress.Place place(long seq, long lsn) {
        return new CaptureProgress.Place(seq, at(lsn), Instant.EPOCH);
    }

    private static CaptureStart decide(CaptureProgress stored, ArchiveState archived, OpenGap openGap) {
        return CaptureStart.decide(
                new StartFacts(
                        stored,
                        archived,
                        openGap,
                        null,
                        "topic",
                        new KafkaOffset(7),
                        new KafkaOffset(100),
                        TopicEnding.AS_WRITTEN,
                        () -> TopicTail.EMPTY),
                source(null),
                null);
    }

    private static CaptureStart decide(
            @Nullable CaptureProgress stored, @Nullable ArchiveState archived, String topicId, KafkaOffset beginning) {
        return CaptureStart.decide(
                facts(stored, archived, topicId, beginning, TopicEnding.AS_WRITTEN), source(null), null);
    }

    private static StartFacts facts(CaptureProgress stored, @Nullable ArchiveState archived, String topicId) {
        return facts(stored, archived, topicId, KafkaOffset.START, TopicEnding.AS_WRITTEN);
    }

    private static StartFacts facts(
            @Nullable CaptureProgress stored,
            @Nullable ArchiveState archived,
            String topicId,
            KafkaOffset beginning,
            TopicEnding ending) {
        return new StartFacts(
                stored, archived, null, null, topicId, beginning, new KafkaOffset(100), ending, () -> TopicTail.EMPTY);
    }

    private static SourceDatabase source(@Nullable HistoryLostException lost) {
        return (SourceDatabase) Proxy.newProxyInstance(
                SourceDatabase.class.getClassLoader(), new Class<?>[] {SourceDatabase.class}, (proxy, method, args) -> {
                    if (lost != null) {
                        throw lost;
                    }
                    return STORED.identity();
                });
    }

    private ArchiveState archivedUpTo(long seq) {
        return archivedUpTo(3, seq);
    }

    private ArchiveState archivedUpTo(int epoch, long seq) {
        try (ObjectStore store = ArchiveAccess.file(folder).open()) {
            Ledger ledger = Ledger.open(store, SHOP, Engine.POSTGRESQL, Clock.systemUTC());
            ledger.commit(new LedgerEntry.Content(
                    epoch,
                    new LedgerEntry.TopicProgress("topic", 7, seq),
                    new Watermark(SHOP, 3, seq, at(seq), Instant.EPOCH),
                    List.of(),
                    List.of(),
                    List.of(),
                    List.of(),
                    List.of(),
                    List.of(),
                    List.of(),
                    List.of(),
                    List.of(),
                    List.of()));
            return ledger.state();
        }
    }

    private static SourcePosition at(long lsn) {
        return new SourcePosition.Postgres(new Lsn(lsn));
    }
}
