package dev.cdp.core.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cdp.core.Carrier;
import dev.cdp.core.ChangeEvent;
import dev.cdp.core.ChangeEvent.Operation;
import dev.cdp.core.ChangeEvent.RowChange;
import dev.cdp.core.ChangeRecord;
import dev.cdp.core.Column;
import dev.cdp.core.Lsn;
import dev.cdp.core.RowImage;
import dev.cdp.core.SourceId;
import dev.cdp.core.SourcePosition;
import dev.cdp.core.StoredObject;
import dev.cdp.core.TableId;
import dev.cdp.core.TableName;
import dev.cdp.core.TableSchema;
import dev.cdp.core.Unchanged;
import dev.cdp.core.archive.HistoryWriter.StagedHistory;
import dev.cdp.core.topic.KafkaOffset;
import dev.cdp.core.topic.TransactionAssembler.Transaction;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.hadoop.ParquetReader;
import org.apache.parquet.hadoop.api.ReadSupport;
import org.apache.parquet.hadoop.example.GroupReadSupport;
import org.apache.parquet.io.InputFile;
import org.apache.parquet.io.LocalInputFile;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files as they are written here, read by two readers of others: DuckDB and Parquet's own example reader. */
class ArchiveFilesTest {
    private static final SourceId SHOP = new SourceId("shop");
    private static final Instant COMMIT = Instant.parse("2026-11-20T23:59:59.123456Z");
    private static final SourcePosition POSITION = new SourcePosition.Postgres(Lsn.parse("16/B374D848"));
    private static final long FILE_BYTES = 64 << 20;

    /** Names that collide with metadata, hold what a path or SQL would take for its own, or differ in case. */
    private static final List<Column> COLUMNS = columns(
            "id", Carrier.INT64,
            "_cdp_seq", Carrier.BOOLEAN,
            "_pos", Carrier.FLOAT32,
            "Größe.in \"cm\"", Carrier.FLOAT64,
            "it's, `this`", Carrier.BYTES,
            "ID 2", Carrier.TEXT);

    private static final TableSchema SCHEMA = new TableSchema(
            new TableId(3),
            1,
            new TableName("public", "odd/../name é"),
            COLUMNS,
            List.of(1),
            TableSchema.Identity.FULL);

    private static final List<RowImage> ROWS = List.of(
            RowImage.of(1L, true, 1.5f, 0.1, new byte[] {0, -1, 7}, "a"),
            RowImage.of(Long.MIN_VALUE, false, Float.NaN, Double.NaN, new byte[0], ""),
            RowImage.of(Long.MAX_VALUE, null, -0f, -0d, null, null),
            RowImage.of(0L, null, Float.NEGATIVE_INFINITY, Double.MIN_VALUE, new byte[] {10}, "a\u0000ü\uD83D\uDE00\n"),
            RowImage.of(5L, null, null, null, null, "NULL"));

    @TempDir
    private Path folder;

    @Test
    void duckDbReadsBackWhatWasWrittenAsHistory() throws Exception {
        List<ChangeEvent> events = new ArrayList<>(List.of(new ChangeEvent.SchemaChange(SCHEMA)));
        ROWS.forEach(row -> events.add(new RowChange(Operation.INSERT, SCHEMA.tableId(), 1, null, row)));
        ROWS.forEach(row -> events.add(new RowChange(Operation.DELETE, SCHEMA.tableId(), 1, row, null)));
        events.add(new ChangeEvent.Truncate(SCHEMA.tableId()));

        StagedHistory file = write(events);

        List<RowImage> shown = duckDb(file.path(), "", "_cdp_op <> 'truncate'");
        assertThat(shown.subList(0, ROWS.size())).isEqualTo(ROWS);
        assertThat(shown.subList(ROWS.size(), shown.size())).isEqualTo(ROWS);
        assertThat(duckDb(file.path(), "_cdp_before.", "_cdp_op = 'delete'")).isEqualTo(ROWS);
        assertThat(query(
                        file.path(),
                        "select concat_ws('|', _cdp_seq, _cdp_op, _cdp_commit_timestamp at time zone 'UTC', _cdp_commit_position,"
                                + " _cdp_tx, _cdp_tx_seq, _cdp_schema_version, _cdp_epoch, _cdp_before is null)"))
                .startsWith("101|insert|2026-11-20 23:59:59.123456|16/B374D848|111|0|1|2|true")
                .endsWith("111|truncate|2026-11-20 23:59:59.123456|16/B374D848|111|10|1|2|true");
        assertThat(file.entry().firstSeq()).isEqualTo(101);
        assertThat(file.entry().lastSeq()).isEqualTo(111);
        assertThat(file.entry().object().rowCount()).isEqualTo(11);
        assertThat(file.entry().object().key())
                .startsWith("sources/shop/history/public.odd%2F%2E%2E%2Fname+%C3%A9.3/day=2026-11-20/");
    }

