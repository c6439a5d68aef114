package dev.cdp.core.archive;

import dev.cdp.core.ChangeEvent;
import dev.cdp.core.SourceId;
import dev.cdp.core.TableId;
import dev.cdp.core.TableName;
import dev.cdp.core.TableSchema;
import dev.cdp.core.topic.TransactionAssembler.Transaction;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.apache.parquet.io.api.RecordConsumer;
import org.apache.parquet.schema.GroupType;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Types;
import org.jspecify.annotations.Nullable;

/** Writes one row per transaction, one file per day (UTC) of commit time. */
final class TransactionsWriter implements AutoCloseable {
    private static final MessageType SCHEMA = schema();

    private final SourceId source;
    private final Path directory;
    private final Map<FileKey, OpenFile> openFiles = new TreeMap<>();

    private record FileKey(int epoch, LocalDate day) implements Comparable<FileKey> {
        @Override
        public int compareTo(FileKey other) {
            return epoch != other.epoch ? Integer.compare(epoch, other.epoch) : day.compareTo(other.day);
        }
    }

    /** What one transaction did, counted while its events pass by. */
    static final class Summary {
        private final Transaction transaction;
        private final Map<TableId, TableCounts> perTable = new LinkedHashMap<>();
        private int statements;
        private @Nullable String mark;

        Summary(Transaction transaction) {
            this.transaction = transaction;
        }

        void count(TableSchema table, ChangeEvent.Operation operation) {
            counts(table)[operation.ordinal()]++;
        }

        void countTruncate(TableSchema table) {
            counts(table)[ChangeEvent.Operation.values().length]++;
        }

        void countStatement() {
            statements++;
        }

        void countMarker(ChangeEvent.Marker marker) {
            mark = marker.name() == null ? "" : marker.name();
        }

        private long[] counts(TableSchema table) {
            return perTable.computeIfAbsent(
                            table.tableId(),
                            id -> new TableCounts(table.name(), new long[ChangeEvent.Operation.values().length + 1]))
                    .rows();
        }
    }

    /** Rows of one table by operation, then truncates. */
    private record TableCounts(TableName name, long[] rows) {}

    private static final class OpenFile {
        private final ParquetFile<Summary> parquet;
        private long firstSeq;
        private long lastSeq;
        private Instant earliest = Instant.MAX;
        private Instant latest = Instant.MIN;

        OpenFile(ParquetFile<Summary> parquet) {
            this.parquet = parquet;
        }

        void append(Summary summary) {
            Transaction transaction = summary.transaction;
            Instant commit = transaction.end().commitTimestamp();
            firstSeq = parquet.rowCount() == 0 ? transaction.firstSeq() : firstSeq;
            lastSeq = transaction.lastSeq();
            earliest = commit.isBefore(earliest) ? commit : earliest;
            latest = commit.isAfter(latest) ? commit : latest;
            parquet.append(summary);
        }
    }

    TransactionsWriter(SourceId source, Path directory) {
        this.source = source;
        this.directory = directory;
    }

    void append(Summary summary) {
        LocalDate day = summary.transaction
                .end()
                .commitTimestamp()
                .atZone(ZoneOffset.UTC)
                .toLocalDate();
        openFiles
                .computeIfAbsent(
                        new FileKey(summary.transaction.epoch(), day),
                        key -> new OpenFile(new ParquetFile<>(
                                directory.resolve("transactions-" + UUID.randomUUID() + ".parquet"),
                                SCHEMA,
                                Map.of("cdp.source", source.name(), "cdp.kind", "transactions"),
                                TransactionsWriter::write)))
                .append(summary);
    }

    List<HistoryWriter.StagedTransactions> roll() {
        List<HistoryWriter.StagedTransactions> staged = new ArrayList<>();
        openFiles.forEach((key, file) -> {
            ParquetFile.Finished finished = file.parquet.finish();
            staged.add(new HistoryWriter.StagedTransactions(
                    finished.path(),
                    new LedgerEntry.TransactionsFile(
                            finished.storedAs(ArchiveLayout.transactions(source, key.day(), file.firstSeq)),
                            key.epoch(),
                            key.day(),
                            file.firstSeq,
                            file.lastSeq,
                            file.earliest,
                            file.latest)));
        });
        openFiles.clear();
        return staged;
    }

