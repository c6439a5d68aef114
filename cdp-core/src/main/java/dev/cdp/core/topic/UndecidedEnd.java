package dev.cdp.core.topic;

import dev.cdp.core.Json;
import dev.cdp.core.SourceId;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides records at the end of a source's two topics that Kafka left undecided for ever.
 *
 * <p>A broker answers a commit before it has written the commit's markers. When it stops in between, its next start has to
 * write them; Kafka 4.3 takes a partition that has no leader yet for one that was deleted, and calls the transaction
 * complete without a marker there (its {@code KRaftMetadataCache.getPartitionLeaderEndpoint} and {@code
 * TransactionMarkerChannelManager}; seen after {@code kill -9}). Such records are invisible until the same producer
 * commits again, and then they all are visible, whatever was decided about them.
 *
 * <p>So before a writer reads what its predecessor left: a topic that was decided tells how the other is to be, and where
 * none was, nobody has seen any of it. A transaction of the writer's own ends those of its predecessor with it.
 */
final class UndecidedEnd {
    private static final Logger log = LoggerFactory.getLogger(UndecidedEnd.class);
    private static final String HEADER = "cdp-settled";
    private static final Duration POLL = Duration.ofMillis(200);
    private static final Duration USUAL = Duration.ofSeconds(1);
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Duration PAUSE = Duration.ofMillis(20);

    private final TopicPartition changes;
    private final TopicPartition state;
    private final KafkaConsumer<byte[], byte[]> decided;
    private final KafkaConsumer<byte[], byte[]> written;

    private UndecidedEnd(
            TopicPartition changes,
            TopicPartition state,
            KafkaConsumer<byte[], byte[]> decided,
            KafkaConsumer<byte[], byte[]> written) {
        this.changes = changes;
        this.state = state;
        this.decided = decided;
        this.written = written;
    }

    /**
     * Decides what is undecided.
     *
     * @param producer the only writer, between two transactions
     * @throws KafkaException when Kafka cannot be reached, or somebody else's transaction is open
     */
    static void settle(KafkaAccess access, SourceId source, Producer<byte[], byte[]> producer) {
        TopicPartition changes = new TopicPartition(access.changesTopic(source), 0);
        TopicPartition state = new TopicPartition(access.stateTopic(source), 0);
        try (KafkaConsumer<byte[], byte[]> decided = consumer(access, "read_committed");
                KafkaConsumer<byte[], byte[]> written = consumer(access, "read_uncommitted")) {
            new UndecidedEnd(changes, state, decided, written).settle(producer);
        }
    }

    private static KafkaConsumer<byte[], byte[]> consumer(KafkaAccess access, String isolation) {
        return new KafkaConsumer<>(
                access.readerProperties(isolation), new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    /** Whether the record only ended a transaction, and says nothing. */
    static boolean isSettlement(ConsumerRecord<?, ?> record) {
        return record.headers().lastHeader(HEADER) != null;
    }

    private void settle(Producer<byte[], byte[]> producer) {
        if (isDecidedWithin(USUAL)) {
            return;
        }
        List<TopicPartition> undecided = undecided();
        boolean commits = undecided.size() == 1 && (undecided.contains(state) ? wereItsChanges() : hasTheirState());
        log.warn(
                "Kafka lost the end of a transaction: the last records of {} are undecided, and are {} now",
                undecided,
                commits ? "committed" : "given up");
        Header header = new RecordHeader(HEADER, new byte[0]);
        producer.beginTransaction();
        for (TopicPartition topic : undecided) {
            byte[] key = topic.equals(state) ? HEADER.getBytes(StandardCharsets.US_ASCII) : null;
            producer.send(new ProducerRecord<>(topic.topic(), 0, null, key, null, List.of(header)));
        }
        producer.flush();
        if (commits) {
            producer.commitTransaction();
        } else {
            producer.abortTransaction();
        }
        if (!isDecidedWithin(PATIENCE)) {
            throw new TimeoutException("A transaction of some other producer stays open in " + undecided()
                    + ": 'kafka-transactions.sh find-hanging' tells more");
        }
    }

    private boolean isDecidedWithin(Duration patience) {
        long deadline = System.nanoTime() + patience.toNanos();
        while (!undecided().isEmpty()) {
            if (System.nanoTime() > deadline) {
                return false;
            }
            LockSupport.parkNanos(PAUSE.toNanos());
        }
        return true;
    }

    private List<TopicPartition> undecided() {
        List<TopicPartition> both = List.of(changes, state);
        Map<TopicPartition, Long> decidedTo = decided.endOffsets(both);
        Map<TopicPartition, Long> writtenTo = written.endOffsets(both);
        return both.stream()
                .filter(topic -> decidedTo.get(topic) < writtenTo.get(topic))
                .toList();
    }

    /** Whether changes are committed that only the undecided state tells of: then it was committed with them. */
    private boolean wereItsChanges() {
        LastWritten before = lastWritten(decided, beginning(state));
        LastWritten last =
                lastWritten(written, decided.endOffsets(List.of(state)).get(state));
        return last != null && !last.equals(before) && (last.offset() < beginning(changes) || stands(last, decided));
    }

    /** Whether the state tells of changes that are undecided: then they were committed with it. */
    private boolean hasTheirState() {
        LastWritten last = lastWritten(decided, beginning(state));
        return last != null
                && last.offset() >= decided.endOffsets(List.of(changes)).get(changes)
                && stands(last, written);
    }

    private long beginning(TopicPartition topic) {
        return decided.beginningOffsets(List.of(topic)).get(topic);
    }

    /** The newest in the state from an offset on. */
    private @Nullable LastWritten lastWritten(KafkaConsumer<byte[], byte[]> consumer, long from) {
        long end = consumer.endOffsets(List.of(state)).get(state);
        byte[] key = LastWritten.KEY.getBytes(StandardCharsets.UTF_8);
        LastWritten last = null;
        consumer.assign(List.of(state));
        consumer.seek(state, from);
        while (consumer.position(state) < end) {
            for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                if (Arrays.equals(record.key(), key) && record.value() != null) {
                    last = Json.read(new String(record.value(), StandardCharsets.UTF_8), LastWritten.class);
                }
            }
        }
        return last;
    }

    private boolean stands(LastWritten last, KafkaConsumer<byte[], byte[]> consumer) {
        long end = consumer.endOffsets(List.of(changes)).get(changes);
        consumer.assign(List.of(changes));
        consumer.seek(changes, last.offset());
        while (consumer.position(changes) < end) {
            for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                return record.value() != null && last.isAt(record.offset(), record.value());
            }
        }
        return false;
    }
}
