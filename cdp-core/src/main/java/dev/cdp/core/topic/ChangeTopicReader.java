package dev.cdp.core.topic;

import dev.cdp.core.ChangeRecord;
import dev.cdp.core.SourceId;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.InvalidOffsetException;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Reads a source's change topic from one offset on, only what was committed, in order. The offset is the caller's to
 * keep: nothing is stored in Kafka. Not safe for use by several threads.
 */
public final class ChangeTopicReader implements AutoCloseable {

    /**
     * One change record and where it stands.
     *
     * @param first the offset of the record, or of its first part
     * @param next the offset to continue at after it
     * @param encodedBytes its size on the wire, which bounds what it takes to hold it
     */
    public record Received(KafkaOffset first, KafkaOffset next, ChangeRecord record, int encodedBytes) {}

    private final KafkaAccess access;
    private final SourceId source;
    private final TopicPartition partition;
    private final KafkaConsumer<byte[], byte[]> consumer;
    private final ChangeRecordCodec codec = new ChangeRecordCodec();
    private final ByteArrayOutputStream parts = new ByteArrayOutputStream();
    private int partsHeld;
    private boolean begun;
    private long firstPartOffset;

    private ChangeTopicReader(KafkaAccess access, SourceId source, KafkaConsumer<byte[], byte[]> consumer) {
        this.access = access;
        this.source = source;
        this.partition = new TopicPartition(access.changesTopic(source), 0);
        this.consumer = consumer;
    }

    /** Opens at {@code from}; a topic that no longer holds that offset is an error of the first {@link #poll}. */
    public static ChangeTopicReader open(KafkaAccess access, SourceId source, KafkaOffset from) {
        Properties settings = access.clientProperties();
        settings.put("isolation.level", "read_committed");
        settings.put("auto.offset.reset", "none");
        settings.put("enable.auto.commit", "false");
        settings.put("allow.auto.create.topics", "false");
        settings.put("max.poll.records", "2000");
        settings.put("fetch.max.bytes", Integer.toString(16 << 20));
        settings.put("max.partition.fetch.bytes", Integer.toString(8 << 20));
        KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        ChangeTopicReader reader = new ChangeTopicReader(access, source, consumer);
        consumer.assign(List.of(reader.partition));
        consumer.seek(reader.partition, from.value());
        return reader;
    }

    /**
     * Waits up to {@code patience} for records.
     *
     * @return records in order, empty when there are none yet
     * @throws TopicTrimmedException when the topic does not hold the offset to read at
     */
    public List<Received> poll(Duration patience) {
        List<Received> received = new ArrayList<>();
        try {
            for (ConsumerRecord<byte[], byte[]> record : consumer.poll(patience)) {
                receive(record, received);
            }
            return received;
        } catch (InvalidOffsetException e) {
            throw new TopicTrimmedException(source, access, e);
        } catch (KafkaException e) {
            throw new KafkaUnavailableException("read " + partition.topic(), access, e);
        }
    }

    private void receive(ConsumerRecord<byte[], byte[]> record, List<Received> received) {
        if (UndecidedEnd.isSettlement(record)) {
            return;
        }
        Header part = record.headers().lastHeader(ChangeTopicWriter.PART_HEADER);
        KafkaOffset next = new KafkaOffset(record.offset() + 1);
        if (part == null) {
            begun = true;
            byte[] value = record.value();
            received.add(new Received(new KafkaOffset(record.offset()), next, codec.decode(value), value.length));
            return;
        }
        ByteBuffer numbering = ByteBuffer.wrap(part.value());
        int number = numbering.getInt();
        int count = numbering.getInt();
        if (number == 0) {
            begun = true;
            parts.reset();
            partsHeld = 0;
            firstPartOffset = record.offset();
        }
        if (number > 0 && partsHeld == 0 && !begun) { // the topic begins inside of a record whose start expired
            return;
        }
        if (number != partsHeld) {
            throw new IllegalStateException("Part " + number + " of " + count + " at offset " + record.offset() + " of "
                    + partition.topic() + " follows " + partsHeld + " parts");
        }
        parts.writeBytes(record.value());
        partsHeld++;
        if (partsHeld == count) {
            byte[] whole = parts.toByteArray();
            received.add(new Received(new KafkaOffset(firstPartOffset), next, codec.decode(whole), whole.length));
            parts.reset();
            partsHeld = 0;
        }
    }

    /** Just after the last committed record at the moment of the call. */
    public KafkaOffset end() {
        try {
            Long end = consumer.endOffsets(List.of(partition)).get(partition);
            return new KafkaOffset(end == null ? 0 : end);
        } catch (KafkaException e) {
            throw new KafkaUnavailableException("read the end of " + partition.topic(), access, e);
        }
    }

    /** How many records stand between the last {@link #poll} and the end of the topic, as far as is known. */
    public long recordsBehind() {
        return consumer.currentLag(partition).orElse(0);
    }

    /** The earliest offset the topic still holds. */
    public KafkaOffset beginning() {
        try {
            Long first = consumer.beginningOffsets(List.of(partition)).get(partition);
            return new KafkaOffset(first == null ? 0 : first);
        } catch (KafkaException e) {
            throw new KafkaUnavailableException("read the start of " + partition.topic(), access, e);
        }
    }

    /** The offset the next {@link #poll} starts at; passes the markers that Kafka's transactions leave in a topic. */
    public KafkaOffset position() {
        try {
            return new KafkaOffset(consumer.position(partition));
        } catch (InvalidOffsetException e) {
            throw new TopicTrimmedException(source, access, e);
        } catch (KafkaException e) {
            throw new KafkaUnavailableException("find the place to read in " + partition.topic(), access, e);
        }
    }

    /** Makes a {@link #poll} that waits in another thread return at once, with {@link KafkaUnavailableException}. */
    public void wakeup() {
        consumer.wakeup();
    }

    @Override
    public void close() {
        consumer.close(org.apache.kafka.clients.consumer.CloseOptions.timeout(Duration.ofSeconds(5)));
    }
}
