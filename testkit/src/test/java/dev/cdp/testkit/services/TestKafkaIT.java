package dev.cdp.testkit.services;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cdp.testkit.services.TestKafka.Door;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TestKafkaIT {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    @Test
    void sharesOneBrokerAndGivesEachTestTopicsOfItsOwn() throws Exception {
        TestKafka kafka = TestKafka.shared();
        String mine = kafka.createTopic("orders");
        String yours = kafka.createTopic("orders");

        assertThat(TestKafka.shared()).isSameAs(kafka);
        assertThat(mine).isNotEqualTo(yours);
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()))) {
            Set<String> topics = admin.listTopics().names().get(LIMIT.toSeconds(), TimeUnit.SECONDS);
            assertThat(topics).contains(mine, yours);
        }
    }

    @Test
    void keepsTheClientsOfADoorBehindItsProxy() throws Exception {
        TestKafka kafka = TestKafka.shared();
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers(Door.FIRST)))) {
            assertThat(admin.describeCluster()
                            .nodes()
                            .get(LIMIT.toSeconds(), TimeUnit.SECONDS)
                            .iterator()
                            .next()
                            .port())
                    .isEqualTo(kafka.proxy(Door.FIRST).port());
            assertThat(kafka.proxy(Door.SECOND).connectionCount()).isZero();
        }
    }

    @Test
    void keepsAcknowledgedRecordsWhenItsOwnProcessIsKilled(@TempDir Path directory) throws Exception {
        KafkaProcess first = TestKafka.inOtherProcess(directory);
        String address = first.bootstrapServers();
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", address))) {
            admin.createTopics(List.of(new NewTopic("orders", 1, (short) 1)))
                    .all()
                    .get(LIMIT.toSeconds(), TimeUnit.SECONDS);
        }
        send(address, "before the kill");

        first.kill();
        try (KafkaProcess second = TestKafka.inOtherProcess(directory)) {
            assertThat(second.bootstrapServers()).isEqualTo(address);
            send(address, "after it");
            assertThat(read(address, 2)).containsExactly("before the kill", "after it");
        }
    }

    private static void send(String address, String value) throws Exception {
        Map<String, Object> settings = Map.of("bootstrap.servers", address, "acks", "all");
        try (KafkaProducer<String, String> producer =
                new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer())) {
            producer.send(new ProducerRecord<>("orders", value)).get(LIMIT.toSeconds(), TimeUnit.SECONDS);
        }
    }

    private static List<String> read(String address, int count) {
        List<String> values = new ArrayList<>();
        try (KafkaConsumer<String, String> consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", address), new StringDeserializer(), new StringDeserializer())) {
            TopicPartition partition = new TopicPartition("orders", 0);
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            long deadline = System.nanoTime() + LIMIT.toNanos();
            while (values.size() < count && System.nanoTime() < deadline) {
                consumer.poll(Duration.ofMillis(100)).forEach(record -> values.add(record.value()));
            }
        }
        return values;
    }
}
