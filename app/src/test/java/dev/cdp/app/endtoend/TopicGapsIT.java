package dev.cdp.app.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.cdp.capture.source.SourceDatabase;
import dev.cdp.core.SourceId;
import dev.cdp.core.SourcePosition;
import dev.cdp.core.archive.ArchiveDamagedException;
import dev.cdp.core.archive.ArchiveState;
import dev.cdp.core.archive.LedgerEntry;
import dev.cdp.core.topic.ChangeTopics;
import dev.cdp.core.topic.KafkaAccess;
import dev.cdp.embedded.EmbeddedKafka;
import dev.cdp.testkit.faults.FaultKind;
import dev.cdp.testkit.faults.FaultResult;
import dev.cdp.testkit.faults.FaultResults;
import dev.cdp.testkit.services.TestDatabase;
import dev.cdp.testkit.services.TestMariaDb;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What capture, topic and archive have of each other is lost or put back to an old copy: found within a minute, recorded
 * with its interval, and replaced by a new base, so that no row that was deleted meanwhile comes back.
 */
class TopicGapsIT {
    private static final long LOST_TOPIC_DISTANCE = 1L << 32;

    @TempDir
    private static Path brokerFolder;

    private static EmbeddedKafka broker;
    private static int number;

    @TempDir
    private Path folder;

    private TestDatabase database;
    private SourceId id;
    private KafkaAccess kafka;
    private SourceDatabase source;
    private GapLab lab;

    @BeforeAll
    static void startBroker() {
        broker = EmbeddedKafka.start(brokerFolder);
    }

    @AfterAll
    static void stopBroker() {
        broker.close();
    }

    @BeforeEach
    void protect() throws Exception {
        database = TestMariaDb.shared().createDatabase("gap");
        id = new SourceId("gap-" + ++number);
        kafka = new KafkaAccess(broker.bootstrapServers(), "cdp", Map.of());
        source = GapLab.mariaDb(id, database, folder);
        database.execute(
                "CREATE TABLE gone (id int PRIMARY KEY)",
                "CREATE TABLE t (id int PRIMARY KEY, v text)",
                "INSERT INTO t SELECT seq, 'base' FROM seq_1_to_10");
        source.install();
        lab = new GapLab(id, source, kafka, folder);
        lab.start();
        lab.awaitArchived();
        database.execute("UPDATE t SET v = 'seen' WHERE id <= 5");
        lab.awaitArchived();
    }

    @AfterEach
    void stop() throws Exception {
        lab.stop();
        source.uninstall();
    }

    @Test
    void aTopicThatWasDeletedWhileNothingRan() throws Exception {
        lab.stop();
        ArchiveState before = lab.state();
        changeUnseen();
        deleteTopic(kafka.changesTopic(id));

        lab.start();

        assertNewEpoch(before, "it was deleted and created again");
        assertGoesOn();
        noticed("change topic deleted while down");
    }

    @Test
    void aTopicThatIsDeletedWhileItIsWritten() throws Exception {
        ArchiveState before = lab.state();
        deleteTopic(kafka.changesTopic(id));
        changeUnseen();

        lab.awaitGap(1);

        assertNewEpoch(before, "it was deleted and created again");
        noticed("change topic deleted while running");
    }

    @Test
    @Tag("soak")
    void aTopicThatIsDeletedAndCreatedAgainWhileItIsWritten() throws Exception {
        ArchiveState before = lab.state();
        deleteTopic(kafka.changesTopic(id));
        try (ChangeTopics topics = ChangeTopics.open(kafka)) {
            topics.create(id);
        }
        changeUnseen();

        lab.awaitGap(1);

        assertNewEpoch(before, "it was deleted and created again");
        noticed("change topic deleted and created again while running");
    }

    @Test
    void recordsThatExpiredBeforeTheyWereArchived() throws Exception {
        lab.stop();
        ArchiveState before = lab.state();
        lab.startCaptureOnly();
        changeUnseen();
        lab.awaitCaptured();
        lab.stop();
        expireRecords();

        lab.start();

        assertNewEpoch(before, "lost records before they were archived");
        noticed("change records expired while down");
    }

    @Test
    @Tag("soak")
    void recordsThatExpireWhileTheyWaitToBeArchived() throws Exception {
        lab.stop();
        ArchiveState before = lab.state();
        lab.startCaptureOnly();
        changeUnseen();
        lab.awaitCaptured();
        expireRecords();
        lab.awaitEpoch(2);

        lab.stop();
        lab.start();

        assertNewEpoch(before, "lost records before they were archived");
        noticed("change records expired while running");
    }

