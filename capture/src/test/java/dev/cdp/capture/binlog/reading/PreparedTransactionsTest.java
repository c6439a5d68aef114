package dev.cdp.capture.binlog.reading;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cdp.capture.binlog.reading.MySqlEvents.Bytes;
import dev.cdp.capture.log.LogEvent;
import dev.cdp.capture.source.DatabaseAddress;
import dev.cdp.capture.source.TableDescription;
import dev.cdp.capture.source.TableDescription.Cascade;
import dev.cdp.capture.source.TableDescription.ColumnDescription;
import dev.cdp.core.Column;
import dev.cdp.core.GtidSet;
import dev.cdp.core.SourcePosition;
import dev.cdp.core.TableName;
import dev.cdp.core.TableSchema.Identity;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** XA transactions from the bytes that MariaDB writes: their rows come when they are prepared, what became of them later. */
class PreparedTransactionsTest {
    private static final TableName TABLE = new TableName("shop", "note");
    private static final int MEBIBYTE = 1 << 20;

    private final List<LogEvent> events = new ArrayList<>();
    private final BinlogTranslation translation = translation();
    private int sequence = 1;

    @Test
    void thoseThatWereRolledBackTakeNoRoomFromLaterOnes() {
        for (int id = 1; id <= 10; id++) { // more than is kept of all together
            prepare(id, new byte[16 * MEBIBYTE]);
            decide("ROLLBACK", id);
        }
        prepare(11, new byte[20 * MEBIBYTE]);
        decide("COMMIT", 11);

        assertThat(events).hasSize(2);
        assertThat(events.get(0)).isInstanceOfSatisfying(LogEvent.Row.class, row -> assertThat(
                        Objects.requireNonNull(row.after()).values()[0])
                .isEqualTo(11L));
        assertThat(events.get(1)).isInstanceOf(LogEvent.Commit.class);
    }

    @Test
    void oneThatWasTooLargeGivesItsTableANewBase() {
        prepare(1, new byte[33 * MEBIBYTE]);
        decide("COMMIT", 1);

        assertThat(events.get(0)).isInstanceOfSatisfying(LogEvent.Ddl.class, gap -> {
            assertThat(gap.tag()).isEqualTo("XA COMMIT");
            assertThat(gap.rewritten()).containsExactly("note");
        });
    }

    private void prepare(int id, byte[] note) {
        gtid(0x40);
        translate(RawEvent.TABLE_MAP, tableMap());
        translate(
                RawEvent.WRITE_ROWS,
                new Bytes()
                        .number(7, 6)
                        .number(1, 2)
                        .packed(2)
                        .hex("03")
                        .hex("FC")
                        .number(id, 4)
                        .number(note.length, 4)
                        .raw(note));
        translate(
                RawEvent.XA_PREPARE,
                new Bytes().number(0, 1).number(1, 4).number(2, 4).number(0, 4).text(name(id)));
    }

    private static String name(int id) {
        return String.valueOf(10 + id);
    }

    private void decide(String word, int id) {
        gtid(0);
        String hex = HexFormat.of().formatHex(name(id).getBytes(StandardCharsets.US_ASCII));
        RawEvent query = MySqlEvents.query("shop", "XA %s X'%s',X'',1".formatted(word, hex), 400);
        translation.translate(query, events::add);
    }

    private void gtid(int flags) {
        translate(
                RawEvent.GTID,
                new Bytes().number(++sequence, 8).number(0, 4).number(flags, 1).number(0, 8));
    }

    private void translate(int type, Bytes body) {
        translation.translate(MySqlEvents.event(type, 300, body), events::add);
    }

    /** shop.note: id int, note longblob. */
    private static Bytes tableMap() {
        return new Bytes()
                .number(7, 6)
                .number(1, 2)
                .number(4, 1)
                .text("shop")
                .number(0, 1)
                .number(4, 1)
                .text("note")
                .number(0, 1)
                .packed(2)
                .hex("03 FC")
                .packed(1)
                .hex("04")
                .hex("00")
                .field(1, new Bytes().hex("00"))
                .field(2, new Bytes().packed(63))
                .field(4, new Bytes().packed(2).text("id").packed(4).text("note"))
                .field(8, new Bytes().packed(0)); // the first is the key
    }

    private static BinlogTranslation translation() {
        BinlogSettings settings = new BinlogSettings(
                "stock",
                new DatabaseAddress("db3", 3306, "shop", "cdp", ""),
                new BinlogScope("shop", new TableName("cdp", "marker_stock")),
                1,
                new VoidParts(),
                new PreparedTransactions(),
                new SourcePosition.MariaDb(GtidSet.parse("0-1-1"), "binlog.000002", 4));
        CharacterSets characterSets = new CharacterSets(Map.of(), name -> {
            throw new IllegalStateException("Nobody asked for " + name);
        });
        return new BinlogTranslation(settings, characterSets, new OneTable(), List.of(note()));
    }

    private static TableDescription note() {
        return new TableDescription(
                "note", TABLE, List.of(column("id", "int"), column("note", "longblob")), List.of("id"), Identity.FULL);
    }

    private static ColumnDescription column(String name, String type) {
        return new ColumnDescription(
                name,
                name,
                type,
                SourceTypes.carrier(type),
                Column.Nullability.NOT_NULL,
                Column.Generation.WRITTEN,
                null);
    }

    /** A database with that table and nothing else. */
    private static final class OneTable implements TableCatalog {
        @Override
        public Standing standing(TableName table) {
            return table.equals(TABLE) ? Standing.PROTECTED : Standing.ABSENT;
        }

        @Override
        public Optional<TableDescription> describe(TableName table) {
            return table.equals(TABLE) ? Optional.of(note()) : Optional.empty();
        }

        @Override
        public Map<TableName, List<Cascade>> cascades() {
            return Map.of();
        }

        @Override
        public Optional<String> fill(TableName table, String column, String literal) {
            return Optional.empty();
        }
    }
}
