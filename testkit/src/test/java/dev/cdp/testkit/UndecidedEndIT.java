package dev.cdp.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.cdp.core.ChangeEvent;
import dev.cdp.core.ChangeRecord;
import dev.cdp.core.SourceId;
import dev.cdp.core.topic.ChangeTopicReader;
import dev.cdp.core.topic.ChangeTopicWriter;
import dev.cdp.core.topic.ChangeTopics;
import dev.cdp.core.topic.KafkaAccess;
import dev.cdp.core.topic.KafkaOffset;
import dev.cdp.core.topic.TopicEnding;
import dev.cdp.embedded.EmbeddedKafka;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a writer does with the transaction of a broker that stopped before it had written all of its markers, as a {@code
 * kill -9} leaves it one time in dozens: the marker at the end of a topic is cut off its file.
 */
class UndecidedEndIT {
    private static final String STATE = "capture-state";
    private static final String CHANGES = "changes";
    private static final int BATCH_HEADER = 12; // offset, and the length of what follows

    private static final SourceId STATE_CUT = new SourceId("state-cut");
    private static final SourceId CHANGES_CUT = new SourceId("changes-cut");
    private static final SourceId BOTH_CUT = new SourceId("both-cut");
    private static final SourceId DISCARDED_CUT = new SourceId("discarded-cut");
    private static final SourceId EMPTY_CUT = new SourceId("empty-cut");

    @TempDir
    private static Path directory;

    private static EmbeddedKafka kafka;

    @BeforeAll
    static void stopBetweenMarkers() throws IOException {
        kafka = EmbeddedKafka.start(directory);
        commit(STATE_CUT, writer -> write(writer, 2));
        commit(CHANGES_CUT, writer -> write(writer, 2));
        commit(BOTH_CUT, writer -> write(writer, 2));
        commit(DISCARDED_CUT, writer -> {
            writer.begin();
            writer.append(record(2));
            awaitWritten(DISCARDED_CUT, 3); // the first record, its marker, this one
            writer.discard();
        });
        commit(EMPTY_CUT, writer -> {
            writer.begin();
            writer.commit(Map.of("last", "none"));
        });
        kafka.close();
        cutMarker(STATE_CUT, STATE);
        cutMarker(CHANGES_CUT, CHANGES);
        cutMarker(BOTH_CUT, STATE);
        cutMarker(BOTH_CUT, CHANGES);
        cutMarker(DISCARDED_CUT, CHANGES);
        cutMarker(EMPTY_CUT, STATE);
        for (String known : List.of(".kafka_cleanshutdown", "recovery-point-offset-checkpoint")) {
            Files.deleteIfExists(directory.resolve("log").resolve(known)); // the broker looks at the files instead
        }
        kafka = EmbeddedKafka.start(directory);
    }

    @AfterAll
    static void stop() {
        kafka.close();
    }

    @Test
    void changesThatAreCommittedKeepTheirState() {
        assertGoesOnAfter(STATE_CUT, 2);
    }

    @Test
    void stateThatIsCommittedKeepsItsChanges() {
        assertGoesOnAfter(CHANGES_CUT, 2);
    }

    @Test
    void whatNobodyCanHaveSeenIsGivenUpInBoth() {
        assertGoesOnAfter(BOTH_CUT, 1);
    }

    /** Nothing may bring back what was discarded: not the next commit, which ends all that is open. */
    @Test
    void whatWasDiscardedStaysAway() {
        assertGoesOnAfter(DISCARDED_CUT, 1);
    }

    @Test
    void stateOfNoChangesIsGivenUp() {
        assertGoesOnAfter(EMPTY_CUT, 1);
    }

    private static void commit(SourceId source, Consumer<ChangeTopicWriter> last) {
        try (ChangeTopics topics = ChangeTopics.open(access())) {
            topics.create(source);
        }
        try (ChangeTopicWriter writer = ChangeTopicWriter.open(access(), source)) {
            write(writer, 1);
            last.accept(writer);
        }
    }

    private static void awaitWritten(SourceId source, long end) {
        TopicPartition changes = new TopicPartition(access().changesTopic(source), 0);
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()))) {
            await().until(() -> admin.listOffsets(Map.of(changes, OffsetSpec.latest()))
                            .partitionResult(changes)
                            .get()
                            .offset()
                    == end);
        }
    }

    private static KafkaAccess access() {
        return new KafkaAccess(kafka.bootstrapServers(), "cdp", Map.of());
    }

    private static void write(ChangeTopicWriter writer, long seq) {
        writer.begin();
        writer.append(record(seq));
        writer.commit(Map.of("last", Long.toString(seq)));
    }

    private static ChangeRecord record(long seq) {
        return new ChangeRecord(1, seq, Instant.EPOCH, new ChangeEvent.Marker(seq, null, "", Instant.EPOCH));
    }

    /** State and changes tell the same, and so do those of the next writer. */
    private static void assertGoesOnAfter(SourceId source, long last) {
        try (ChangeTopicWriter writer = ChangeTopicWriter.open(access(), source)) {
            assertThat(writer.state("last")).contains(Long.toString(last));
            assertThat(writer.ending()).isEqualTo(TopicEnding.AS_WRITTEN);
            for (long seq = last + 1; seq <= last + 3; seq++) {
                write(writer, seq);
            }
        }
        try (ChangeTopicWriter writer = ChangeTopicWriter.open(access(), source)) {
            assertThat(writer.state("last")).contains(Long.toString(last + 3));
            assertThat(writer.ending()).isEqualTo(TopicEnding.AS_WRITTEN);
            assertThat(readAll(source)).containsExactlyElementsOf(numbersUpTo(last + 3));
        }
    }

    private static List<Long> numbersUpTo(long last) {
        return Stream.iterate(1L, number -> number + 1).limit(last).toList();
    }

    private static List<Long> readAll(SourceId source) {
        List<Long> seqs = new ArrayList<>();
        try (ChangeTopicReader reader = ChangeTopicReader.open(access(), source, KafkaOffset.START)) {
            KafkaOffset end = reader.end();
            while (reader.position().compareTo(end) < 0) {
                reader.poll(Duration.ofMillis(100))
                        .forEach(received -> seqs.add(received.record().seq()));
            }
        }
        return seqs;
    }

    private static void cutMarker(SourceId source, String topic) throws IOException {
        cutLastBatch(directory.resolve("log").resolve("cdp." + source + "." + topic + "-0"));
    }

    private static void cutLastBatch(Path partition) throws IOException {
        try (Stream<Path> files = Files.list(partition)) {
            for (Path file : files.toList()) {
                String name = file.getFileName().toString();
                if (name.endsWith(".snapshot") || name.endsWith("index")) {
                    Files.delete(file);
                }
            }
        }
        try (RandomAccessFile file = new RandomAccessFile(
                partition.resolve("00000000000000000000.log").toFile(), "rw")) {
            long last = 0;
            for (long at = 0; at < file.length(); ) {
                last = at;
                byte[] header = new byte[BATCH_HEADER];
                file.seek(at);
                file.readFully(header);
                at += BATCH_HEADER + ByteBuffer.wrap(header).getInt(Long.BYTES);
            }
            file.setLength(last);
        }
    }
}
