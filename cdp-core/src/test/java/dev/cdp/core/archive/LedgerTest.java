package dev.cdp.core.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cdp.core.ChangeEvent;
import dev.cdp.core.Engine;
import dev.cdp.core.Lsn;
import dev.cdp.core.SourceId;
import dev.cdp.core.SourcePosition;
import dev.cdp.core.StoredObject;
import dev.cdp.core.TableId;
import dev.cdp.core.TableName;
import dev.cdp.core.TableSchema;
import dev.cdp.core.Watermark;
import dev.cdp.core.definition.SequenceValue;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LedgerTest {
    private static final SourceId ORDERS = new SourceId("orders");
    private static final TableName TABLE = new TableName("public", "t");
    private static final LocalDate DAY = LocalDate.of(2026, 1, 1);

    @TempDir
    private Path folder;

    private ObjectStore store;

    @BeforeEach
    void openStore() {
        store = ArchiveAccess.file(folder).open();
    }

    /** As a store lists it that keeps an upload under way beside its name. */
    @Test
    void takesAnUploadUnderWayForNoEntry() {
        open().commit(upTo(1));
        store.putDerived(
                ArchiveLayout.ledgerEntry(ORDERS, 2) + "-2d7ba5c0-e3b4", "half".getBytes(StandardCharsets.UTF_8));

        assertThat(open().state().entryNumber()).isEqualTo(1);
    }

    @Test
    void addsUpToTheSameStateWhenOpenedAgain() {
        Ledger writer = open();
        for (long seq = 1; seq <= 150; seq++) { // passes two checkpoints
            writer.commit(upTo(seq));
        }

        ArchiveState reopened = open().state();

        assertThat(reopened.entryNumber()).isEqualTo(150);
        assertThat(reopened.headSha256()).isEqualTo(writer.state().headSha256());
        assertThat(reopened.watermark()).isEqualTo(writer.state().watermark());
        assertThat(reopened.total()).isEqualTo(writer.state().total());
        assertThat(reopened.topic()).isEqualTo(writer.state().topic());
        assertThat(reopened.epoch()).isEqualTo(1);
        assertThat(List.of(
                        reopened.schemaVersions(),
                        reopened.droppedTables(),
                        reopened.history(),
                        reopened.transactions(),
                        reopened.bases(),
                        reopened.marks(),
                        reopened.statements(),
                        reopened.gaps(),
                        reopened.definitions(),
                        reopened.sequences()))
                .as("what checkpoints hold: everything")
                .allSatisfy(kind -> assertThat(kind).hasSize(150));
    }

    @Test
    void opensFromTheEntriesAloneWhenCheckpointsAreLost() {
        Ledger writer = open();
        for (long seq = 1; seq <= 70; seq++) {
            writer.commit(upTo(seq));
        }
        store.list(ArchiveLayout.checkpoints(ORDERS)).forEach(store::delete);

        assertThat(open().state().total()).isEqualTo(writer.state().total());
    }

    @Test
    void stopsTheWriterThatSomebodyElseOvertook() {
        Ledger first = open();
        Ledger second = open();
        second.commit(upTo(1));

        assertThatThrownBy(() -> first.commit(upTo(1)))
                .isInstanceOf(LedgerFencedException.class)
                .hasMessageContaining("Another process archives source 'orders': ledger entry 1");
        assertThat(open().state().entryNumber()).isEqualTo(1);
    }

    @Test
    void noticesAnEntryThatWasChanged() {
        Ledger writer = open();
        writer.commit(upTo(1));
        writer.commit(upTo(2));
        String key = ArchiveLayout.ledgerEntry(ORDERS, 1);
        String changed = new String(store.get(key).orElseThrow(), StandardCharsets.UTF_8).replace("0/1", "0/2");
        store.putDerived(key, changed.getBytes(StandardCharsets.UTF_8));

        assertThatThrownBy(this::open)
                .isInstanceOf(ArchiveDamagedException.class)
                .hasMessageContaining("Ledger entry " + key + " cannot be read: its content does not have the SHA-256");
    }

    @Test
    void noticesAnyFlippedBitOfTheNewestEntryWhichNoOtherFollows() {
        open().commit(upTo(1));
        String key = ArchiveLayout.ledgerEntry(ORDERS, 1);
        byte[] sound = store.get(key).orElseThrow();

        for (int bit = 0; bit < sound.length * 8; bit++) {
            byte[] changed = flipped(sound, bit);
            assertThatThrownBy(() -> Ledger.parse(ORDERS, 1, changed)).isInstanceOf(ArchiveDamagedException.class);
        }
        store.putDerived(key, flipped(sound, sound.length * 4));
        assertThatThrownBy(this::open).isInstanceOf(ArchiveDamagedException.class);
    }

    @Test
    void noticesAnEntryInThePlaceOfAnother() {
        Ledger writer = open();
        writer.commit(upTo(1));
        writer.commit(upTo(2));
        byte[] first = store.get(ArchiveLayout.ledgerEntry(ORDERS, 1)).orElseThrow();
        store.putDerived(ArchiveLayout.ledgerEntry(ORDERS, 2), first);

        assertThatThrownBy(this::open)
                .isInstanceOf(ArchiveDamagedException.class)
                .hasMessageContaining("Ledger entry 1 of source 'orders' does not follow entry 1");
    }

    @Test
    void refusesToEndBeforeAMissingEntry() {
        Ledger writer = open();
        for (long seq = 1; seq <= 5; seq++) {
            writer.commit(upTo(seq));
        }
        store.delete(ArchiveLayout.ledgerEntry(ORDERS, 3));

        assertThatThrownBy(this::open)
                .isInstanceOf(ArchiveDamagedException.class)
                .hasMessageContaining("Ledger entry " + ArchiveLayout.ledgerEntry(ORDERS, 3))
                .hasMessageContaining("is missing, and later ones are there");
    }

    @Test
    void refusesToEndBeforeACheckpointThatShowsItWasLonger() {
        Ledger writer = open();
        for (long seq = 1; seq <= 64; seq++) {
            writer.commit(upTo(seq));
        }
        store.delete(ArchiveLayout.ledgerEntry(ORDERS, 64));

        assertThatThrownBy(this::open)
                .isInstanceOf(ArchiveDamagedException.class)
                .hasMessageContaining("so the ledger was longer than it is");
    }

    @Test
    void passesOverACheckpointThatIsNotTheOneWritten() {
        Ledger writer = open();
        for (long seq = 1; seq <= 130; seq++) {
            writer.commit(upTo(seq));
        }
        String key = ArchiveLayout.checkpoint(ORDERS, 128);
        byte[] sound = store.get(key).orElseThrow();
        long seed = System.nanoTime();
        System.out.println("LedgerTest seed " + seed);
        Random random = new Random(seed);

        for (int flip = 0; flip < 10; flip++) {
            store.putDerived(key, flipped(sound, random.nextInt(sound.length * 8)));
            assertThat(open().state().total()).isEqualTo(writer.state().total());
        }
        store.putDerived(key, store.get(ArchiveLayout.checkpoint(ORDERS, 64)).orElseThrow());
        assertThat(open().state().total()).isEqualTo(writer.state().total());
        store.putDerived(key, checkpointOfAnotherHistory());
        assertThat(open().state().total()).isEqualTo(writer.state().total());
    }

    private byte[] checkpointOfAnotherHistory() {
        ObjectStore other = ArchiveAccess.file(folder.resolve("other")).open();
        Ledger writer = Ledger.open(other, ORDERS, Engine.POSTGRESQL, Clock.systemUTC());
        for (long seq = 1; seq <= 128; seq++) {
            writer.commit(upTo(seq + 1000));
        }
        return other.get(ArchiveLayout.checkpoint(ORDERS, 128)).orElseThrow();
    }

    private static byte[] flipped(byte[] bytes, int bit) {
        byte[] flipped = bytes.clone();
        flipped[bit / 8] ^= (byte) (1 << bit % 8);
        return flipped;
    }

    @Test
    void recoversItsOwnEntryAmongThoseOfSweepersAndNotAmongThoseOfArchivers() {
        Ledger writer = open();
        writer.commit(upTo(1));
        open().list(state -> List.of(new LedgerEntry.Deletion("left/behind", Instant.EPOCH)));

        writer.recover();

        assertThat(writer.state().entryNumber()).isEqualTo(2);
        assertThat(writer.state().deletions()).hasSize(1);
        open().commit(upTo(2));
        assertThatThrownBy(writer::recover)
                .isInstanceOf(LedgerFencedException.class)
                .hasMessageContaining("ledger entry 3")
                .hasMessageContaining("was written by")
                .hasMessageContaining("/" + ProcessHandle.current().pid() + "/");
    }

    @Test
    void keepsTheListOfDeletionsInCheckpoints() {
        Ledger writer = open();
        for (long seq = 1; seq <= 30; seq++) {
            writer.commit(upTo(seq));
        }
        List<LedgerEntry.Deletion> listed = List.of(new LedgerEntry.Deletion("left/behind", Instant.EPOCH));
        open().list(state -> listed);
        store.putDerived("object-31", new byte[1]); // looked for, since its entry goes behind the sweeper's
        for (long seq = 31; seq <= 70; seq++) {
            writer.commit(upTo(seq));
        }

        assertThat(store.list(ArchiveLayout.checkpoints(ORDERS))).hasSize(1);
        assertThat(open().state().deletions()).isEqualTo(listed);
        assertThat(open().state().entryNumber()).isEqualTo(71);
    }

    @Test
    void readsEntriesFromBeforeThereWereDeletions() {
        open().commit(upTo(1));
        String key = ArchiveLayout.ledgerEntry(ORDERS, 1);
        String older =
                new String(store.get(key).orElseThrow(), StandardCharsets.UTF_8).replace(",\"deletions\":null", "");
        store.putDerived(key, SealedJson.seal(older.replaceFirst(",\"sha256\":\"\\p{XDigit}{64}\"}$", "}")));

        assertThat(older).doesNotContain("deletions");
        assertThat(open().state().entryNumber()).isEqualTo(1);
    }

    private Ledger open() {
        return Ledger.open(store, ORDERS, Engine.POSTGRESQL, Clock.systemUTC());
    }

    private static LedgerEntry.Content upTo(long seq) {
        Watermark watermark =
                new Watermark(ORDERS, 1, seq, new SourcePosition.Postgres(new Lsn(seq)), Instant.ofEpochSecond(seq));
        LedgerEntry.Mark mark =
                new LedgerEntry.Mark("m" + seq, "r" + seq, 1, seq, Instant.ofEpochSecond(seq), Instant.EPOCH);
        TableSchema schema =
                new TableSchema(new TableId(1), (int) seq, TABLE, List.of(), List.of(), TableSchema.Identity.KEY);
        StoredObject object = new StoredObject("object-" + seq, 1, 1, "0".repeat(64));
        Instant commit = Instant.ofEpochSecond(seq);
        return new LedgerEntry.Content(
                1,
                new LedgerEntry.TopicProgress("topic", seq * 10, seq),
                watermark,
                List.of(new LedgerEntry.SchemaVersion(1, seq, schema)),
                List.of(new LedgerEntry.DroppedTable(new TableId(2), seq)),
                List.of(new LedgerEntry.HistoryFile(object, new TableId(1), (int) seq, 1, DAY, seq, seq, 0, null)),
                List.of(new LedgerEntry.TransactionsFile(object, 1, DAY, seq, seq, commit, commit)),
                List.of(new ChangeEvent.BaseSnapshot(
                        "b" + seq, seq, new SourcePosition.Postgres(new Lsn(seq)), commit, false, List.of())),
                List.of(mark),
                List.of(new LedgerEntry.Statement(1, seq, commit, "ALTER TABLE", "t", "alter table t")),
                List.of(new LedgerEntry.Gap(1, seq, null, null, commit, "reason", List.of(TABLE), null)),
                List.of(new LedgerEntry.Definition(1, seq, object)),
                List.of(new LedgerEntry.Sequences(
                        1, seq, List.of(new SequenceValue(SequenceValue.Kind.SEQUENCE, "public", "s", seq, true)))));
    }
}
