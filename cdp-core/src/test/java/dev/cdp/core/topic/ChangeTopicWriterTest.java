package dev.cdp.core.topic;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cdp.core.ChangeEvent;
import dev.cdp.core.ChangeRecord;
import dev.cdp.core.SourceId;
import dev.cdp.core.TableId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class ChangeTopicWriterTest {
    private static final SourceId SHOP = new SourceId("shop");

    private final KafkaAccess kafka = new KafkaAccess("localhost:9092", "topic", Map.of());

    /** The producer's own waiting misses records now and then, so none may be under way when it is told to commit. */
    @Test
    @Timeout(10)
    void commitsWhenKafkaHasEveryRecord() {
        List<Future<RecordMetadata>> sent = new ArrayList<>();
        List<Long> underWayAtCommit = new ArrayList<>();
        try (WatchedProducer producer = new WatchedProducer(sent, underWayAtCommit);
                ChangeTopicWriter writer =
                        new ChangeTopicWriter(kafka, SHOP, new WriterClaim(), producer, new TreeMap<>())) {
            writer.begin();
            writer.append(new ChangeRecord(1, 1, Instant.EPOCH, new ChangeEvent.Truncate(new TableId(1))));
            writer.commit(Map.of("progress", "1"));
            writer.begin();
            writer.commit(Map.of("progress", "2")); // without a change
        }

        assertThat(underWayAtCommit).containsExactly(0L, 0L);
    }

    /** Answers nothing before it is flushed, and counts what is not answered yet when a transaction is committed. */
    private static final class WatchedProducer extends MockProducer<byte[], byte[]> {
        private final List<Future<RecordMetadata>> sent;
        private final List<Long> underWayAtCommit;

        private WatchedProducer(List<Future<RecordMetadata>> sent, List<Long> underWayAtCommit) {
            super(false, null, new ByteArraySerializer(), new ByteArraySerializer());
            this.sent = sent;
            this.underWayAtCommit = underWayAtCommit;
            initTransactions();
        }

        @Override
        public synchronized Future<RecordMetadata> send(ProducerRecord<byte[], byte[]> record) {
            Future<RecordMetadata> answer = super.send(record);
            sent.add(answer);
            return answer;
        }

        @Override
        public synchronized void commitTransaction() {
            underWayAtCommit.add(
                    sent.stream().filter(answer -> !answer.isDone()).count());
            super.commitTransaction();
        }
    }
}