    @Override
    public void close() {
        openFiles.values().forEach(file -> file.parquet.close());
        openFiles.clear();
    }

    private static void write(RecordConsumer out, Summary summary) {
        Transaction transaction = summary.transaction;
        int field = 0;
        RowFields.writeLong(out, "seq", field++, transaction.lastSeq());
        RowFields.writeLong(out, "first_seq", field++, transaction.firstSeq());
        RowFields.writeText(out, "native_id", field++, transaction.end().nativeId());
        RowFields.writeText(
                out, "commit_position", field++, transaction.end().position().toString());
        RowFields.writeInstant(
                out, "commit_timestamp", field++, transaction.end().commitTimestamp());
        RowFields.writeInstant(out, "ingest_timestamp", field++, transaction.ingestTimestamp());
        RowFields.writeInt(out, "epoch", field++, transaction.epoch());
        RowFields.writeInt(out, "statements", field++, summary.statements);
        RowFields.writeText(out, "mark", field++, summary.mark);
        if (!summary.perTable.isEmpty()) {
            writeTables(out, field, summary);
        }
    }

    private static void writeTables(RecordConsumer out, int field, Summary summary) {
        out.startField("tables", field);
        out.startGroup();
        out.startField("list", 0);
        summary.perTable.forEach((table, counts) -> {
            long[] rows = counts.rows();
            out.startGroup();
            out.startField("element", 0);
            out.startGroup();
            RowFields.writeInt(out, "table_id", 0, table.value());
            RowFields.writeText(out, "table", 1, counts.name().toString());
            RowFields.writeLong(out, "inserts", 2, rows[0]);
            RowFields.writeLong(out, "updates", 3, rows[1]);
            RowFields.writeLong(out, "deletes", 4, rows[2]);
            RowFields.writeLong(out, "truncates", 5, rows[3]);
            out.endGroup();
            out.endField("element", 0);
            out.endGroup();
        });
        out.endField("list", 0);
        out.endGroup();
        out.endField("tables", field);
    }

    private static MessageType schema() {
        LogicalTypeAnnotation text = LogicalTypeAnnotation.stringType();
        Types.MessageTypeBuilder message = Types.buildMessage();
        message.addField(HistoryColumns.required(PrimitiveTypeName.INT64, null, 1, "seq"));
        message.addField(HistoryColumns.required(PrimitiveTypeName.INT64, null, 2, "first_seq"));
        message.addField(HistoryColumns.required(PrimitiveTypeName.BINARY, text, 3, "native_id"));
        message.addField(HistoryColumns.required(PrimitiveTypeName.BINARY, text, 4, "commit_position"));
        message.addField(HistoryColumns.timestamp(5, "commit_timestamp"));
        message.addField(HistoryColumns.timestamp(6, "ingest_timestamp"));
        message.addField(HistoryColumns.required(PrimitiveTypeName.INT32, null, 7, "epoch"));
        message.addField(HistoryColumns.required(PrimitiveTypeName.INT32, null, 8, "statements"));
        message.addField(Types.optional(PrimitiveTypeName.BINARY).as(text).id(9).named("mark"));
        GroupType table = Types.requiredGroup()
                .addField(HistoryColumns.required(PrimitiveTypeName.INT32, null, 12, "table_id"))
                .addField(HistoryColumns.required(PrimitiveTypeName.BINARY, text, 13, "table"))
                .addField(HistoryColumns.required(PrimitiveTypeName.INT64, null, 14, "inserts"))
                .addField(HistoryColumns.required(PrimitiveTypeName.INT64, null, 15, "updates"))
                .addField(HistoryColumns.required(PrimitiveTypeName.INT64, null, 16, "deletes"))
                .addField(HistoryColumns.required(PrimitiveTypeName.INT64, null, 17, "truncates"))
                .id(11)
                .named("element");
        message.addField(Types.optionalList().setElementType(table).id(10).named("tables"));
        return message.named("transactions");
    }
}
