package dev.cdp.archiver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.cdp.core.ChangeEvent;
import dev.cdp.core.DataSize;
import dev.cdp.core.Engine;
import dev.cdp.core.SourceId;
import dev.cdp.core.archive.ArchiveAccess;
import dev.cdp.core.archive.ArchiveAccess.S3;
import dev.cdp.core.archive.ArchiveState;
import dev.cdp.core.archive.ArchiveVerifier;
import dev.cdp.core.archive.ArchiveVerifier.Report;
import dev.cdp.core.archive.ArchiveVerifier.Sampling;
import dev.cdp.core.archive.Ledger;
import dev.cdp.core.archive.ObjectStore;
import dev.cdp.core.topic.ChangeTopicWriter;
import dev.cdp.core.topic.ChangeTopics;
import dev.cdp.core.topic.KafkaAccess;
import dev.cdp.testkit.RandomHistory;
import dev.cdp.testkit.SyntheticSource;
import dev.cdp.testkit.services.TestKafka;
import dev.cdp.testkit.services.TestS3;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The archiver with its archive in a bucket; everything else about it is held by {@link ArchiverServiceIT}. */
class ArchiverOnS3IT {
    private static final SourceId SHOP = new SourceId("shop");
    private static final Duration LIMIT = Duration.ofSeconds(60);

    @TempDir
    private Path folder;

    @Test
    void archivesEveryTransactionIntoABucket() throws Exception {
        KafkaAccess kafka = new KafkaAccess(
                TestKafka.shared().bootstrapServers(), TestKafka.shared().freshName("archiver-s3"), Map.of());
        SyntheticSource source = RandomHistory.of(SHOP, 11, 20);
        write(kafka, source);
        S3 settings = TestS3.shared().settings();
        String bucket = TestS3.shared().createBucket("archiver");

        try (ObjectStore store = new ArchiveAccess("s3://" + bucket + "/cdp", settings).open()) {
            archive(kafka, store, source.lastSeq());

            Report report = ArchiveVerifier.verify(store, SHOP, Sampling.EVERYTHING, progress -> {});
            assertThat(report.findings()).isEmpty();
            ArchiveState state =
                    Ledger.openExisting(store, SHOP).map(Ledger::state).orElseThrow();
            long transactions = state.transactions().stream()
                    .mapToLong(file -> file.object().rowCount())
                    .sum();
            assertThat(transactions)
                    .isEqualTo(source.records().stream()
                            .filter(record -> record.event() instanceof ChangeEvent.TransactionEnd)
                            .count());
        }
    }

    private void archive(KafkaAccess kafka, ObjectStore store, long lastSeq) throws InterruptedException {
        ArchiverSettings settings = new ArchiverSettings(
                SHOP,
                Engine.POSTGRESQL,
                kafka,
                folder.resolve("staging"),
                Duration.ofMillis(50),
                DataSize.ofMebibytes(1),
                LIMIT);
        ArchiverService service = new ArchiverService(settings, store, Clock.systemUTC());
        Thread thread = new Thread(service, "archiver-shop");
        thread.start();
        await().atMost(LIMIT).until(() -> {
            ArchiverStatus status = service.status();
            return status.watermark() != null && status.watermark().seq() == lastSeq;
        });
        service.stop();
        thread.join(LIMIT.toMillis());
        assertThat(thread.isAlive()).as("still runs after stop()").isFalse();
    }

    private static void write(KafkaAccess kafka, SyntheticSource source) {
        try (ChangeTopics topics = ChangeTopics.open(kafka)) {
            topics.create(SHOP);
        }
        try (ChangeTopicWriter writer = ChangeTopicWriter.open(kafka, SHOP)) {
            writer.begin();
            source.records().forEach(writer::append);
            writer.commit(Map.of());
        }
    }
}
