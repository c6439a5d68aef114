package dev.cdp.archiver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.cdp.archiver.ArchiverStatus.State;
import dev.cdp.core.ChangeRecord;
import dev.cdp.core.DataSize;
import dev.cdp.core.Engine;
import dev.cdp.core.SourceId;
import dev.cdp.core.archive.ArchiveAccess;
import dev.cdp.core.archive.ArchiveState;
import dev.cdp.core.archive.ArchiveVerifier;
import dev.cdp.core.archive.ArchiveVerifier.Sampling;
import dev.cdp.core.archive.Ledger;
import dev.cdp.core.archive.ObjectStore;
import dev.cdp.core.topic.ChangeTopicWriter;
import dev.cdp.core.topic.ChangeTopics;
import dev.cdp.core.topic.KafkaAccess;
import dev.cdp.testkit.SyntheticSource;
import dev.cdp.testkit.faults.FaultResult.Harm;
import dev.cdp.testkit.faults.S3FaultProxy;
import dev.cdp.testkit.services.TestKafka;
import dev.cdp.testkit.services.TestS3;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.SoftAssertions;

/** A change topic of one synthetic source, an archive of it in a bucket, and ways to it that can fail. */
final class S3Archive implements AutoCloseable {
    static final SourceId SHOP = new SourceId("shop");
    static final Duration LIMIT = Duration.ofSeconds(90);

    private final Path folder;
    private final String url = "s3://" + TestS3.shared().createBucket("archiver") + "/cdp";
    private final List<ObjectStore> stores = new ArrayList<>();
    private final List<Running> started = new ArrayList<>();
    private final ChangeTopicWriter writer;
    private int written;

    final KafkaAccess kafka = new KafkaAccess(
            TestKafka.shared().bootstrapServers(), TestKafka.shared().freshName("archiver"), Map.of());
    final S3FaultProxy proxy;
    final ObjectStore direct;
    final SyntheticSource source = new SyntheticSource(SHOP);

    /** An archiver on a thread of its own. */
    record Running(ArchiverService service, Thread thread) {
        void stop() throws InterruptedException {
            service.stop();
            thread.join(LIMIT.toMillis());
            assertThat(thread.isAlive()).as("still runs after stop()").isFalse();
        }
    }

    S3Archive(Path folder, long seed) {
        this.folder = folder;
        proxy = S3FaultProxy.before(TestS3.shared().endpoint(), seed);
        direct = open(TestS3.shared().endpoint());
        try (ChangeTopics topics = ChangeTopics.open(kafka)) {
            topics.create(SHOP);
        }
        writer = ChangeTopicWriter.open(kafka, SHOP);
    }

    private ObjectStore open(URI endpoint) {
        ObjectStore store = new ArchiveAccess(url, TestS3.shared().settingsThrough(endpoint)).open();
        stores.add(store);
        return store;
    }

    String url() {
        return url;
    }

    Running startBehindProxy() {
        return start(openBehindProxy());
    }

    ObjectStore openBehindProxy() {
        return open(proxy.endpoint());
    }

    Running startDirectly() {
        return start(direct);
    }

    private Running start(ObjectStore store) {
        ArchiverService service = new ArchiverService(
                settings(kafka, folder.resolve("staging-" + started.size())), store, Clock.systemUTC());
        Thread thread = new Thread(service, "archiver-shop-" + started.size());
        thread.setUncaughtExceptionHandler((failed, failure) -> {}); // the status says it
        thread.start();
        Running running = new Running(service, thread);
        started.add(running);
        return running;
    }

    static ArchiverSettings settings(KafkaAccess kafka, Path staging) {
        return new ArchiverSettings(
                SHOP, Engine.POSTGRESQL, kafka, staging, Duration.ofMillis(20), DataSize.ofMebibytes(1), LIMIT);
    }

    /** Writes what the source has recorded since the last call into the topic. */
    void write() {
        List<ChangeRecord> records = source.records();
        writer.begin();
        records.subList(written, records.size()).forEach(writer::append);
        writer.commit(Map.of());
        written = records.size();
    }

    void awaitArchived(Running archiver) {
        await().atMost(LIMIT).pollInterval(Duration.ofMillis(10)).until(() -> {
            ArchiverStatus status = archiver.service().status();
            assertThat(status.state()).as("problem: " + status.problem()).isNotEqualTo(State.FAILED);
            return status.watermark() != null && status.watermark().seq() == source.lastSeq();
        });
    }

    ArchiveState state() {
        return Ledger.openExisting(direct, SHOP).map(Ledger::state).orElseThrow();
    }

    /** Reads every change and transaction of the archive, and holds them against what was written. */
    Harm harm() throws IOException, SQLException {
        Path copy = Files.createTempDirectory(folder, "copy");
        for (String key : state().keys()) {
            Files.createDirectories(copy.resolve(key).getParent());
            assertThat(direct.download(key, copy.resolve(key)))
                    .as(key + " is there")
                    .isTrue();
        }
        ArchivedChanges archived = ArchivedChanges.read(direct, copy, SHOP);
        ArchivedChanges expected = ArchivedChanges.expected(source.records());
        return new Harm(
                missing(expected.changes(), archived.changes())
                        + missing(expected.transactions(), archived.transactions()),
                missing(archived.changes(), expected.changes())
                        + missing(archived.transactions(), expected.transactions()),
                0);
    }

    /** How many of {@code wanted} are not in {@code found}, counting repeats. */
    private static <T> long missing(List<T> wanted, List<T> found) {
        List<T> left = new ArrayList<>(wanted);
        Map<T, Integer> there = new HashMap<>();
        found.forEach(each -> there.merge(each, 1, Integer::sum));
        left.removeIf(each -> there.merge(each, -1, Integer::sum) >= 0);
        return left.size();
    }

    void requireSound(SoftAssertions softly) {
        softly.assertThat(ArchiveVerifier.verify(direct, SHOP, Sampling.EVERYTHING, progress -> {})
                        .findings())
                .isEmpty();
    }

    /** Objects that no entry names. */
    List<String> orphans() {
        HashSet<String> present = new HashSet<>(direct.list("sources/shop/history/"));
        present.addAll(direct.list("sources/shop/transactions/"));
        present.removeAll(state().keys());
        return present.stream().sorted().toList();
    }

    @Override
    public void close() {
        started.forEach(each -> each.thread().interrupt());
        started.forEach(S3Archive::join);
        writer.close();
        proxy.close();
        stores.forEach(ObjectStore::close);
    }

    private static void join(Running each) {
        try {
            each.thread().join(LIMIT.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
