package dev.cdp.capture.binlog.reading;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cdp.capture.log.LogEvent;
import dev.cdp.capture.log.LoggedRow;
import dev.cdp.capture.log.NotCarried;
import dev.cdp.capture.source.DatabaseAddress;
import dev.cdp.capture.source.TableDescription;
import dev.cdp.capture.source.TableDescription.Cascade;
import dev.cdp.capture.source.TableDescription.ColumnDescription;
import dev.cdp.core.ChangeEvent.Operation;
import dev.cdp.core.Column;
import dev.cdp.core.MySqlGtidSet;
import dev.cdp.core.SourcePosition;
import dev.cdp.core.TableName;
import dev.cdp.core.TableSchema.Identity;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** MySQL's log, from bytes: no server has been asked. */
class MySqlLogTest {
    private static final TableName ITEM = new TableName("shop", "item");
    private static final String DOC = "00 0100 0C00 0B00 0100 05 0100 61"; // {"a": 1}
    private static final long MICROS = 1_700_000_000_123_456L;
    private static final Instant COMMITTED = Instant.parse("2023-11-14T22:13:20.123456Z");

    private final List<LogEvent> events = new ArrayList<>();
    private final BinlogTranslation translation = translation(MySqlEvents.SERVER + ":1-4");

    @Test
    void readsRowsOfATransactionAndWhenItWasCommitted() {
        translate(
                MySqlEvents.gtid(5, MICROS),
                MySqlEvents.query("shop", "BEGIN", 200),
                MySqlEvents.tableMap(),
                MySqlEvents.rows(RawEvent.MYSQL_WRITE_ROWS, MySqlEvents.row(7, "Ärger", DOC, "old")),
                MySqlEvents.xid(900));

        LogEvent.Row row = (LogEvent.Row) events.get(0);
        assertThat(row.operation()).isEqualTo(Operation.INSERT);
        assertThat(row.table()).isEqualTo(ITEM);
        assertThat(row.after().names()).containsExactly("id", "name", "doc", "place", "note", "state");
        assertThat(row.after().values())
                .containsExactly(
                        7L, "Ärger", "{\"a\": 1}", new byte[] {(byte) 0xE6, 0x10, 0, 0}, new byte[] {-1, 0}, "old");
        assertThat(events.get(1))
                .isEqualTo(new LogEvent.Commit(
                        MySqlEvents.SERVER + ":5", place(MySqlEvents.SERVER + ":1-5", 900), COMMITTED));
        assertThat(events).hasSize(2);
    }

    @Test
    void readsBothImagesOfAnUpdateAndTheOneOfADelete() {
        translate(
                MySqlEvents.gtid(5, MICROS),
                MySqlEvents.query("shop", "BEGIN", 200),
                MySqlEvents.tableMap(),
                MySqlEvents.rows(
                        RawEvent.MYSQL_UPDATE_ROWS,
                        MySqlEvents.row(1, "a", DOC, "new"),
                        MySqlEvents.row(1, "b", DOC, "old")),
                MySqlEvents.rows(RawEvent.MYSQL_DELETE_ROWS, MySqlEvents.row(2, "c", DOC, "new")),
                MySqlEvents.xid(900));

        LogEvent.Row update = (LogEvent.Row) events.get(0);
        LogEvent.Row delete = (LogEvent.Row) events.get(1);
        assertThat(name(update.before()) + name(update.after()) + name(delete.before()))
                .isEqualTo("abc");
        assertThat(delete.after()).isNull();
    }

    @Test
    void aCompressedTransactionIsTheSameAsAPlainOne() {
        RawEvent[] inside = {
            MySqlEvents.query("shop", "BEGIN", 0),
            MySqlEvents.tableMap(),
            MySqlEvents.rows(RawEvent.MYSQL_WRITE_ROWS, MySqlEvents.row(7, "x".repeat(5_000), DOC, "new")),
            MySqlEvents.xid(0)
        };
        translate(MySqlEvents.gtid(5, MICROS), MySqlEvents.compressed(777, inside));

        assertThat(name(((LogEvent.Row) events.get(0)).after())).hasSize(5_000);
        assertThat(((LogEvent.Commit) events.get(1)).position()).isEqualTo(place(MySqlEvents.SERVER + ":1-5", 777));
    }

    @Test
    void aCompressedTransactionThatWasCutOffIsRefused() {
        RawEvent whole = MySqlEvents.compressed(777, MySqlEvents.query("shop", "BEGIN", 0), MySqlEvents.xid(0));
        byte[] shorter = java.util.Arrays.copyOf(whole.body(), whole.body().length - 3);
        RawEvent cut = new RawEvent(whole.type(), whole.timestampSeconds(), 1, 777, shorter);

        assertThatThrownBy(() -> translate(MySqlEvents.gtid(5, MICROS), cut))
                .hasMessageContaining("a compressed transaction of");
    }

    @Test
    void aStatementThatStandsAloneEndsItsTransaction() {
        translate(
                MySqlEvents.gtid(5, MICROS),
                MySqlEvents.query("shop", "TRUNCATE TABLE item", 300),
                MySqlEvents.gtid(6, MICROS),
                MySqlEvents.query("other", "CREATE TABLE x (id int)", 400));

        assertThat(events.get(0)).isEqualTo(new LogEvent.Truncation(ITEM));
        assertThat(((LogEvent.Commit) events.get(1)).position()).isEqualTo(place(MySqlEvents.SERVER + ":1-5", 300));
        assertThat(events).hasSize(2);
    }

