package dev.cdp.capture;

import dev.cdp.capture.source.HistoryLostException;
import dev.cdp.capture.source.SourceDatabase;
import dev.cdp.core.ChangeEvent;
import dev.cdp.core.Json;
import dev.cdp.core.SourceId;
import dev.cdp.core.SourcePosition;
import dev.cdp.core.Watermark;
import dev.cdp.core.archive.ArchiveState;
import dev.cdp.core.archive.LedgerEntry;
import dev.cdp.core.topic.ChangeTopicWriter;
import dev.cdp.core.topic.KafkaOffset;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Decides where a run of capture starts: where the last one ended, or with a new epoch because something between
 * there and now is missing or cannot be shown not to be.
 */
sealed interface CaptureStart {
    /** Far enough ahead that numbers of a lost topic can never be given again. */
    long LOST_TOPIC_DISTANCE = 1L << 32;

    /** Reading goes on at the progress's boundary. */
    record Resume(CaptureProgress progress) implements CaptureStart {}

    /**
     * A new history begins with a new base.
     *
     * @param seq the number its start takes
     * @param gap what is missing before it, as far as the new base whose place ends it is not taken; empty for the very
     *     first epoch
     */
    record NewEpoch(int epoch, long seq, Optional<ChangeEvent.Gap> gap) implements CaptureStart {}

    /** The log was given up, and the archive does not follow yet: a new base would only be given up again. */
    record Withheld(String reason) implements CaptureStart {}

    /**
     * What is known when a run starts.
     *
     * @param stored capture's progress as Kafka has it
     * @param archived what the ledger adds up to, null without one
     * @param givenUp that the log was given up behind the progress; null when it was not
     * @param topicId of the change topic as it is now
     * @param topicBeginning the earliest offset the change topic holds
     */
    record Facts(
            SourceId source,
            @Nullable CaptureProgress stored,
            @Nullable ArchiveState archived,
            @Nullable GivenUp givenUp,
            String topicId,
            KafkaOffset topicBeginning) {

        static Facts of(
                SourceId source,
                ChangeTopicWriter writer,
                Optional<ArchiveState> archived,
                String topicId,
                KafkaOffset topicBeginning) {
            Optional<CaptureProgress> stored =
                    writer.state(CaptureProgress.KEY).map(json -> Json.read(json, CaptureProgress.class));
            return new Facts(
                    source,
                    stored.orElse(null),
                    archived.orElse(null),
                    stored.flatMap(progress -> GivenUp.of(writer, progress)).orElse(null),
                    topicId,
                    topicBeginning);
        }
    }

    /** @param lost what the run before ended with, when it found that its history does not go on */
    static CaptureStart decide(Facts facts, SourceDatabase database, @Nullable HistoryLostException lost) {
        CaptureProgress stored = facts.stored();
        ArchiveState archived = facts.archived();
        if (stored == null && archived == null) {
            return new NewEpoch(1, 0, Optional.empty());
        }
        if (stored == null) {
            return afterLoss(facts, "capture's progress was lost with its Kafka topic");
        }
        if (archived == null) {
            if (facts.topicBeginning().compareTo(KafkaOffset.START) > 0) {
                return afterLoss(facts, "the archive is empty, and the change topic no longer holds its beginning");
            }
        } else if (!archived.topic().map(LedgerEntry.TopicProgress::topicId).equals(Optional.of(facts.topicId()))) {
            return afterLoss(facts, "the change topic is not the one that was archived");
        }
        if (facts.givenUp() != null) {
            String reason = facts.givenUp().reason();
            return archived == null || archived.epoch() < stored.epoch()
                    ? new Withheld(reason)
                    : behindGap(stored, HistoryLostException.givenUp(reason));
        }
        if (lost != null) {
            return behindGap(stored, lost);
        }
        try {
            return new Resume(stored.on(database.requireResumable(stored.held())));
        } catch (HistoryLostException e) {
            return behindGap(stored, e);
        }
    }

    private static NewEpoch behindGap(CaptureProgress stored, HistoryLostException lost) {
        ChangeEvent.Gap gap = new ChangeEvent.Gap(stored.boundary(), null, lost.getMessage(), List.of());
        return new NewEpoch(stored.epoch() + 1, stored.seq() + 1, Optional.of(gap));
    }

    private static CaptureStart afterLoss(Facts facts, String reason) {
        CaptureProgress stored = facts.stored();
        ArchiveState archived = facts.archived();
        Optional<Watermark> watermark = Optional.ofNullable(archived).flatMap(ArchiveState::watermark);
        long seq = Math.max(
                stored == null ? 0 : stored.seq(), watermark.map(Watermark::seq).orElse(0L));
        int epoch = Math.max(stored == null ? 0 : stored.epoch(), archived == null ? 0 : archived.epoch());
        SourcePosition from = watermark.map(Watermark::position).orElse(null);
        return new NewEpoch(
                epoch + 1, seq + LOST_TOPIC_DISTANCE, Optional.of(new ChangeEvent.Gap(from, null, reason, List.of())));
    }
}