    @Test
    void anEndOfTheTopicThatTheBrokerLost() throws Exception {
        lab.stop();
        ArchiveState before = lab.state();
        lab.startCaptureOnly();
        changeUnseen();
        lab.awaitCaptured();
        lab.stop();
        broker.close();
        cutOffEnd(200);
        broker = EmbeddedKafka.start(brokerFolder);

        lab.start();

        ArchiveState after = lab.awaitArchived();
        assertThat(after.gaps()).singleElement().satisfies(gap -> assertThat(gap.reason())
                .contains("lost the last records that were written to it"));
        assertSound(before, after);
        noticed("end of the change topic lost by the broker");
    }

    @Test
    void aProgressThatWasLost() throws Exception {
        lab.stop();
        ArchiveState before = lab.state();
        changeUnseen();
        deleteTopic(kafka.stateTopic(id));

        lab.start();

        assertNewEpoch(before, "capture's progress was lost");
        noticed("progress of capture lost");
    }

    @Test
    void aProgressThatWasPutBackToAnOldCopy() throws Exception {
        lab.stop();
        List<ProducerRecord<byte[], byte[]>> copy = readState();
        lab.start();
        database.execute("INSERT INTO t VALUES (50, 'seen later')", "ALTER TABLE t ADD COLUMN n int");
        lab.awaitArchived();
        lab.stop();
        ArchiveState before = lab.state();
        changeUnseen();
        deleteTopic(kafka.stateTopic(id));
        try (ChangeTopics topics = ChangeTopics.open(kafka)) {
            topics.create(id);
        }
        writeState(copy);

        lab.start();

        assertNewEpoch(before, "capture's progress is an old copy");
        assertGoesOn();
        noticed("progress of capture from the past");
    }

    @Test
    @Tag("soak")
    void anArchiveThatWasEmptiedWhileNothingRan() throws Exception {
        lab.stop();
        changeUnseen();
        deleteTree(lab.archiveFolder());

        lab.start();

        ArchiveState after = lab.awaitArchived();
        assertThat(after.gaps()).singleElement().satisfies(gap -> {
            assertThat(gap.from()).isNull();
            assertThat(gap.reason()).contains("the archive lost ledger entry");
        });
        assertThat(lab.newestRows()).isEqualTo(liveRows());
        noticed("archive emptied while down");
    }

    @Test
    void anArchiveThatWasPutBackToAnOldCopy() throws Exception {
        lab.stop();
        ArchiveState before = lab.state();
        copy(lab.archiveFolder(), folder.resolve("old"));
        lab.start();
        database.execute("INSERT INTO t VALUES (50, 'seen later')");
        lab.awaitArchived();
        lab.stop();
        changeUnseen();
        deleteTree(lab.archiveFolder());
        copy(folder.resolve("old"), lab.archiveFolder());

        lab.start();

        assertNewEpoch(before, "archive"); // its newest entry is gone, or what the topic no longer holds
        noticed("archive from the past");
    }

    @Test
    void anArchiveThatIsEmptiedUnderARunningDaemonStopsIt() throws Exception {
        deleteTree(lab.archiveFolder());

        await().atMost(GapLab.PATIENCE).until(() -> lab.failure() != null);

        assertThat(lab.failure())
                .isInstanceOf(ArchiveDamagedException.class)
                .hasMessageContaining("the archive was emptied, replaced or put back to an old copy");
        noticed("archive emptied while running");
    }

    private static void noticed(String fault) {
        FaultResults.record(FaultResult.noticed(FaultKind.GAP, fault, 1, 1));
    }

    /** Deletes rows that an old base holds, and a table, which a base must not bring back. */
    private void changeUnseen() throws Exception {
        database.execute(
                "DELETE FROM t WHERE id IN (2, 7)",
                "UPDATE t SET v = 'unseen' WHERE id = 3",
                "INSERT INTO t (id, v) VALUES (100, 'unseen')",
                "DROP TABLE gone");
    }

    private void assertNewEpoch(ArchiveState before, String reason) throws Exception {
        ArchiveState after = lab.awaitArchived();
        assertThat(after.gaps()).singleElement().satisfies(gap -> assertThat(gap.reason())
                .contains(reason));
        LedgerEntry.Gap gap = after.gaps().get(0);
        assertThat(gap.from().orderAgainst(before.watermark().orElseThrow().position()))
                .as("a heartbeat may have been archived after the restart")
                .isIn(SourcePosition.Order.SAME, SourcePosition.Order.AFTER);
        assertSound(before, after);
    }

