package dev.cdp.core.topic;

import dev.cdp.core.CdpException;
import dev.cdp.core.ChangeRecord;
import dev.cdp.core.Json;
import dev.cdp.core.SourceId;
import dev.cdp.core.crash.CrashPoint;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.jspecify.annotations.Nullable;

/**
 * The only writer of a source's change topic. Records and the writer's own state become visible together, in one Kafka
 * transaction; opening a second writer of the same source fences the first.
 *
 * <p>Use: {@link #state}, then any number of {@link #begin}, {@link #append}…, {@link #commit}. Not safe for use by
 * several threads.
 */
public final class ChangeTopicWriter implements AutoCloseable {
    /** Header of a record that is one part of a large one: part number and part count, two 32-bit integers. */
    static final String PART_HEADER = "cdp-part";

    private static final int LARGEST_PART_BYTES = 16 << 20;
    private static final int STILL_SENDING_CHECK = 4096;

    private final KafkaAccess access;
    private final SourceId source;
    private final WriterClaim claim;
    private final Producer<byte[], byte[]> producer;
    private final Map<String, String> state;
    private final ChangeRecordCodec codec = new ChangeRecordCodec();
    private final List<Future<RecordMetadata>> sending = new ArrayList<>();
    private volatile @Nullable LastWritten lastWritten;
    private @Nullable Future<RecordMetadata> lastSent;
    private byte[] lastValue = {};
    private long sentUpTo;

    /** @param producer with its transactions initialised; closed with this writer */
    ChangeTopicWriter(
            KafkaAccess access,
            SourceId source,
            WriterClaim claim,
            Producer<byte[], byte[]> producer,
            Map<String, String> state) {
        this.access = access;
        this.source = source;
        this.claim = claim;
        this.producer = producer;
        this.state = state;
        String last = state.remove(LastWritten.KEY);
        this.lastWritten = last == null ? null : Json.read(last, LastWritten.class);
    }

    /** Opens with a claim of its own, as a capture does that starts. */
    public static ChangeTopicWriter open(KafkaAccess access, SourceId source) {
        return open(access, source, new WriterClaim());
    }

    /**
     * Fences every earlier writer of this source, then reads the state that its last complete transaction left.
     *
     * @param claim of the capture that opens; made by its first writer
     * @throws WriterFencedException when another capture has claimed the topic since this one did
     * @throws KafkaUnavailableException when Kafka cannot be reached
     */
    public static ChangeTopicWriter open(KafkaAccess access, SourceId source, WriterClaim claim) {
        KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(settings(access, source), new ByteArraySerializer(), new ByteArraySerializer());
        try {
            if (claim.hasLooked()) { // who took over must not be fenced
                requireStanding(claim, source, readAll(access, source), null);
            }
            producer.initTransactions();
            UndecidedEnd.settle(access, source, producer);
            Map<String, String> state = readAll(access, source);
            requireStanding(claim, source, state, null);
            boolean isClaimDue = claim.isDueBehind(state.remove(WriterClaim.KEY));
            ChangeTopicWriter writer = new ChangeTopicWriter(access, source, claim, producer, state);
            if (isClaimDue) {
                writer.makeClaim();
            }
            return writer;
        } catch (KafkaException e) {
            producer.close(Duration.ZERO);
            throw new KafkaUnavailableException("open " + access.changesTopic(source) + " for writing", access, e);
        } catch (CdpException e) {
            producer.close(Duration.ZERO);
            throw e;
        }
    }

    private static Properties settings(KafkaAccess access, SourceId source) {
        Properties settings = access.clientProperties();
        settings.put("transactional.id", access.changesTopic(source));
        settings.put("acks", "all");
        settings.put("compression.type", "lz4");
        settings.put("linger.ms", "5");
        settings.put("batch.size", Integer.toString(256 << 10));
        settings.put("buffer.memory", Integer.toString(64 << 20));
        settings.put("max.request.size", Integer.toString(64 << 20));
        settings.put("max.block.ms", "60000");
        settings.put("delivery.timeout.ms", "120000");
        settings.put("transaction.timeout.ms", "300000");
        return settings;
    }

