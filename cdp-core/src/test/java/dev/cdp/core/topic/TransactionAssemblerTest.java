package dev.cdp.core.topic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cdp.core.ChangeEvent;
import dev.cdp.core.ChangeEvent.Operation;
import dev.cdp.core.ChangeEvent.RowChange;
import dev.cdp.core.ChangeRecord;
import dev.cdp.core.Lsn;
import dev.cdp.core.RowImage;
import dev.cdp.core.SourceId;
import dev.cdp.core.SourcePosition;
import dev.cdp.core.TableId;
import dev.cdp.core.topic.ChangeTopicReader.Received;
import dev.cdp.core.topic.TransactionAssembler.Notice;
import dev.cdp.core.topic.TransactionAssembler.Transaction;
import dev.cdp.core.topic.TransactionAssembler.Unit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TransactionAssemblerTest {
    private static final SourceId SHOP = new SourceId("shop");
    private static final SourcePosition HERE = new SourcePosition.Postgres(new Lsn(16));
    private static final Instant NOW = Instant.parse("2026-11-21T00:00:00Z");
    private static final long ENOUGH_BYTES = 1 << 20;

    @TempDir
    private Path spill;

    private TransactionAssembler assembler;
    private long offset;

    @BeforeEach
    void startEpochOne() {
        assembler = new TransactionAssembler(SHOP, 0, 0, spill, ENOUGH_BYTES);
        accept(1, 0, new ChangeEvent.StreamStart(HERE));
    }

    @AfterEach
    void close() {
        assembler.close();
    }

    @Test
    void handsOutATransactionWhenItsEndComes() {
        assertThat(accept(1, 1, insert(1))).isEmpty();
        assertThat(accept(1, 2, insert(2))).isEmpty();
        List<Unit> units = accept(1, 2, end(2));

        assertThat(units).singleElement().satisfies(unit -> {
            Transaction transaction = (Transaction) unit;
            assertThat(transaction.firstSeq()).isEqualTo(1);
            assertThat(transaction.lastSeq()).isEqualTo(2);
            assertThat(transaction.next()).isEqualTo(new KafkaOffset(offset));
            assertThat(transaction.events()).extracting(ChangeRecord::seq).containsExactly(1L, 2L);
        });
    }

    @Test
    void refusesAHoleBetweenTwoChanges() {
        accept(1, 1, insert(1));

        assertThatThrownBy(() -> accept(1, 3, insert(3)))
                .isInstanceOf(TopicDamagedException.class)
                .hasMessageContaining("damaged at offset 2: change 3 stands where 2 is due");
    }

    @Test
    void refusesATransactionThatIsMissing() {
        accept(1, 1, insert(1));
        accept(1, 1, end(1));

        assertThatThrownBy(() -> accept(1, 3, insert(3))).hasMessageContaining("change 3 stands where 2 is due");
    }

    @Test
    void refusesAChangeThatStandsTwice() {
        accept(1, 1, insert(1));
        accept(1, 1, end(1));

        assertThatThrownBy(() -> accept(1, 1, insert(1))).hasMessageContaining("change 1 stands where 2 is due");
    }

    @Test
    void refusesATransactionThatLostItsFirstChanges() {
        accept(1, 1, insert(1));

        assertThatThrownBy(() -> accept(1, 1, end(2))).hasMessageContaining("after 2 events; found 1 up to 1");
    }

    @Test
    void refusesAnEndWithoutABeginning() {
        assertThatThrownBy(() -> accept(1, 1, end(1))).hasMessageContaining("ends without a beginning");
    }

    @Test
    void refusesANoticeInsideOfATransaction() {
        accept(1, 1, insert(1));

        assertThatThrownBy(() -> accept(1, 1, new ChangeEvent.DefinitionRead("{}")))
                .hasMessageContaining("DefinitionRead inside of a transaction");
    }

    @Test
    void discardsWhatCaptureSendsAgain() {
        accept(1, 1, insert(1));
        accept(1, 2, insert(2));
        assertThat(accept(1, 0, new ChangeEvent.StreamStart(HERE)))
                .singleElement()
                .isInstanceOf(Notice.class);
        accept(1, 1, insert(1));
        List<Unit> units = accept(1, 1, end(1));

        assertThat(((Transaction) units.get(0)).events()).hasSize(1);
    }

    @Test
    void refusesARestartThatForgetsATransaction() {
        accept(1, 1, insert(1));
        accept(1, 1, end(1));

        assertThatThrownBy(() -> accept(1, 0, new ChangeEvent.StreamStart(HERE)))
                .hasMessageContaining("StreamStart at change 0 of epoch 1 stands where change 1 of epoch 1 ended");
    }

    @Test
    void entersTheNextEpochThroughAGapAndInNoOtherWay() {
        accept(1, 1, insert(1));
        accept(1, 1, end(1));
        assertThatThrownBy(() -> accept(2, 2, insert(2))).hasMessageContaining("epoch 2 follows 1 without a start");

        long begin = 1L << 32;
        accept(2, begin, new ChangeEvent.Gap(HERE, null, "slot lost", List.of()));
        accept(2, begin + 1, insert(1));
        Transaction transaction = (Transaction) accept(2, begin + 1, end(1)).get(0);

        assertThat(transaction.epoch()).isEqualTo(2);
        assertThat(transaction.firstSeq()).isEqualTo(begin + 1);
    }

    @Test
    void continuesWhereAnEarlierReaderEnded() {
        try (TransactionAssembler next = new TransactionAssembler(SHOP, 3, 41, spill, ENOUGH_BYTES)) {
            assembler = next;
            accept(3, 42, insert(1));

            assertThat(accept(3, 42, end(1))).hasSize(1);
        }
    }

    @Test
    void givesTheSameEventsFromDiskAsFromMemoryAndLeavesNothingThere() throws IOException {
        List<ChangeRecord> inMemory = transactionOf(500);
        assembler.close();
        assembler = new TransactionAssembler(SHOP, 1, 0, spill, 1000);
        List<ChangeRecord> spilled = new ArrayList<>();
        for (int i = 1; i <= 500; i++) {
            accept(1, i, insert(i));
        }
        try (Transaction transaction = (Transaction) accept(1, 500, end(500)).get(0)) {
            transaction.events().forEach(spilled::add);
            assertThat(transaction.events()).as("read a second time").hasSize(500);
            assertThat(filesIn(spill)).isEqualTo(1);
        }

        assertThat(spilled).isEqualTo(inMemory);
        assertThat(filesIn(spill)).isZero();
    }

    @Test
    void leavesNoSpillFileOfADiscardedTransaction() throws IOException {
        assembler.close();
        assembler = new TransactionAssembler(SHOP, 1, 0, spill, 100);
        for (int i = 1; i <= 50; i++) {
            accept(1, i, insert(i));
        }
        assertThat(filesIn(spill)).isEqualTo(1);

        accept(1, 0, new ChangeEvent.StreamStart(HERE));

        assertThat(filesIn(spill)).isZero();
    }

    private List<ChangeRecord> transactionOf(int changes) {
        for (int i = 1; i <= changes; i++) {
            accept(1, i, insert(i));
        }
        List<ChangeRecord> events = new ArrayList<>();
        ((Transaction) accept(1, changes, end(changes)).get(0)).events().forEach(events::add);
        return events;
    }

    private List<Unit> accept(int epoch, long seq, ChangeEvent event) {
        ChangeRecord record = new ChangeRecord(epoch, seq, NOW, event);
        Received received = new Received(
                new KafkaOffset(offset),
                new KafkaOffset(offset + 1),
                record,
                new ChangeRecordCodec().encode(record).length);
        offset++;
        return assembler.accept(received).stream().toList();
    }

    private static RowChange insert(long id) {
        return new RowChange(Operation.INSERT, new TableId(1), 1, null, RowImage.of(id, "row " + id));
    }

    private static ChangeEvent.TransactionEnd end(long eventCount) {
        return new ChangeEvent.TransactionEnd("7", HERE, NOW, eventCount);
    }

    private static long filesIn(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.count();
        }
    }
}
