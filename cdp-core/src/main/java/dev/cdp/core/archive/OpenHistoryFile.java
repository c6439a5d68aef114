package dev.cdp.core.archive;

import dev.cdp.core.ChangeEvent;
import dev.cdp.core.ChangeEvent.RowChange;
import dev.cdp.core.ChangeRecord;
import dev.cdp.core.Json;
import dev.cdp.core.RowImage;
import dev.cdp.core.SourceId;
import dev.cdp.core.TableSchema;
import dev.cdp.core.archive.HistoryWriter.StagedHistory;
import dev.cdp.core.crash.CrashPoint;
import dev.cdp.core.topic.TransactionAssembler.Transaction;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.io.api.RecordConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The row changes of one table, schema version, epoch and day that will be one history file. The first rows wait as they
 * are; the Parquet file is opened when they are many enough to be worth its memory.
 */
final class OpenHistoryFile implements AutoCloseable {
    private static final int FIRST_ROW_FIELD =
            HistoryColumns.metadata().named("x").getFieldCount();
    private static final long WAITING_BYTES = 128 << 10;
    private static final long OBJECT_BYTES = 100;
    private static final long VALUE_BYTES = 40;
    /** Measured: what Parquet's writer holds for a column before it holds a value. */
    private static final long COLUMN_BYTES = 24 << 10;

    private final SourceId source;
    private final Path directory;
    private final TableSchema schema;
    private final LocalDate day;
    private final List<Row> waiting = new ArrayList<>();
    private @Nullable ParquetFile<Row> parquet;
    private long rowBytes;
    private long rowBytesChecked;
    private int epoch;
    private long firstSeq;
    private long lastSeq;
    private long unresolved;
    private final KeysSeen keys;

    /** What the rows of one transaction have in common; unlike the transaction itself it holds none of its events. */
    record Commit(int epoch, long firstSeq, long lastSeq, Instant timestamp, String position) {
        Commit(Transaction transaction) {
            this(
                    transaction.epoch(),
                    transaction.firstSeq(),
                    transaction.lastSeq(),
                    transaction.end().commitTimestamp(),
                    transaction.end().position().nativeText());
        }
    }

    /** What becomes one row of a history file. */
    record Row(ChangeRecord record, Commit commit) {}

    OpenHistoryFile(SourceId source, Path directory, TableSchema schema, LocalDate day) {
        this.source = source;
        this.directory = directory;
        this.schema = schema;
        this.day = day;
        this.keys = new KeysSeen(schema);
    }

    void append(Row row) {
        lastSeq = row.record().seq();
        firstSeq = rowBytes == 0 ? lastSeq : firstSeq;
        epoch = row.commit().epoch();
        rowBytes += bytes(row.record().event());
        keys.add(row.record().event());
        if (parquet != null) {
            parquet.append(row);
            return;
        }
        waiting.add(row);
        if (rowBytes > WAITING_BYTES) {
            openParquet();
        }
    }

    /** About how much memory the file takes, from the size of its rows. */
    long memoryBytes() {
        if (parquet == null) {
            return rowBytes;
        }
        long columns = FIRST_ROW_FIELD + 2L * schema.columns().size();
        return columns * COLUMN_BYTES + Math.min(rowBytes, ParquetFile.ROW_GROUP_BYTES);
    }

    /** Whether the file has about {@code targetFileBytes}; asking Parquet costs as much as writing a row. */
    boolean hasReached(long targetFileBytes) {
        if (parquet == null || rowBytes - rowBytesChecked < Math.min(targetFileBytes / 8, WAITING_BYTES)) {
            return false;
        }
        rowBytesChecked = rowBytes;
        return parquet.dataSize() >= targetFileBytes;
    }

    StagedHistory finish() {
        ParquetFile.Finished file = openParquet().finish();
        CrashPoint.ARCHIVER_PARQUET_CLOSED.reached();
        String objectKey = ArchiveLayout.history(source, schema, day, firstSeq);
        return new StagedHistory(
                file.path(),
                new LedgerEntry.HistoryFile(
                        file.storedAs(objectKey),
                        schema.tableId(),
                        schema.version(),
                        epoch,
                        day,
                        firstSeq,
                        lastSeq,
                        unresolved,
                        keys.range()));
    }

