package dev.cdp.archiver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cdp.core.CdpException;
import dev.cdp.core.ChangeEvent;
import dev.cdp.core.ChangeRecord;
import dev.cdp.core.RowImage;
import dev.cdp.core.SourceId;
import dev.cdp.core.TableId;
import dev.cdp.core.topic.ChangeTopicReader;
import dev.cdp.core.topic.ChangeTopicReader.Received;
import dev.cdp.core.topic.ChangeTopicWriter;
import dev.cdp.core.topic.ChangeTopics;
import dev.cdp.core.topic.KafkaAccess;
import dev.cdp.core.topic.KafkaOffset;
import dev.cdp.core.topic.KafkaUnavailableException;
import dev.cdp.core.topic.TopicTrimmedException;
import dev.cdp.core.topic.WriterClaim;
import dev.cdp.core.topic.WriterFencedException;
import dev.cdp.testkit.services.TestKafka;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The change topic's writer and reader against a broker. */
class ChangeTopicIT {
    private static final SourceId SHOP = new SourceId("shop");

    private final KafkaAccess kafka = new KafkaAccess(
            TestKafka.shared().bootstrapServers(), TestKafka.shared().freshName("topic"), Map.of());
    private ChangeTopics topics;

    @BeforeEach
    void createTopics() {
        topics = ChangeTopics.open(kafka);
        topics.create(SHOP);
        topics.create(SHOP); // as every start does
    }

    @AfterEach
    void close() {
        topics.close();
    }

    @Test
    void showsWhatWasCommittedAndNothingElse() {
        try (ChangeTopicWriter writer = ChangeTopicWriter.open(kafka, SHOP)) {
            write(writer, Map.of("a", "1"), record(1), record(2));
            writer.begin();
            writer.append(record(99));
            writer.discard();
            write(writer, Map.of("b", "2"), record(3));
            writer.begin();
            writer.append(record(100)); // left open
        }

        assertThat(read(KafkaOffset.START)).containsExactly(record(1), record(2), record(3));
        try (ChangeTopicWriter next = ChangeTopicWriter.open(kafka, SHOP)) {
            assertThat(next.state()).isEqualTo(Map.of("a", "1", "b", "2"));
        }
    }

    @Test
    void fencesAnEarlierWriter() {
        try (ChangeTopicWriter first = ChangeTopicWriter.open(kafka, SHOP)) {
            write(first, Map.of(), record(1));
            first.begin();
            first.append(record(2));
            try (ChangeTopicWriter second = ChangeTopicWriter.open(kafka, SHOP)) {
                write(second, Map.of("writer", "second"), record(2));

                assertThatThrownBy(() -> first.commit(Map.of("writer", "first")))
                        .isInstanceOf(WriterFencedException.class)
                        .hasMessageMatching("Another process captures source 'shop', \\S+/"
                                + ProcessHandle.current().pid() + "/\\S+; this one stopped writing");
            }
        }

        assertThat(read(KafkaOffset.START)).containsExactly(record(1), record(2));
        try (ChangeTopicWriter next = ChangeTopicWriter.open(kafka, SHOP)) {
            assertThat(next.state("writer")).contains("second");
        }
    }

    @Test
    void doesNotPushOutWhoTookOver() {
        WriterClaim claim = new WriterClaim();
        ChangeTopicWriter.open(kafka, SHOP, claim).close();
        try (ChangeTopicWriter successor = ChangeTopicWriter.open(kafka, SHOP)) {
            assertThatThrownBy(() -> ChangeTopicWriter.open(kafka, SHOP, claim))
                    .isInstanceOf(WriterFencedException.class)
                    .hasMessageStartingWith("Another process captures source 'shop', ");

            write(successor, Map.of(), record(1));
        }
        assertThat(read(KafkaOffset.START)).containsExactly(record(1));
    }

    /** Kafka itself does it to a transaction that takes too long, and so does a capture that stops the moment after. */
    @Test
    void goesOnWhenItWasFencedByNobodyWhoClaimsTheTopic() {
        WriterClaim claim = new WriterClaim();
        try (ChangeTopicWriter fenced = ChangeTopicWriter.open(kafka, SHOP, claim)) {
            fenced.begin();
            fenced.append(record(1));
            Properties settings = broker();
            settings.put("transactional.id", kafka.changesTopic(SHOP));
            try (KafkaProducer<String, String> nobody =
                    new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer())) {
                nobody.initTransactions();
            }

            assertThatThrownBy(() -> fenced.commit(Map.of())).isInstanceOf(KafkaUnavailableException.class);
        }
        try (ChangeTopicWriter again = ChangeTopicWriter.open(kafka, SHOP, claim)) {
            write(again, Map.of(), record(2));
        }

