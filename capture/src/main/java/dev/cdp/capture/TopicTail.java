package dev.cdp.capture;

import dev.cdp.core.ChangeEvent;
import dev.cdp.core.ChangeRecord;
import dev.cdp.core.SourceId;
import dev.cdp.core.topic.ChangeTopicReader;
import dev.cdp.core.topic.KafkaAccess;
import dev.cdp.core.topic.KafkaOffset;
import java.time.Duration;

/**
 * What a change topic holds that may not be archived yet, when capture's own progress cannot be trusted: numbers above
 * these were never given.
 *
 * @param epoch the highest, 0 without any record
 * @param tableId the highest
 */
record TopicTail(int epoch, long seq, int tableId) {
    private static final Duration POLL = Duration.ofSeconds(1);
    static final TopicTail EMPTY = new TopicTail(0, 0, 0);

    static TopicTail read(KafkaAccess kafka, SourceId source, KafkaOffset from) {
        TopicTail tail = EMPTY;
        try (ChangeTopicReader reader = ChangeTopicReader.open(kafka, source, from)) {
            KafkaOffset end = reader.end();
            while (reader.position().compareTo(end) < 0) {
                for (ChangeTopicReader.Received received : reader.poll(POLL)) {
                    tail = tail.with(received.record());
                }
            }
        }
        return tail;
    }

    private TopicTail with(ChangeRecord record) {
        int table = tableId;
        if (record.event() instanceof ChangeEvent.SchemaChange change) {
            table = Math.max(table, change.schema().tableId().value());
        } else if (record.event() instanceof ChangeEvent.BaseSnapshot base) {
            table = Math.max(
                    table,
                    base.tables().stream()
                            .mapToInt(each -> each.schema().tableId().value())
                            .max()
                            .orElse(0));
        }
        return new TopicTail(Math.max(epoch, record.epoch()), Math.max(seq, record.seq()), table);
    }
}