    private ParquetFile<Row> openParquet() {
        ParquetFile<Row> file = parquet;
        if (file == null) {
            file = new ParquetFile<>(
                    directory.resolve("history-" + UUID.randomUUID() + ".parquet"),
                    HistoryColumns.historySchema(schema),
                    Map.of("cdp.source", source.name(), "cdp.kind", "history", "cdp.schema", Json.write(schema)),
                    this::write);
            parquet = file;
            waiting.forEach(file::append);
            waiting.clear();
        }
        return file;
    }

    @Override
    public void close() {
        if (parquet != null) {
            parquet.close();
        }
    }

    private static long bytes(ChangeEvent event) {
        return event instanceof RowChange change
                ? OBJECT_BYTES + bytes(change.before()) + bytes(change.after())
                : OBJECT_BYTES;
    }

    private static long bytes(@Nullable RowImage image) {
        long bytes = 0;
        for (int i = 0; image != null && i < image.size(); i++) {
            Object value = image.value(i);
            bytes += VALUE_BYTES;
            if (value instanceof String text) {
                bytes += text.length();
            } else if (value instanceof byte[] raw) {
                bytes += raw.length;
            }
        }
        return bytes;
    }

    private void write(RecordConsumer out, Row row) {
        Commit commit = row.commit();
        ChangeRecord record = row.record();
        int field = 0;
        RowFields.writeLong(out, HistoryColumns.SEQ, field++, record.seq());
        RowFields.writeText(out, HistoryColumns.OP, field++, operation(record.event()));
        RowFields.writeInstant(out, HistoryColumns.COMMIT_TIMESTAMP, field++, commit.timestamp());
        RowFields.writeText(out, HistoryColumns.COMMIT_POSITION, field++, commit.position());
        RowFields.writeLong(out, HistoryColumns.TX, field++, commit.lastSeq());
        RowFields.writeInt(out, HistoryColumns.TX_SEQ, field++, (int) (record.seq() - commit.firstSeq()));
        RowFields.writeInstant(out, HistoryColumns.INGEST_TIMESTAMP, field++, record.ingestTimestamp());
        RowFields.writeInt(out, HistoryColumns.SCHEMA_VERSION, field++, schema.version());
        RowFields.writeInt(out, HistoryColumns.EPOCH, field++, commit.epoch());
        if (record.event() instanceof RowChange change) {
            writeImages(out, change, field);
        }
    }

    /** The after image; for a delete the image before stands in its place too, so that keys are always there. */
    private void writeImages(RecordConsumer out, RowChange change, int unavailableField) {
        RowImage shown = change.after() != null ? change.after() : change.before();
        if (shown != null) {
            unresolved += change.after() != null && shown.hasUnchanged() ? 1 : 0;
            writeUnavailable(out, shown, unavailableField);
            RowFields.write(out, schema, shown, FIRST_ROW_FIELD);
        }
        RowImage before = change.before();
        if (before != null) {
            int beforeField = FIRST_ROW_FIELD + schema.columns().size();
            out.startField(HistoryColumns.BEFORE, beforeField);
            out.startGroup();
            RowFields.write(out, schema, before, 0);
            out.endGroup();
            out.endField(HistoryColumns.BEFORE, beforeField);
        }
    }

    private void writeUnavailable(RecordConsumer out, RowImage shown, int field) {
        if (!shown.hasUnchanged()) {
            return;
        }
        out.startField(HistoryColumns.UNAVAILABLE, field);
        out.startGroup();
        out.startField("list", 0);
        for (int i = 0; i < shown.size(); i++) {
            if (shown.isUnchanged(i)) {
                out.startGroup();
                out.startField("element", 0);
                out.addBinary(Binary.fromString(
                        HistoryColumns.columnName(schema.columns().get(i))));
                out.endField("element", 0);
                out.endGroup();
            }
        }
        out.endField("list", 0);
        out.endGroup();
        out.endField(HistoryColumns.UNAVAILABLE, field);
    }

    private static String operation(ChangeEvent event) {
        return event instanceof RowChange change
                ? change.operation().name().toLowerCase(Locale.ROOT)
                : HistoryColumns.OP_TRUNCATE;
    }
}