        assertThat(read(KafkaOffset.START)).containsExactly(record(2));
    }

    /** A writer that reads the state before it fences the other one misses what that one still commits. */
    @Test
    void startsFromTheLastStateThatAFencedWriterCommitted() throws InterruptedException {
        for (int round = 0; round < 3; round++) {
            CountDownLatch writing = new CountDownLatch(1);
            ChangeTopicWriter first = ChangeTopicWriter.open(kafka, SHOP);
            Thread busy = new Thread(() -> {
                for (int i = 0; ; i++) {
                    try {
                        write(first, Map.of("count", Integer.toString(i)));
                    } catch (CdpException fenced) {
                        return;
                    }
                    writing.countDown();
                }
            });
            busy.start();
            writing.await();

            String seen;
            try (ChangeTopicWriter second = ChangeTopicWriter.open(kafka, SHOP)) {
                seen = second.state("count").orElseThrow();
                busy.join();
            }
            first.close();
            try (ChangeTopicWriter third = ChangeTopicWriter.open(kafka, SHOP)) {
                assertThat(seen).isEqualTo(third.state("count").orElseThrow());
            }
        }
    }

    @Test
    void doesNotTakeOverAStateThatWasNeverCommitted() {
        Properties settings = broker();
        settings.put("transactional.id", kafka.changesTopic(SHOP));
        try (KafkaProducer<String, String> dying =
                new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer())) {
            dying.initTransactions();
            dying.beginTransaction();
            dying.send(new ProducerRecord<>(kafka.stateTopic(SHOP), 0, "progress", "never committed"));
            dying.flush();

            try (ChangeTopicWriter next = ChangeTopicWriter.open(kafka, SHOP)) {
                assertThat(next.state()).isEmpty();
            }
        }
    }

    @Test
    void keepsChangesUntilTheArchiverLetsThemGo() throws Exception {
        ConfigResource topic = new ConfigResource(ConfigResource.Type.TOPIC, kafka.changesTopic(SHOP));
        try (Admin admin = Admin.create(broker())) {
            Config config = admin.describeConfigs(List.of(topic)).all().get().get(topic);

            assertThat(config.get("retention.ms").value()).isEqualTo("-1");
            assertThat(config.get("retention.bytes").value()).isEqualTo("-1");
            assertThat(config.get("cleanup.policy").value()).isEqualTo("delete");
        }
    }

    @Test
    void carriesARecordLargerThanKafkaTakesInParts() {
        byte[] large = new byte[(64 << 20) + 1];
        new java.util.Random(5).nextBytes(large);
        ChangeRecord record = new ChangeRecord(
                1,
                2,
                Instant.EPOCH,
                new ChangeEvent.RowChange(
                        ChangeEvent.Operation.INSERT, new TableId(1), 1, null, RowImage.of(large, "x")));
        try (ChangeTopicWriter writer = ChangeTopicWriter.open(kafka, SHOP)) {
            write(writer, Map.of(), record(1), record, record(3));
        }

        List<Received> received = receive(KafkaOffset.START);

        assertThat(received).extracting(Received::record).containsExactly(record(1), record, record(3));
        Received whole = received.get(1);
        assertThat(whole.next().value() - whole.first().value()).as("parts").isEqualTo(5);
        assertThat(read(whole.first())).as("goes on at the first part").containsExactly(record, record(3));
    }

    @Test
    void saysThatWhatWasDeletedIsGone() {
        try (ChangeTopicWriter writer = ChangeTopicWriter.open(kafka, SHOP)) {
            write(writer, Map.of(), record(1), record(2), record(3));
        }
        topics.trim(SHOP, new KafkaOffset(2));

        assertThat(read(new KafkaOffset(2))).containsExactly(record(3));
        assertThatThrownBy(() -> read(new KafkaOffset(1)))
                .isInstanceOf(TopicTrimmedException.class)
                .hasMessageContaining("shop.changes does not hold the place where reading must go on");
    }

    @Test
    void knowsATopicThatWasCreatedAgain() {
        String before = topics.identity(SHOP).orElseThrow();
        topics.delete(SHOP);
        topics.create(SHOP);

        assertThat(topics.identity(SHOP)).isNotEmpty().get().isNotEqualTo(before);
        assertThat(topics.identity(new SourceId("unknown"))).isEmpty();
    }

    @Test
    void namesABrokerThatIsNotThere() {
        KafkaAccess nowhere = new KafkaAccess(
                "127.0.0.1:1",
                "cdp",
                Map.of("max.block.ms", "500", "default.api.timeout.ms", "500", "request.timeout.ms", "400"));

        assertThatThrownBy(() -> {
                    try (ChangeTopics unreachable = ChangeTopics.open(nowhere)) {
                        unreachable.create(SHOP);
                    }
                })
                .isInstanceOf(KafkaUnavailableException.class)
                .hasMessageStartingWith("Could not create topic cdp.shop.changes at 127.0.0.1:1: ");
    }

    private Properties broker() {
        Properties settings = new Properties();
        settings.put("bootstrap.servers", kafka.bootstrapServers());
        return settings;
    }

    private static void write(ChangeTopicWriter writer, Map<String, String> state, ChangeRecord... records) {
        writer.begin();
        for (ChangeRecord record : records) {
            writer.append(record);
        }
        writer.commit(state);
    }

    private List<ChangeRecord> read(KafkaOffset from) {
        return receive(from).stream().map(Received::record).toList();
    }

    private List<Received> receive(KafkaOffset from) {
        List<Received> received = new ArrayList<>();
        try (ChangeTopicReader reader = ChangeTopicReader.open(kafka, SHOP, from)) {
            KafkaOffset end = reader.end();
            while (reader.position().compareTo(end) < 0) {
                received.addAll(reader.poll(Duration.ofMillis(200)));
            }
        }
        return received;
    }

    private static ChangeRecord record(long seq) {
        return new ChangeRecord(1, seq, Instant.EPOCH, new ChangeEvent.Truncate(new TableId(1)));
    }
}
