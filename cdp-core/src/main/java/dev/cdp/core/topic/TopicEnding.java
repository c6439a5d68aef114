package dev.cdp.core.topic;

import java.time.Duration;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;

/** How the end of a change topic compares with what its writer knows to have written last. */
public enum TopicEnding {
    AS_WRITTEN,
    /** Records that Kafka had confirmed are gone, or the topic is another one. */
    SHORTER,
    /** Records follow that the writer's state does not know: the state is an old copy. */
    LONGER;

    private static final Duration POLL = Duration.ofMillis(200);

    /** @param last null when nothing was ever written */
    static TopicEnding of(KafkaAccess access, TopicPartition topic, @Nullable LastWritten last) {
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(
                access.readerProperties("read_committed"), new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            consumer.assign(List.of(topic));
            return of(consumer, topic, last);
        }
    }

    private static TopicEnding of(
            KafkaConsumer<byte[], byte[]> consumer, TopicPartition topic, @Nullable LastWritten last) {
        long beginning = consumer.beginningOffsets(List.of(topic)).getOrDefault(topic, 0L);
        long end = consumer.endOffsets(List.of(topic)).getOrDefault(topic, 0L);
        if (last != null && last.offset() >= end) {
            return SHORTER;
        }
        boolean expected = last != null && last.offset() >= beginning; // else it is archived, and was let go
        consumer.seek(topic, expected ? last.offset() : beginning);
        while (consumer.position(topic) < end) {
            for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                if (UndecidedEnd.isSettlement(record)) {
                    continue;
                }
                if (!expected) {
                    return LONGER;
                }
                if (!last.isAt(record.offset(), record.value())) {
                    return SHORTER;
                }
                expected = false;
            }
        }
        return expected ? SHORTER : AS_WRITTEN;
    }
}