    private static void requireStanding(
            WriterClaim claim, SourceId source, Map<String, String> state, @Nullable Throwable cause) {
        String standing = state.get(WriterClaim.KEY);
        if (standing != null && claim.isOvertakenBy(standing)) {
            throw new WriterFencedException(source, standing, cause);
        }
    }

    private void makeClaim() {
        begin();
        send(new ProducerRecord<>(access.stateTopic(source), 0, utf8(WriterClaim.KEY), utf8(claim.name())));
        CrashPoint.CAPTURE_CLAIM_SENT.reached();
        commitSent();
    }

    /** What {@link #commit} stored under {@code key} last, by this writer or an earlier one. */
    public Optional<String> state(String key) {
        return Optional.ofNullable(state.get(key));
    }

    /** Everything stored, by key. */
    public Map<String, String> state() {
        return Collections.unmodifiableMap(state);
    }

    /** Compares the end of the change topic with what its last writer knew; to be asked before the first {@link #begin}. */
    public TopicEnding ending() {
        try {
            return TopicEnding.of(access, new TopicPartition(access.changesTopic(source), 0), lastWritten);
        } catch (KafkaException e) {
            throw new KafkaUnavailableException("read the end of " + access.changesTopic(source), access, e);
        }
    }

    /** Just after the last record that is committed, as far as is known; safe for use by any thread. */
    public KafkaOffset end() {
        LastWritten last = lastWritten;
        return last == null ? KafkaOffset.START : new KafkaOffset(last.offset() + 1);
    }

    public void begin() {
        guarded("begin a transaction", producer::beginTransaction);
    }

    /** Sends the record as part of the open transaction; one above the size limit goes in several parts. */
    public void append(ChangeRecord record) {
        byte[] value = codec.encode(record);
        if (value.length <= LARGEST_PART_BYTES) {
            sendChange(new ProducerRecord<>(access.changesTopic(source), 0, null, value));
            return;
        }
        int parts = (value.length + LARGEST_PART_BYTES - 1) / LARGEST_PART_BYTES;
        for (int part = 0; part < parts; part++) {
            int from = part * LARGEST_PART_BYTES;
            byte[] slice = Arrays.copyOfRange(value, from, Math.min(value.length, from + LARGEST_PART_BYTES));
            ProducerRecord<byte[], byte[]> piece = new ProducerRecord<>(access.changesTopic(source), 0, null, slice);
            byte[] numbering = ByteBuffer.allocate(8).putInt(part).putInt(parts).array();
            piece.headers().add(new RecordHeader(PART_HEADER, numbering));
            sendChange(piece);
        }
    }

    /**
     * Makes everything since {@link #begin} visible together with the changed entries of the state.
     *
     * @param stateChanges an empty value takes the entry out
     */
    public void commit(Map<String, String> stateChanges) {
        Map<String, String> changes = new TreeMap<>(stateChanges);
        LastWritten written = lastWritten();
        if (written != null) {
            changes.put(LastWritten.KEY, Json.write(written));
        }
        changes.forEach((key, value) -> send(
                new ProducerRecord<>(access.stateTopic(source), 0, utf8(key), value.isEmpty() ? null : utf8(value))));
        CrashPoint.CAPTURE_STATE_SENT.reached();
        commitSent();
        lastWritten = written;
        stateChanges.forEach((key, value) -> put(state, key, value));
    }

    /**
     * Commits when Kafka has all records of the transaction. The producer means to wait for them by itself, but its sender
     * asks whether any are under way before it looks for what to send next (Kafka 4.3, {@code Sender} and {@code
     * TransactionManager.nextRequest}). Records that are sent and committed in between are left out of the transaction.
     */
    private void commitSent() {
        guarded("commit a transaction", () -> {
            producer.flush();
            checkSent(0);
            producer.commitTransaction();
        });
    }

