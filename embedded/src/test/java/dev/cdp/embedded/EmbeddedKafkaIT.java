package dev.cdp.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedKafkaIT {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    @TempDir
    static Path directory;

    private static EmbeddedKafka kafka;

    @BeforeAll
    static void start() {
        kafka = EmbeddedKafka.start(directory);
    }

    @AfterAll
    static void stop() {
        kafka.close();
    }

    @Test
    void showsCommittedTransactionsOnlyAndKeepsThemThroughARestart() throws Exception {
        createTopic("orders");
        send("orders", "aborted", false);
        send("orders", "committed", true);
        assertThat(read("orders")).containsExactly("committed");

        String address = kafka.bootstrapServers();
        kafka.close();
        kafka = EmbeddedKafka.start(directory);

        assertThat(kafka.bootstrapServers()).isEqualTo(address);
        assertThat(read("orders")).containsExactly("committed");
        send("orders", "later", true);
        assertThat(read("orders")).containsExactly("committed", "later");
    }

    @Test
    void takesRecordsOfSixtyMebibytes() throws Exception {
        createTopic("large");
        String large = "x".repeat(60 << 20);

        send("large", large, true);

        assertThat(read("large")).singleElement().satisfies(found -> assertThat(found.equals(large))
                .isTrue());
    }

    @Test
    void createsNoTopicThatNobodyAskedFor() {
        try (Admin admin = Admin.create(client())) {
            assertThatThrownBy(() -> admin.describeTopics(List.of("unheard-of"))
                            .allTopicNames()
                            .get())
                    .isInstanceOf(ExecutionException.class)
                    .hasCauseInstanceOf(UnknownTopicOrPartitionException.class);
        }
    }

    @Test
    void tellsOtherProcessesItsAddress() {
        assertThat(EmbeddedKafka.addressIn(directory)).contains(kafka.bootstrapServers());
        assertThat(kafka.bootstrapServers()).startsWith("127.0.0.1:");
        assertThat(EmbeddedKafka.addressIn(directory.resolve("elsewhere"))).isEmpty();
    }

    @Test
    void refusesADirectoryThatIsInUse() {
        assertThatThrownBy(() -> EmbeddedKafka.start(directory))
                .isInstanceOf(EmbeddedServiceException.class)
                .hasMessageContaining("in use")
                .hasMessageContaining(directory.toString());
    }

    private static void createTopic(String name) throws Exception {
        try (Admin admin = Admin.create(client())) {
            admin.createTopics(List.of(new NewTopic(name, 1, (short) 1))).all().get();
        }
    }

    private static void send(String topic, String value, boolean commit) throws Exception {
        Map<String, Object> settings = Map.of(
                "bootstrap.servers",
                kafka.bootstrapServers(),
                "transactional.id",
                "writer",
                "max.request.size",
                EmbeddedKafka.LARGEST_RECORD_BYTES,
                "buffer.memory",
                2L * EmbeddedKafka.LARGEST_RECORD_BYTES);
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
            producer.initTransactions();
            producer.beginTransaction();
            producer.send(new ProducerRecord<>(topic, value.getBytes("UTF-8"))).get();
            if (commit) {
                producer.commitTransaction();
            } else {
                producer.abortTransaction();
            }
        }
    }

    private static List<String> read(String topic) throws Exception {
        Map<String, Object> settings =
                Map.of("bootstrap.servers", kafka.bootstrapServers(), "isolation.level", "read_committed");
        TopicPartition partition = new TopicPartition(topic, 0);
        List<String> values = new ArrayList<>();
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            long end = endWithOpenTransactions(partition);
            long deadline = System.nanoTime() + LIMIT.toNanos();
            while (consumer.position(partition) < end && System.nanoTime() < deadline) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(100))) {
                    values.add(new String(record.value(), "UTF-8"));
                }
            }
        }
        return values;
    }

    /**
     * Where the log ends, whether or not its last transaction is decided yet: a commit is answered before its marker is written,
     * so the end that a reader of committed records is told may still lie before what was just committed.
     */
    private static long endWithOpenTransactions(TopicPartition partition) throws Exception {
        try (Admin admin = Admin.create(client())) {
            return admin.listOffsets(Map.of(partition, OffsetSpec.latest()))
                    .partitionResult(partition)
                    .get()
                    .offset();
        }
    }

    private static Map<String, Object> client() {
        return Map.of("bootstrap.servers", kafka.bootstrapServers());
    }
}
