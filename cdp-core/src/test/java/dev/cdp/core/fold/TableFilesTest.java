package dev.cdp.core.fold;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cdp.core.ChangeEvent.BaseSnapshot;
import dev.cdp.core.ChangeEvent.BaseTable;
import dev.cdp.core.Engine;
import dev.cdp.core.Lsn;
import dev.cdp.core.SourceId;
import dev.cdp.core.SourcePosition;
import dev.cdp.core.StoredObject;
import dev.cdp.core.TableId;
import dev.cdp.core.TableName;
import dev.cdp.core.TableSchema;
import dev.cdp.core.Watermark;
import dev.cdp.core.archive.ArchiveAccess;
import dev.cdp.core.archive.ArchiveState;
import dev.cdp.core.archive.Ledger;
import dev.cdp.core.archive.LedgerEntry;
import dev.cdp.core.archive.LedgerEntry.Content;
import dev.cdp.core.archive.LedgerEntry.DroppedTable;
import dev.cdp.core.archive.LedgerEntry.SchemaVersion;
import dev.cdp.core.archive.LedgerEntry.TopicProgress;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TableFilesTest {
    private static final SourceId MUSIC = new SourceId("music");
    private static final long BASE = 0;
    private static final long BETWEEN = 3;
    private static final long FIRST_CHANGE = 5;
    private static final TableSchema ARTIST = new TableSchema(
            new TableId(2), 1, new TableName("public", "artist"), List.of(), List.of(), TableSchema.Identity.KEY);

    @TempDir
    private Path folder;

    private Ledger ledger;

    @BeforeEach
    void open() {
        ledger = Ledger.open(ArchiveAccess.file(folder).open(), MUSIC, Engine.POSTGRESQL, Clock.systemUTC());
    }

    @Test
    void knowsATableBetweenItsBaseAndItsFirstChangeWhenOneEntryHoldsBoth() {
        ledger.commit(content(List.of(announced()), List.of(base())));

        assertThat(schemasAt(BETWEEN)).containsExactly(ARTIST);
        assertThat(schemasAt(FIRST_CHANGE)).containsExactly(ARTIST);
    }

    /** Tables are copied while their changes are being archived. */
    @Test
    void knowsATableBetweenItsBaseAndItsFirstChangeWhenTheBaseComesLater() {
        ledger.commit(content(List.of(announced()), List.of()));
        ledger.commit(content(List.of(), List.of(base())));

        assertThat(schemasAt(BETWEEN)).containsExactly(ARTIST);
    }

    @Test
    void doesNotKnowATableBeforeItWasCreated() {
        BaseSnapshot empty = new BaseSnapshot("b", BASE, position(), Instant.EPOCH, true, List.of());
        ledger.commit(content(List.of(announced()), List.of(empty)));

        assertThat(schemasAt(BETWEEN)).isEmpty();
        assertThat(schemasAt(FIRST_CHANGE)).containsExactly(ARTIST);
    }

    @Test
    void aTableThatIsMadeLaterUnderANameHasNoGapOfTheTableThatHadIt() {
        LedgerEntry.Gap gap = gapOf("artist");
        BaseSnapshot empty = new BaseSnapshot("b", BASE, position(), Instant.EPOCH, true, List.of());
        TableSchema later = schema(3, 1, "artist");
        List<SchemaVersion> announced = List.of(
                new SchemaVersion(1, 1, ARTIST),
                new SchemaVersion(1, 4, later),
                new SchemaVersion(1, FIRST_CHANGE, schema(3, 2, "painter")));
        ledger.commit(content(announced, List.of(empty), List.of(new DroppedTable(ARTIST.tableId(), 4)), List.of(gap)));

        assertThat(TableFiles.gaps(ledger.state(), BETWEEN))
                .extracting(TableGap::table)
                .containsExactly(ARTIST);
        assertThat(TableFiles.gaps(ledger.state(), FIRST_CHANGE)).isEmpty();
    }

    @Test
    void aTableThatTakesANameLaterHasNoGapOfTheTableThatHadIt() {
        LedgerEntry.Gap gap = gapOf("artist");
        BaseSnapshot empty = new BaseSnapshot("b", BASE, position(), Instant.EPOCH, true, List.of());
        List<SchemaVersion> announced = List.of(
                new SchemaVersion(1, 1, ARTIST),
                new SchemaVersion(1, 1, schema(3, 1, "ghost")),
                new SchemaVersion(1, FIRST_CHANGE, schema(3, 2, "artist")));
        ledger.commit(content(
                announced, List.of(empty), List.of(new DroppedTable(ARTIST.tableId(), FIRST_CHANGE)), List.of(gap)));

        assertThat(TableFiles.gaps(ledger.state(), FIRST_CHANGE)).isEmpty();
    }

    @Test
    void aTableThatIsAnnouncedBehindItsGapHasItNevertheless() {
        LedgerEntry.Gap gap = gapOf("artist");
        BaseSnapshot empty = new BaseSnapshot("b", BASE, position(), Instant.EPOCH, true, List.of());
        ledger.commit(content(List.of(announced()), List.of(empty), List.of(), List.of(gap)));

        assertThat(TableFiles.gaps(ledger.state(), FIRST_CHANGE)).hasSize(1);
    }

    private static TableSchema schema(int id, int version, String name) {
        return new TableSchema(
                new TableId(id),
                version,
                new TableName("public", name),
                List.of(),
                List.of(),
                TableSchema.Identity.KEY);
    }

    private static LedgerEntry.Gap gapOf(String name) {
        return new LedgerEntry.Gap(
                1, 2, position(), null, Instant.EPOCH, "new", List.of(new TableName("public", name)), null);
    }

    private List<TableSchema> schemasAt(long cut) {
        ArchiveState state = ledger.state();
        return TableFiles.schemas(state, cut);
    }

    private static SchemaVersion announced() {
        return new SchemaVersion(1, FIRST_CHANGE, ARTIST);
    }

    private static BaseSnapshot base() {
        StoredObject rows = new StoredObject("rows", 288, 1, "0".repeat(64));
        return new BaseSnapshot(
                "b", BASE, position(), Instant.EPOCH, true, List.of(new BaseTable(ARTIST, 288, List.of(rows))));
    }

    private static SourcePosition position() {
        return new SourcePosition.Postgres(new Lsn(1));
    }

    private static Content content(List<SchemaVersion> schemas, List<BaseSnapshot> bases) {
        return content(schemas, bases, List.of(), List.of());
    }

    private static Content content(
            List<SchemaVersion> schemas,
            List<BaseSnapshot> bases,
            List<DroppedTable> dropped,
            List<LedgerEntry.Gap> gaps) {
        Watermark watermark = new Watermark(MUSIC, 1, FIRST_CHANGE, position(), Instant.EPOCH);
        return new Content(
                1,
                new TopicProgress("topic", 1, FIRST_CHANGE),
                watermark,
                schemas,
                dropped,
                List.of(),
                List.of(),
                bases,
                List.of(),
                List.of(),
                gaps,
                List.of(),
                List.of());
    }
}
