package dev.cdp.archiver;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cdp.core.Engine;
import dev.cdp.core.SourceId;
import dev.cdp.core.archive.ArchiveAccess;
import dev.cdp.core.archive.Ledger;
import dev.cdp.core.archive.LedgerEntry.Content;
import dev.cdp.core.archive.LedgerEntry.TopicProgress;
import dev.cdp.core.archive.ObjectStore;
import dev.cdp.core.archive.VerificationFinding;
import dev.cdp.core.archive.VerificationFinding.Kind;
import dev.cdp.core.topic.ChangeTopicWriter;
import dev.cdp.core.topic.ChangeTopics;
import dev.cdp.core.topic.KafkaAccess;
import dev.cdp.core.topic.KafkaOffset;
import dev.cdp.testkit.RandomHistory;
import dev.cdp.testkit.SyntheticSource;
import dev.cdp.testkit.services.TestKafka;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A ledger and the topic that goes on where it ends, or does not. */
class LedgerEndIT {
    private static final SourceId SHOP = new SourceId("shop");
    private static final int RECORDS = 20;

    @TempDir
    private Path folder;

    private KafkaAccess kafka;

    @BeforeEach
    void write() {
        kafka = new KafkaAccess(
                TestKafka.shared().bootstrapServers(), TestKafka.shared().freshName("ledger-end"), Map.of());
        SyntheticSource source = RandomHistory.of(SHOP, 11, RECORDS);
        try (ChangeTopics topics = ChangeTopics.open(kafka)) {
            topics.create(SHOP);
        }
        try (ChangeTopicWriter writer = ChangeTopicWriter.open(kafka, SHOP)) {
            writer.begin();
            source.records().subList(0, RECORDS).forEach(writer::append);
            writer.commit(Map.of());
        }
    }

    @Test
    void findsNothingWhereTheTopicGoesOn() {
        assertThat(verify(identity(), 10)).isEmpty();

        trim(10);
        assertThat(verify(identity(), 10)).isEmpty();
    }

    @Test
    void findsThatEntriesAreGoneWhoseRecordsKafkaHasDeleted() {
        trim(12);

        assertThat(verify(identity(), 10)).hasValueSatisfying(finding -> {
            assertThat(finding.kind()).isEqualTo(Kind.ROLLED_BACK);
            assertThat(finding.what())
                    .startsWith("The ledger ends with entry 1 and goes on at offset 10 of the change topic;"
                            + " that begins at offset 12: newest entries were deleted");
        });
    }

    @Test
    void findsATopicThatEndsEarlierOrIsAnother() {
        assertThat(verify(identity(), 1000))
                .hasValueSatisfying(finding -> assertThat(finding.what()).contains("that ends at offset"));
        assertThat(verify("another", 10)).hasValueSatisfying(finding -> assertThat(finding.what())
                .contains("that was deleted and created again"));
    }

    private Optional<VerificationFinding> verify(String topicId, long nextOffset) {
        Path archive = folder.resolve(topicId + nextOffset + System.nanoTime());
        try (ObjectStore store = ArchiveAccess.file(archive).open()) {
            Ledger ledger = Ledger.open(store, SHOP, Engine.POSTGRESQL, Clock.systemUTC());
            ledger.commit(new Content(
                    1,
                    new TopicProgress(topicId, nextOffset, 5),
                    null,
                    List.of(),
                    List.of(),
                    List.of(),
                    List.of(),
                    List.of(),
                    List.of(),
                    List.of(),
                    List.of(),
                    List.of(),
                    List.of()));
            return LedgerEnd.verify(kafka, ledger.state());
        }
    }

    private String identity() {
        try (ChangeTopics topics = ChangeTopics.open(kafka)) {
            return topics.identity(SHOP).orElseThrow();
        }
    }

    private void trim(long offset) {
        try (ChangeTopics topics = ChangeTopics.open(kafka)) {
            topics.trim(SHOP, new KafkaOffset(offset));
        }
    }
}
