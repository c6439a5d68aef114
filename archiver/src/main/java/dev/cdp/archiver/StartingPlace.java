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
     * @return empty while the archive and Kafka know nothing of the source
     * @throws TopicTrimmedException when changes are missing and capture has not recorded that yet
     */
    static Optional<StartingPlace> find(ChangeTopics topics, KafkaAccess kafka, ArchiveState archive) {
        SourceId source = archive.source();
        Optional<String> topicId = topics.identity(source);
        Optional<TopicProgress> progress = archive.topic();
        if (progress.isEmpty()) {
            return topicId.map(id -> new StartingPlace(id, KafkaOffset.START, 0, 0));
        }
        if (topicId.isEmpty()) {
            throw new TopicTrimmedException(source, kafka, "the topic no longer exists");
        }
        TopicProgress known = progress.get();
        KafkaOffset next = new KafkaOffset(known.nextOffset());
        if (!known.topicId().equals(topicId.get())) {
            String why = "it was deleted and created again as " + topicId.get() + " instead of " + known.topicId();
            return Optional.of(afterGap(kafka, archive, topicId.get(), why));
        }
        KafkaOffset beginning = beginning(kafka, source, next);
        if (beginning.compareTo(next) > 0) {
            String why = "it begins at offset " + beginning.value() + "; offset " + next.value() + " is due";
            return Optional.of(afterGap(kafka, archive, topicId.get(), why));
        }
        return Optional.of(new StartingPlace(topicId.get(), next, archive.epoch(), known.lastSeq()));
    }

    private static KafkaOffset beginning(KafkaAccess kafka, SourceId source, KafkaOffset next) {
        try (ChangeTopicReader reader = ChangeTopicReader.open(kafka, source, next)) {
            return reader.beginning();
        }
    }

    private static StartingPlace afterGap(KafkaAccess kafka, ArchiveState archive, String topicId, String why) {
        SourceId source = archive.source();
        long lastSeq = archive.topic().map(TopicProgress::lastSeq).orElse(0L);
        try (ChangeTopicReader reader =
                ChangeTopicReader.open(kafka, source, beginning(kafka, source, KafkaOffset.START))) {
            KafkaOffset end = reader.end();
            while (reader.position().compareTo(end) < 0) {
                for (ChangeTopicReader.Received received : reader.poll(PATIENCE)) {
                    ChangeRecord record = received.record();
                    if (record.event() instanceof ChangeEvent.Gap && record.epoch() > archive.epoch()) {
                        return new StartingPlace(topicId, received.first(), archive.epoch(), lastSeq);
                    }
                }
            }
        }
        throw new TopicTrimmedException(source, kafka, why);
    }
}