    @Test
    void aTableMadeFromRowsIsOneTransactionWithThem() {
        translate(
                MySqlEvents.gtid(5, MICROS),
                MySqlEvents.query("shop", "BEGIN", 200),
                MySqlEvents.query("shop", "CREATE TABLE `item` (\n  `id` int\n) START TRANSACTION", 300),
                MySqlEvents.tableMap(),
                MySqlEvents.rows(RawEvent.MYSQL_WRITE_ROWS, MySqlEvents.row(7, "a", DOC, "new")),
                MySqlEvents.xid(900));

        assertThat(events).hasSize(3);
        assertThat(((LogEvent.Ddl) events.get(0)).tag()).isEqualTo("CREATE TABLE");
        assertThat(events.get(1)).isInstanceOf(LogEvent.Row.class);
        assertThat(events.get(2)).isInstanceOf(LogEvent.Commit.class);
    }

    @Test
    void transactionsOfOtherDatabasesMoveThePlaceOn() {
        translate(
                MySqlEvents.gtid(5, MICROS),
                MySqlEvents.query("other", "CREATE TABLE x (id int)", 300),
                MySqlEvents.gtid(9, MICROS),
                MySqlEvents.query("shop", "TRUNCATE TABLE item", 400));

        assertThat(((LogEvent.Commit) events.get(1)).position()).isEqualTo(place(MySqlEvents.SERVER + ":1-5:9", 400));
    }

    @Test
    void refusesTransactionsThatItCannotFollow() {
        assertThatThrownBy(() -> translate(MySqlEvents.event(RawEvent.TAGGED_GTID, 0, new MySqlEvents.Bytes())))
                .hasMessageContaining("GTID has a tag");
        assertThatThrownBy(() -> translate(MySqlEvents.event(RawEvent.ANONYMOUS_GTID, 0, new MySqlEvents.Bytes())))
                .hasMessageContaining("without a GTID");
    }

    @ParameterizedTest
    @ValueSource(strings = {"XA START X'31',X'',1", "XA COMMIT X'31',X'',1", "XA ROLLBACK X'31',X'',1"})
    void refusesDistributedTransactions(String sql) {
        assertThatThrownBy(() -> translate(MySqlEvents.gtid(5, MICROS), MySqlEvents.query("shop", sql, 300)))
                .hasMessageContaining("prepared XA transaction");
    }

    @Test
    void refusesPartsOfJsonValues() {
        assertThatThrownBy(() -> translate(
                        MySqlEvents.gtid(5, MICROS),
                        MySqlEvents.query("shop", "BEGIN", 200),
                        MySqlEvents.tableMap(),
                        MySqlEvents.rows(RawEvent.PARTIAL_UPDATE_ROWS)))
                .hasMessageContaining("only parts of changed JSON values of table shop.item")
                .extracting(e -> ((dev.cdp.core.CdpException) e).next())
                .asString()
                .contains("binlog_row_value_options = ''");
    }

    @Test
    void namesAValueThatJsonTextHasNoFormFor() {
        String blob = "0F FC 03 010203";

        translate(
                MySqlEvents.gtid(5, MICROS),
                MySqlEvents.query("shop", "BEGIN", 200),
                MySqlEvents.tableMap(),
                MySqlEvents.rows(RawEvent.MYSQL_WRITE_ROWS, MySqlEvents.row(7, "a", blob, "new")));

        assertThat(events).singleElement().isInstanceOfSatisfying(LogEvent.Row.class, row -> {
            LoggedRow after = java.util.Objects.requireNonNull(row.after());
            assertThat(after.isCarried()).isFalse();
            assertThat(after.values()[after.names().indexOf("doc")])
                    .isInstanceOfSatisfying(
                            NotCarried.class, what -> assertThat(what.why()).contains("column type 252"));
        });
    }

    private void translate(RawEvent... raw) {
        for (RawEvent event : raw) {
            translation.translate(event, events::add);
        }
    }

    private static String name(@Nullable LoggedRow row) {
        return row == null ? "" : String.valueOf(row.values()[1]);
    }

    private static SourcePosition place(String gtids, long offset) {
        return new SourcePosition.MySql(MySqlGtidSet.parse(gtids), "binlog.000002", offset);
    }

    private static BinlogTranslation translation(String gtids) {
        BinlogSettings settings = new BinlogSettings(
                "stock",
                new DatabaseAddress("db3", 3306, "shop", "cdp", ""),
                new BinlogScope("shop", new TableName("cdp", "marker_stock")),
                1,
                new VoidParts(),
                new PreparedTransactions(),
                place(gtids, 4));
        CharacterSets characterSets = new CharacterSets(Map.of(255, "utf8mb4"), name -> {
            throw new IllegalStateException("Nobody asked for " + name);
        });
        return new BinlogTranslation(settings, characterSets, new OneTable(), List.of(item()));
    }

    private static TableDescription item() {
        List<ColumnDescription> columns = List.of(
                column("id", "int unsigned"),
                column("name", "varchar(100)"),
                column("doc", "json"),
                column("place", "geometry"),
                column("note", "blob"),
                column("state", "enum('new','old')"));
        return new TableDescription("item", ITEM, columns, List.of("id"), Identity.FULL);
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
            return table.equals(ITEM) ? Standing.PROTECTED : Standing.ABSENT;
        }

        @Override
        public Optional<TableDescription> describe(TableName table) {
            return table.equals(ITEM) ? Optional.of(item()) : Optional.empty();
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
