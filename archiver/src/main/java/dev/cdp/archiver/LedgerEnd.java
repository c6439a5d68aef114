package dev.cdp.archiver;

import dev.cdp.core.SourceId;
import dev.cdp.core.Watermark;
import dev.cdp.core.archive.ArchiveLayout;
import dev.cdp.core.archive.ArchiveState;
import dev.cdp.core.archive.LedgerEntry.TopicProgress;
import dev.cdp.core.archive.VerificationFinding;
import dev.cdp.core.topic.ChangeTopicReader;
import dev.cdp.core.topic.ChangeTopics;
import dev.cdp.core.topic.KafkaAccess;
import dev.cdp.core.topic.KafkaOffset;
import java.time.Instant;
import java.util.Optional;

/**
 * Whether the change topic goes on where a ledger ends. Kafka deletes only what an entry says is archived, so a topic
 * that begins later is a witness of entries that are no longer there.
 */
public final class LedgerEnd {
    private LedgerEnd() {}

    /**
     * @return empty when it goes on there, or nothing was archived yet
     * @throws dev.cdp.core.topic.KafkaUnavailableException when Kafka cannot be asked
     */
    public static Optional<VerificationFinding> verify(KafkaAccess kafka, ArchiveState archive) {
        Optional<TopicProgress> progress = archive.topic();
        return progress.flatMap(known -> problem(kafka, archive.source(), known))
                .map(
                        problem -> VerificationFinding.rolledBack(
                                ArchiveLayout.source(archive.source()) + "ledger/",
                                archive.watermark()
                                        .map(Watermark::commitTimestamp)
                                        .orElse(Instant.EPOCH),
                                "The ledger ends with entry " + archive.entryNumber() + " and goes on at offset "
                                        + progress.get().nextOffset() + " of the change topic; " + problem
                                        + ": newest entries were deleted, or the topic lost changes before they were archived"));
    }

    private static Optional<String> problem(KafkaAccess kafka, SourceId source, TopicProgress known) {
        try (ChangeTopics topics = ChangeTopics.open(kafka)) {
            Optional<String> id = topics.identity(source);
            if (id.isEmpty()) {
                return Optional.of("that no longer exists");
            }
            if (!id.get().equals(known.topicId())) {
                return Optional.of("that was deleted and created again");
            }
        }
        try (ChangeTopicReader reader = ChangeTopicReader.open(kafka, source, new KafkaOffset(known.nextOffset()))) {
            if (reader.beginning().value() > known.nextOffset()) {
                return Optional.of("that begins at offset " + reader.beginning().value());
            }
            if (reader.end().value() < known.nextOffset()) {
                return Optional.of("that ends at offset " + reader.end().value());
            }
            return Optional.empty();
        }
    }
}
