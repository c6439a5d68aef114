package dev.cdp.core.topic;

import dev.cdp.core.SourceId;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/** Creates, identifies and trims the topics of sources. */
public final class ChangeTopics implements AutoCloseable {
    private static final Optional<Integer> ONE_PARTITION = Optional.of(1);
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Duration LISTING_POLL = Duration.ofMillis(20);
    private static final String LARGEST_RECORD = Integer.toString(64 << 20);

    private final KafkaAccess access;
    private final Admin admin;

    private ChangeTopics(KafkaAccess access, Admin admin) {
        this.access = access;
        this.admin = admin;
    }

    public static ChangeTopics open(KafkaAccess access) {
        try {
            return new ChangeTopics(access, Admin.create(access.clientProperties()));
        } catch (KafkaException e) { // an address that no name server knows, for one
            throw new KafkaUnavailableException("connect", access, e);
        }
    }

    /**
     * Creates what is missing: one partition each, changes kept until the archiver trims them, state compacted. How many
     * brokers hold them is for the cluster's {@code default.replication.factor} to say.
     */
    public void create(SourceId source) {
        create(new NewTopic(access.changesTopic(source), ONE_PARTITION, Optional.empty())
                .configs(Map.of("retention.ms", "-1", "retention.bytes", "-1", "max.message.bytes", LARGEST_RECORD)));
        create(new NewTopic(access.stateTopic(source), ONE_PARTITION, Optional.empty())
                .configs(Map.of("cleanup.policy", "compact", "max.message.bytes", LARGEST_RECORD)));
    }

    /** A broker confirms a new topic before it lists it, so this waits until it does. */
    private void create(NewTopic topic) {
        createAbsent(topic);
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (identity(topic.name()).isEmpty() && System.nanoTime() < deadline) {
            LockSupport.parkNanos(LISTING_POLL.toNanos());
        }
    }

    private void createAbsent(NewTopic topic) {
        try {
            await(admin.createTopics(List.of(topic)).all(), "create topic " + topic.name());
        } catch (KafkaUnavailableException e) {
            if (!(e.getCause() instanceof ExecutionException failure
                    && failure.getCause() instanceof TopicExistsException)) {
                throw e;
            }
        }
    }

    /** The identity of a source's change topic, which a topic deleted and created again does not share. */
    public Optional<String> identity(SourceId source) {
        return identity(access.changesTopic(source));
    }

    private Optional<String> identity(String topic) {
        try {
            TopicDescription description = await(
                            admin.describeTopics(List.of(topic)).allTopicNames(), "describe topic " + topic)
                    .get(topic);
            Uuid id = description == null ? Uuid.ZERO_UUID : description.topicId();
            return id.equals(Uuid.ZERO_UUID) ? Optional.empty() : Optional.of(id.toString());
        } catch (KafkaUnavailableException e) {
            if (e.getCause() instanceof ExecutionException failure
                    && failure.getCause() instanceof UnknownTopicOrPartitionException) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /** Lets Kafka delete every record of a source's changes below {@code offset}; they must be in the archive. */
    public void trim(SourceId source, KafkaOffset offset) {
        TopicPartition partition = new TopicPartition(access.changesTopic(source), 0);
        await(
                admin.deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(offset.value())))
                        .all(),
                "trim " + partition.topic());
    }

    /** Deletes a source's topics with all they hold; absent ones are fine. */
    public void delete(SourceId source) {
        for (String topic : List.of(access.changesTopic(source), access.stateTopic(source))) {
            try {
                await(admin.deleteTopics(List.of(topic)).all(), "delete topic " + topic);
            } catch (KafkaUnavailableException e) {
                if (!(e.getCause() instanceof ExecutionException failure
                        && failure.getCause() instanceof UnknownTopicOrPartitionException)) {
                    throw e;
                }
            }
        }
    }

    private <T> T await(org.apache.kafka.common.KafkaFuture<T> future, String what) {
        try {
            return future.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new KafkaUnavailableException(what, access, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new KafkaUnavailableException(what, access, e);
        }
    }

    @Override
    public void close() {
        admin.close(Duration.ofSeconds(5));
    }
}