    @Test
    void namesTheColumnsThatTheSourceDidNotLog() throws Exception {
        RowImage before = RowImage.of(1L, Unchanged.UNCHANGED, Unchanged.UNCHANGED, null, null, "old");
        RowImage after = RowImage.of(1L, null, 2f, null, Unchanged.UNCHANGED, Unchanged.UNCHANGED);

        StagedHistory file = write(List.of(
                new ChangeEvent.SchemaChange(SCHEMA),
                new RowChange(Operation.UPDATE, SCHEMA.tableId(), 1, null, after),
                new RowChange(Operation.DELETE, SCHEMA.tableId(), 1, before, null),
                new RowChange(Operation.INSERT, SCHEMA.tableId(), 1, null, ROWS.get(4))));

        assertThat(query(file.path(), "select coalesce(array_to_string(_cdp_unavailable, '|'), 'all known')"))
                .containsExactly("it's, `this`|ID 2", "_cdp_seq__source|_pos__source", "all known");
        assertThat(file.entry().unresolved())
                .as("rows after a change that lack values")
                .isEqualTo(1);
    }

    @Test
    void parquetsOwnReaderAgrees() throws Exception {
        List<ChangeEvent> events = new ArrayList<>(List.of(new ChangeEvent.SchemaChange(SCHEMA)));
        ROWS.forEach(row -> events.add(new RowChange(Operation.INSERT, SCHEMA.tableId(), 1, null, row)));
        StagedHistory file = write(events);

        List<RowImage> read = new ArrayList<>();
        try (ParquetReader<Group> reader = new ExampleReader(new LocalInputFile(file.path())).build()) {
            for (Group row = reader.read(); row != null; row = reader.read()) {
                read.add(image(row));
            }
        }

        assertThat(read).isEqualTo(ROWS);
    }

    @Test
    void splitsFilesByDayEpochAndVersionAndInOrder() {
        TableSchema second = new TableSchema(
                SCHEMA.tableId(), 2, SCHEMA.name(), COLUMNS.subList(0, 5), List.of(1), TableSchema.Identity.FULL);
        RowChange old = new RowChange(Operation.INSERT, SCHEMA.tableId(), 1, null, ROWS.get(0));
        RowChange fresh =
                new RowChange(Operation.INSERT, SCHEMA.tableId(), 2, null, RowImage.of(9L, null, null, null, null));
        try (HistoryWriter writer = new HistoryWriter(SHOP, folder, FILE_BYTES, List.of(SCHEMA, second))) {
            writer.append(transaction(1, COMMIT, List.of(old, old)));
            writer.append(transaction(3, COMMIT.plusSeconds(1), List.of(old, fresh)));
            HistoryWriter.Staged staged = writer.roll();

            assertThat(staged.history())
                    .extracting(file -> file.entry().day() + " v" + file.entry().schemaVersion() + " "
                            + file.entry().firstSeq() + "-" + file.entry().lastSeq())
                    .containsExactly("2026-11-20 v1 1-2", "2026-11-21 v1 3-3", "2026-11-21 v2 4-4");
            assertThat(staged.transactions())
                    .extracting(file -> file.entry().day() + " " + file.entry().lastSeq())
                    .containsExactly("2026-11-20 2", "2026-11-21 4");
            assertThat(writer.roll().history()).as("nothing twice").isEmpty();
        }
    }

    @Test
    void refusesARowThatDoesNotFitItsSchema() {
        RowChange tooShort = new RowChange(Operation.INSERT, SCHEMA.tableId(), 1, null, RowImage.of(1L));
        RowChange wrong = new RowChange(
                Operation.INSERT, SCHEMA.tableId(), 1, null, RowImage.of("1", null, null, null, null, null));
        RowChange unknown = new RowChange(Operation.INSERT, SCHEMA.tableId(), 7, null, ROWS.get(0));

        assertThatThrownBy(() -> write(List.of(tooShort))).hasMessageContaining("A row of 1 values came for version 1");
        assertThatThrownBy(() -> write(List.of(wrong)))
                .hasMessageContaining("Column 'id' of public.odd/../name é is carried as INT64 and got a String");
        assertThatThrownBy(() -> write(List.of(unknown))).hasMessageContaining("in version 7 unannounced");
    }

    @Test
    void holdsHundredsOfTablesInLittleMemoryAndOneFileEach() {
        List<TableSchema> schemas = IntStream.rangeClosed(1, 400)
                .mapToObj(id -> new TableSchema(
                        new TableId(id),
                        1,
                        new TableName("public", "t" + id),
                        COLUMNS,
                        List.of(1),
                        TableSchema.Identity.FULL))
                .toList();
        try (HistoryWriter writer = new HistoryWriter(SHOP, folder, FILE_BYTES, schemas)) {
            long before = usedMemory();
            for (long seq = 0; seq < 20_000; seq++) {
                TableId table = new TableId(1 + (int) (seq % 400));
                writer.append(transaction(
                        seq + 1, COMMIT, List.of(new RowChange(Operation.INSERT, table, 1, null, ROWS.get(0)))));
            }
            long held = usedMemory() - before;
            HistoryWriter.Staged staged = writer.roll();

            assertThat(held).as("bytes held for 400 tables").isLessThan(80L << 20);
            assertThat(staged.history()).hasSize(400);
            assertThat(staged.history())
                    .allSatisfy(
                            file -> assertThat(file.entry().object().rowCount()).isEqualTo(50));
        }
    }