    private static void put(Map<String, String> state, String key, String value) {
        if (value.isEmpty()) {
            state.remove(key);
        } else {
            state.put(key, value);
        }
    }

    /** Waits until Kafka has the records of the open transaction. A broker that lost its end counts on from an earlier place. */
    private @Nullable LastWritten lastWritten() {
        Future<RecordMetadata> last = lastSent;
        if (last == null) {
            return lastWritten;
        }
        List<LastWritten> written = new ArrayList<>();
        guarded("write to the topic", () -> {
            producer.flush();
            checkSent(0);
            written.add(LastWritten.of(result(last).offset(), lastValue));
        });
        lastSent = null;
        long due = sentUpTo;
        sentUpTo = written.get(0).offset() + 1;
        if (sentUpTo <= due) {
            throw new KafkaUnavailableException(
                    "go on in " + access.changesTopic(source),
                    access,
                    new IllegalStateException("a record went to offset "
                            + written.get(0).offset() + ", where " + due + " was due at the earliest"));
        }
        return written.get(0);
    }

    /** Gives the open transaction up; nothing of it becomes visible. */
    public void discard() {
        sending.clear();
        lastSent = null;
        guarded("abort a transaction", () -> {
            producer.abortTransaction();
            UndecidedEnd.settle(access, source, producer); // the next commit would take what is undecided with it
        });
    }

    private void sendChange(ProducerRecord<byte[], byte[]> record) {
        lastSent = send(record);
        lastValue = record.value();
    }

    private Future<RecordMetadata> send(ProducerRecord<byte[], byte[]> record) {
        List<Future<RecordMetadata>> sent = new ArrayList<>(1);
        guarded("send a record", () -> {
            sent.add(producer.send(record));
            sending.addAll(sent);
            checkSent(STILL_SENDING_CHECK);
        });
        return sent.get(0);
    }

    /** Surfaces a failed send without holding one future per record of a long transaction. */
    private void checkSent(int atMost) {
        if (sending.size() <= atMost) {
            return;
        }
        for (Future<RecordMetadata> future : sending) {
            if (atMost == 0 || future.isDone()) {
                result(future);
            }
        }
        sending.removeIf(Future::isDone);
    }

    private static RecordMetadata result(Future<RecordMetadata> future) {
        try {
            return future.get();
        } catch (ExecutionException e) {
            throw new KafkaException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new KafkaException(e);
        }
    }

    private void guarded(String what, Runnable call) {
        try {
            call.run();
        } catch (KafkaException | IllegalStateException e) {
            if (isFenced(e)) {
                requireNoSuccessor(e);
            }
            throw new KafkaUnavailableException(what + " on " + access.changesTopic(source), access, e);
        }
    }

    /** A writer that fenced this one and claims nothing is on its way out, or Kafka itself: the next opening will show. */
    private void requireNoSuccessor(Throwable fenced) {
        try {
            requireStanding(claim, source, readAll(access, source), fenced);
        } catch (KafkaException unreadable) {
            fenced.addSuppressed(unreadable);
        }
    }

    private static boolean isFenced(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof ProducerFencedException || cause instanceof InvalidProducerEpochException) {
                return true;
            }
        }
        return false;
    }

    private static Map<String, String> readAll(KafkaAccess access, SourceId source) {
        Map<String, String> state = new TreeMap<>();
        TopicPartition partition = new TopicPartition(access.stateTopic(source), 0);
        try (KafkaConsumer<String, byte[]> consumer = new KafkaConsumer<>(
                access.readerProperties("read_committed"), new StringDeserializer(), new ByteArrayDeserializer())) {
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            Long end = consumer.endOffsets(List.of(partition)).get(partition);
            while (end != null && consumer.position(partition) < end) {
                for (ConsumerRecord<String, byte[]> record : consumer.poll(Duration.ofMillis(200))) {
                    byte[] value = record.value();
                    put(state, record.key(), value == null ? "" : new String(value, StandardCharsets.UTF_8));
                }
            }
        }
        return state;
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        producer.close(Duration.ofSeconds(10));
    }
}