    private void assertSound(ArchiveState before, ArchiveState after) throws Exception {
        LedgerEntry.Gap gap = after.gaps().get(0);
        assertThat(gap.epoch()).isEqualTo(2);
        assertThat(gap.seq()).isGreaterThan(LOST_TOPIC_DISTANCE);
        assertThat(lab.newestRows()).isEqualTo(liveRows());
        long end = before.watermark().orElseThrow().seq();
        assertThat(lab.rows(after, end)).as("before the gap").isEqualTo(lab.rows(before, end));
    }

    /** A table that was dropped unseen is one of its own when it comes again. */
    private void assertGoesOn() throws Exception {
        database.execute("CREATE TABLE gone (id int PRIMARY KEY)", "INSERT INTO t (id, v) VALUES (101, 'after')");
        lab.awaitArchived();
        lab.stop();
        lab.start();
        database.execute("INSERT INTO gone VALUES (1)", "DELETE FROM t WHERE id = 101");
        ArchiveState later = lab.awaitArchived();
        assertThat(later.gaps()).filteredOn(each -> each.tables().isEmpty()).hasSize(1);
        assertThat(lab.newestRows()).isEqualTo(liveRows());
    }

    private List<String> liveRows() throws Exception {
        return database.query("SELECT * FROM t ORDER BY id").stream()
                .map(row -> String.join("|", row.stream().map(String::valueOf).toList()))
                .toList();
    }

    private static Properties client() {
        Properties settings = new Properties();
        settings.put("bootstrap.servers", broker.bootstrapServers());
        return settings;
    }

    private void deleteTopic(String topic) throws Exception {
        try (Admin admin = Admin.create(client())) {
            admin.deleteTopics(List.of(topic)).all().get(30, TimeUnit.SECONDS);
            await().atMost(GapLab.PATIENCE).until(() -> !admin.listTopics()
                    .names()
                    .get(30, TimeUnit.SECONDS)
                    .contains(topic));
        }
    }

    private void expireRecords() throws Exception {
        TopicPartition changes = new TopicPartition(kafka.changesTopic(id), 0);
        try (Admin admin = Admin.create(client())) {
            admin.deleteRecords(Map.of(changes, RecordsToDelete.beforeOffset(-1)))
                    .all()
                    .get(30, TimeUnit.SECONDS);
        }
    }

    private void cutOffEnd(long bytes) throws IOException {
        Path partition = brokerFolder.resolve("log").resolve(kafka.changesTopic(id) + "-0");
        List<Path> files;
        try (Stream<Path> all = Files.list(partition)) {
            files = all.sorted(Comparator.reverseOrder()).toList();
        }
        Path segment = files.stream()
                .filter(file -> file.toString().endsWith(".log"))
                .findFirst()
                .orElseThrow();
        try (RandomAccessFile file = new RandomAccessFile(segment.toFile(), "rw")) {
            file.setLength(file.length() - bytes);
        }
        Files.deleteIfExists(brokerFolder.resolve("log").resolve(".kafka_cleanshutdown"));
        for (Path file : files) {
            if (file.toString().endsWith(".snapshot") || file.toString().endsWith("index")) {
                Files.deleteIfExists(file);
            }
        }
    }

    private List<ProducerRecord<byte[], byte[]>> readState() {
        List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
        TopicPartition partition = new TopicPartition(kafka.stateTopic(id), 0);
        var settings = client();
        settings.put("isolation.level", "read_committed");
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            long end = consumer.endOffsets(List.of(partition)).get(partition);
            while (consumer.position(partition) < end) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofSeconds(1))) {
                    records.add(new ProducerRecord<>(record.topic(), 0, record.key(), record.value()));
                }
            }
        }
        return records;
    }

    private void writeState(List<ProducerRecord<byte[], byte[]>> records) {
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(client(), new ByteArraySerializer(), new ByteArraySerializer())) {
            records.forEach(producer::send);
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> all = Files.walk(from)) {
            for (Path each : all.toList()) {
                Path target = to.resolve(from.relativize(each).toString());
                Files.createDirectories(target.getParent());
                if (Files.isRegularFile(each)) {
                    Files.copy(each, target, StandardCopyOption.REPLACE_EXISTING);
                }
            }
        }
    }

    private static void deleteTree(Path root) throws IOException {
        try (Stream<Path> all = Files.walk(root)) {
            for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(each);
            }
        }
    }
}
