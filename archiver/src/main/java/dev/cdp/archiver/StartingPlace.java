package dev.cdp.archiver;

import dev.cdp.core.ChangeEvent;
import dev.cdp.core.ChangeRecord;
import dev.cdp.core.SourceId;
import dev.cdp.core.archive.ArchiveState;
import dev.cdp.core.archive.LedgerEntry.TopicProgress;
import dev.cdp.core.topic.ChangeTopicReader;
import dev.cdp.core.topic.ChangeTopics;
import dev.cdp.core.topic.KafkaAccess;
import dev.cdp.core.topic.KafkaOffset;
import dev.cdp.core.topic.TopicTrimmedException;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Where reading the change topic goes on after the newest ledger entry.
 *
 * <p>A topic that is another one, or has lost records that were not archived, is gone on with only at the record where
 * capture says that changes are missing, which begins a new epoch.
 *
 * @param epoch of what is in the archive, 0 for nothing
 * @param lastSeq the number that the first record to read continues after
 */
record StartingPlace(String topicId, KafkaOffset offset, int epoch, long lastSeq) {
    private static final Duration PATIENCE = Duration.ofSeconds(1);

    /**
     * @param damage why the topic cannot be read on from where the ledger ends, null unless that was just found
     * @return empty while the archive and Kafka know nothing of the source
     * @throws TopicTrimmedException when changes are missing and capture has not recorded that yet
     */
    static Optional<StartingPlace> find(
            ChangeTopics topics, KafkaAccess kafka, ArchiveState archive, @Nullable String damage) {
        SourceId source = archive.source();
        Optional<String> identity = topics.identity(source);
        Optional<TopicProgress> progress = archive.topic();
        if (identity.isEmpty()) {
            if (progress.isEmpty()) {
                return Optional.empty();
            }
            throw new TopicTrimmedException(source, kafka, "the topic no longer exists");
        }
        String topicId = identity.get();
        TopicProgress known = progress.orElse(new TopicProgress(topicId, 0, 0));
        Optional<String> loss = damage != null ? Optional.of(damage) : loss(kafka, source, known, topicId);
        if (loss.isPresent()) {
            return Optional.of(afterGap(kafka, archive, topicId, loss.get()));
        }
        return Optional.of(
                new StartingPlace(topicId, new KafkaOffset(known.nextOffset()), archive.epoch(), known.lastSeq()));
    }

    private static Optional<String> loss(KafkaAccess kafka, SourceId source, TopicProgress known, String topicId) {
        if (!known.topicId().equals(topicId)) {
            return Optional.of("it was deleted and created again as " + topicId + " instead of " + known.topicId());
        }
        try (ChangeTopicReader reader = ChangeTopicReader.open(kafka, source, KafkaOffset.START)) {
            long beginning = reader.beginning().value();
            long end = reader.end().value();
            if (beginning > known.nextOffset() || end < known.nextOffset()) {
                return Optional.of(
                        "it holds offsets " + beginning + " to " + end + "; offset " + known.nextOffset() + " is due");
            }
            return Optional.empty();
        }
    }

    /** Without an archive the newest epoch is the one whose base still stands in the store; else none is passed over. */
    private static StartingPlace afterGap(KafkaAccess kafka, ArchiveState archive, String topicId, String why) {
        SourceId source = archive.source();
        StartingPlace found = null;
        try (ChangeTopicReader reader = ChangeTopicReader.open(kafka, source, beginning(kafka, source))) {
            KafkaOffset end = reader.end();
            while (reader.position().compareTo(end) < 0 && (found == null || archive.epoch() == 0)) {
                for (ChangeTopicReader.Received received : reader.poll(PATIENCE)) {
                    if (isNewEpoch(received.record(), archive) && (found == null || archive.epoch() == 0)) {
                        long lastSeq =
                                archive.topic().map(TopicProgress::lastSeq).orElse(0L);
                        found = new StartingPlace(topicId, received.first(), archive.epoch(), lastSeq);
                    }
                }
            }
        }
        if (found == null) {
            throw new TopicTrimmedException(source, kafka, why);
        }
        return found;
    }

    private static boolean isNewEpoch(ChangeRecord record, ArchiveState archive) {
        return record.event() instanceof ChangeEvent.Gap gap
                && gap.tables().isEmpty()
                && record.epoch() > archive.epoch();
    }

    private static KafkaOffset beginning(KafkaAccess kafka, SourceId source) {
        try (ChangeTopicReader reader = ChangeTopicReader.open(kafka, source, KafkaOffset.START)) {
            return reader.beginning();
        }
    }
}