    @Test
    void duckDbReadsBackWhatWasWrittenAsABase() throws Exception {
        ObjectStore store = ArchiveAccess.file(folder.resolve("archive")).open();
        List<StoredObject> files;
        try (BaseFileWriter writer = new BaseFileWriter(store, SHOP, "b-1", SCHEMA, folder.resolve("staging"), 1)) {
            ROWS.forEach(writer::append);
            files = writer.finish();
        }

        assertThat(files).as("a file is closed when it has reached its size").hasSizeGreaterThan(1);
        List<RowImage> read = new ArrayList<>();
        for (StoredObject file : files) {
            Path path = folder.resolve("archive").resolve(file.key());
            assertThat(Sha256.of(path)).isEqualTo(file.sha256());
            read.addAll(duckDb(path, "", "true"));
        }
        assertThat(read).isEqualTo(ROWS);
        assertThat(folder.resolve("staging")).isEmptyDirectory();
    }

    private StagedHistory write(List<ChangeEvent> events) {
        try (HistoryWriter writer = new HistoryWriter(SHOP, folder, FILE_BYTES, List.of(SCHEMA))) {
            writer.append(transaction(101, COMMIT, events));
            return writer.roll().history().get(0);
        }
    }

    private static Transaction transaction(long firstSeq, Instant commit, List<? extends ChangeEvent> events) {
        List<ChangeRecord> records = new ArrayList<>();
        long seq = firstSeq - 1;
        for (ChangeEvent event : events) {
            seq += ((ChangeEvent.TransactionContent) event).takesSeq() ? 1 : 0;
            records.add(new ChangeRecord(2, seq, commit.plusMillis(1), event));
        }
        ChangeEvent.TransactionEnd end = new ChangeEvent.TransactionEnd("7", POSITION, commit, seq - firstSeq + 1);
        return new Transaction(2, firstSeq, seq, end, commit, records, new KafkaOffset(1), () -> {});
    }

    /** The rows as values of our carriers, in the file's order. */
    private static List<RowImage> duckDb(Path file, String prefix, String where) throws SQLException {
        List<String> columns = COLUMNS.stream()
                .map(column -> prefix + "\"" + HistoryColumns.columnName(column).replace("\"", "\"\"") + "\"")
                .toList();
        List<RowImage> rows = new ArrayList<>();
        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = connection.createStatement();
                ResultSet result =
                        statement.executeQuery("select " + String.join(", ", columns) + " from read_parquet('" + file
                                + "', file_row_number = true) where " + where + " order by file_row_number")) {
            while (result.next()) {
                @Nullable Object[] values = new Object[COLUMNS.size()];
                for (int i = 0; i < values.length; i++) {
                    boolean isBytes = COLUMNS.get(i).carrier() == Carrier.BYTES;
                    values[i] = isBytes ? result.getBytes(i + 1) : result.getObject(i + 1);
                }
                rows.add(RowImage.of(values));
            }
        }
        return rows;
    }

    private static List<String> query(Path file, String select) throws SQLException {
        List<String> values = new ArrayList<>();
        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(select + " from read_parquet('" + file
                        + "', file_row_number = true) order by file_row_number")) {
            while (result.next()) {
                values.add(result.getString(1));
            }
        }
        return values;
    }

    private static RowImage image(Group row) {
        @Nullable Object[] values = new Object[COLUMNS.size()];
        for (int i = 0; i < values.length; i++) {
            String name = HistoryColumns.columnName(COLUMNS.get(i));
            if (row.getFieldRepetitionCount(name) == 0) {
                continue;
            }
            values[i] = switch (COLUMNS.get(i).carrier()) {
                case BOOLEAN -> row.getBoolean(name, 0);
                case INT64 -> row.getLong(name, 0);
                case FLOAT32 -> row.getFloat(name, 0);
                case FLOAT64 -> row.getDouble(name, 0);
                case BYTES -> row.getBinary(name, 0).getBytes();
                case TEXT -> row.getString(name, 0);
            };
        }
        return RowImage.of(values);
    }

    private static List<Column> columns(Object... namesAndCarriers) {
        return IntStream.range(0, namesAndCarriers.length / 2)
                .mapToObj(i -> new Column(
                        i + 1,
                        (String) namesAndCarriers[2 * i],
                        "whatever",
                        (Carrier) namesAndCarriers[2 * i + 1],
                        Column.Nullability.NULLABLE,
                        Column.Generation.WRITTEN,
                        null))
                .toList();
    }

    private static long usedMemory() {
        System.gc();
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }

    private static final class ExampleReader extends ParquetReader.Builder<Group> {
        ExampleReader(InputFile file) throws IOException {
            super(file, new PlainParquetConfiguration());
        }

        @Override
        protected ReadSupport<Group> getReadSupport() {
            return new GroupReadSupport();
        }
    }
}
