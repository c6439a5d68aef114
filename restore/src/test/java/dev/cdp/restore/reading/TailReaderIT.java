package dev.cdp.restore.reading;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cdp.core.ChangeRecord;
import dev.cdp.core.Engine;
import dev.cdp.core.RowImage;
import dev.cdp.core.SourceId;
import dev.cdp.core.archive.ArchiveAccess;
import dev.cdp.core.archive.ContentCollector;
import dev.cdp.core.archive.Ledger;
import dev.cdp.core.archive.LedgerEntry.TopicProgress;
import dev.cdp.core.archive.ObjectStore;
import dev.cdp.core.fold.Fold;
import dev.cdp.core.fold.FoldDatabase;
import dev.cdp.core.fold.FoldedRows;
import dev.cdp.core.fold.TableFiles;
import dev.cdp.core.topic.ChangeTopicReader;
import dev.cdp.core.topic.ChangeTopicReader.Received;
import dev.cdp.core.topic.ChangeTopicWriter;
import dev.cdp.core.topic.ChangeTopics;
import dev.cdp.core.topic.KafkaAccess;
import dev.cdp.core.topic.KafkaOffset;
import dev.cdp.core.topic.TransactionAssembler;
import dev.cdp.core.topic.TransactionAssembler.Transaction;
import dev.cdp.core.topic.TransactionAssembler.Unit;
import dev.cdp.testkit.RandomHistory;
import dev.cdp.testkit.ReplayModel;
import dev.cdp.testkit.SyntheticArchive;
import dev.cdp.testkit.SyntheticSource;
import dev.cdp.testkit.services.TestKafka;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The archive ends somewhere, the topic goes on: both together are the whole history. */
class TailReaderIT {
    private static final SourceId ORDERS = new SourceId("orders");

    @TempDir
    private Path folder;

    @Test
    void archiveAndTailTogetherEqualTheWholeHistory() {
        KafkaAccess kafka = new KafkaAccess(
                TestKafka.shared().bootstrapServers(), TestKafka.shared().freshName("tail"), Map.of());
        SyntheticSource source = new SyntheticSource(ORDERS);
        try (ObjectStore store = ArchiveAccess.file(folder.resolve("archive")).open()) {
            RandomHistory.grow(source, 11, 10);
            source.takeBase(store, folder.resolve("staging"));
            RandomHistory.grow(source, 12, 40);
            send(kafka, source.records());
            long archived = archiveHalf(kafka, store);

            SourceHistory history = new ArchiveReader(store, kafka, folder.resolve("work")).open(ORDERS);

            assertThat(history.tailMissing()).isNull();
            assertThat(history.archivedSeq()).isEqualTo(archived).isLessThan(source.lastSeq());
            assertThat(history.state().watermark().orElseThrow().seq()).isEqualTo(source.lastSeq());
            assertHolds(history, source);

            KafkaAccess nobody = new KafkaAccess("127.0.0.1:1", "nobody", Map.of());
            SourceHistory alone = new ArchiveReader(store, nobody, folder.resolve("work")).open(ORDERS);
            assertThat(alone.tailMissing()).isEqualTo("No broker answers at 127.0.0.1:1");
            assertThat(alone.state().watermark().orElseThrow().seq()).isEqualTo(archived);
            KafkaAccess other = new KafkaAccess(kafka.bootstrapServers(), "another", Map.of());
            SourceHistory elsewhere = new ArchiveReader(store, other, folder.resolve("work")).open(ORDERS);
            assertThat(elsewhere.tailMissing()).isEqualTo("Topic another.orders.changes does not exist");
        }
    }

    private static void send(KafkaAccess kafka, List<ChangeRecord> records) {
        try (ChangeTopics topics = ChangeTopics.open(kafka)) {
            topics.create(ORDERS);
        }
        try (ChangeTopicWriter writer = ChangeTopicWriter.open(kafka, ORDERS)) {
            for (int i = 0; i < records.size(); i += 50) {
                writer.begin();
                records.subList(i, Math.min(i + 50, records.size())).forEach(writer::append);
                writer.commit(Map.of());
            }
        }
    }

    /** Commits the first half of the topic's units. @return the last archived number */
    private long archiveHalf(KafkaAccess kafka, ObjectStore store) {
        String topicId;
        try (ChangeTopics topics = ChangeTopics.open(kafka)) {
            topicId = topics.identity(ORDERS).orElseThrow();
        }
        List<Unit> units = new ArrayList<>();
        try (ChangeTopicReader reader = ChangeTopicReader.open(kafka, ORDERS, KafkaOffset.START);
                TransactionAssembler assembler =
                        new TransactionAssembler(ORDERS, 0, 0, folder.resolve("spill"), Long.MAX_VALUE)) {
            KafkaOffset end = reader.end();
            while (reader.position().compareTo(end) < 0) {
                for (Received received : reader.poll(Duration.ofSeconds(2))) {
                    Optional<Unit> unit = assembler.accept(received);
                    unit.ifPresent(units::add);
                }
            }
        }
        long last = 0;
        try (ContentCollector collector = new ContentCollector(ORDERS, folder.resolve("staging"), 1 << 20, List.of())) {
            Unit half = units.get(0);
            for (Unit unit : units.subList(0, units.size() / 2)) {
                collector.accept(unit);
                half = unit;
                last = unit instanceof Transaction transaction ? transaction.lastSeq() : last;
            }
            ContentCollector.Collected collected =
                    collector.take(new TopicProgress(topicId, half.next().value(), last));
            collected
                    .files()
                    .history()
                    .forEach(file -> store.put(file.entry().object().key(), file.path()));
            collected
                    .files()
                    .transactions()
                    .forEach(file -> store.put(file.entry().object().key(), file.path()));
            Ledger.open(store, ORDERS, Engine.POSTGRESQL, Clock.systemUTC()).commit(collected.content());
        }
        return last;
    }

    private void assertHolds(SourceHistory history, SyntheticSource source) {
        ReplayModel model = new ReplayModel();
        for (Unit unit : SyntheticArchive.units(source.records())) {
            if (unit instanceof Transaction transaction) {
                model.applyAll(transaction.events());
            }
        }
        FoldDatabase.Limits limits =
                new FoldDatabase.Limits(dev.cdp.core.DataSize.ofMebibytes(256), 1, folder.resolve("fold-spill"));
        try (FoldDatabase database = FoldDatabase.open(limits)) {
            for (TableFiles table : TableFiles.at(history.state(), source.lastSeq())) {
                List<RowImage> rows = new ArrayList<>();
                try (FoldedRows folded = Fold.open(database, "orders", table, history::local, Fold.Order.ANY)) {
                    for (RowImage row = folded.next(); row != null; row = folded.next()) {
                        rows.add(row);
                    }
                }
                assertThat(rows)
                        .containsExactlyInAnyOrderElementsOf(
                                model.rows(table.schema().tableId()));
            }
        }
    }
}
