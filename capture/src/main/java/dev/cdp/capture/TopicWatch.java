package dev.cdp.capture;

import dev.cdp.core.SourceId;
import dev.cdp.core.archive.ArchiveState;
import dev.cdp.core.archive.LedgerEntry.TopicProgress;
import dev.cdp.core.topic.ChangeTopicReader;
import dev.cdp.core.topic.ChangeTopicWriter;
import dev.cdp.core.topic.ChangeTopics;
import dev.cdp.core.topic.KafkaAccess;
import dev.cdp.core.topic.KafkaOffset;
import dev.cdp.core.topic.TopicTrimmedException;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Looks, while a run goes on, whether the change topic still is the one that is written to and still holds what is not
 * archived yet. What it finds ends the run; {@link StartFacts} judges it when the next one starts.
 */
final class TopicWatch implements AutoCloseable {
    private final SourceId source;
    private final KafkaAccess kafka;
    private final ChangeTopics topics;
    private final ChangeTopicWriter writer;
    private final String topicId;
    private final ChangeTopicReader reader;
    private KafkaOffset due = KafkaOffset.START;

    TopicWatch(SourceId source, KafkaAccess kafka, ChangeTopics topics, ChangeTopicWriter writer, String topicId) {
        this.source = source;
        this.kafka = kafka;
        this.topics = topics;
        this.writer = writer;
        this.topicId = topicId;
        this.reader = ChangeTopicReader.open(kafka, source, KafkaOffset.START);
    }

    /**
     * @param archive read after the topic: what the archiver lets go of meanwhile must not look lost
     * @throws TopicTrimmedException when something is lost
     */
    void look(Supplier<Optional<ArchiveState>> archive) {
        Optional<String> identity = topics.identity(source);
        if (identity.isEmpty()) {
            topics.create(source); // who writes waits for a topic, and could not be stopped before
        }
        if (!identity.equals(Optional.of(topicId))) {
            throw new TopicTrimmedException(
                    source, kafka, identity.isEmpty() ? "it was deleted" : "it was deleted and created again");
        }
        KafkaOffset end = reader.end();
        if (end.compareTo(due) < 0) {
            throw new TopicTrimmedException(
                    source, kafka, "it ends at offset " + end.value() + "; it was written up to " + due.value());
        }
        due = writer.end(); // due at the next look: readers see a commit a moment after its writer
        KafkaOffset beginning = reader.beginning();
        long due = archive.get()
                .flatMap(ArchiveState::topic)
                .map(TopicProgress::nextOffset)
                .orElse(0L);
        if (beginning.value() > due) {
            throw new TopicTrimmedException(
                    source,
                    kafka,
                    "it begins at offset " + beginning.value() + "; offset " + due + " is not archived yet");
        }
    }

    @Override
    public void close() {
        reader.close();
    }
}
