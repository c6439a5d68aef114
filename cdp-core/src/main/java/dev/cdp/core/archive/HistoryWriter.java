package dev.cdp.core.archive;

import dev.cdp.core.ChangeEvent;
import dev.cdp.core.ChangeEvent.RowChange;
import dev.cdp.core.ChangeRecord;
import dev.cdp.core.Json;
import dev.cdp.core.RowImage;
import dev.cdp.core.SourceId;
import dev.cdp.core.TableId;
import dev.cdp.core.TableSchema;
import dev.cdp.core.topic.TransactionAssembler.Transaction;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.io.api.RecordConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Writes whole transactions as history files and transactions files into a local folder. Used by the archiver for what
 * it will commit, and by restore for the tail that is not in the archive yet. Not safe for use by several threads.
 */
public final class HistoryWriter implements AutoCloseable {
    private final SourceId source;
    private final Path directory;
    private final long targetFileBytes;
    private final Map<TableId, Map<Integer, TableSchema>> schemas = new HashMap<>();
    private final Map<OpenFileKey, OpenFile> openFiles = new LinkedHashMap<>();
    private final List<StagedHistory> finished = new ArrayList<>();
    private final TransactionsWriter transactions;

    private record OpenFileKey(TableId table, int schemaVersion, int epoch, LocalDate day) {}

    /** What becomes one row of a history file. */
    private record HistoryRow(ChangeRecord record, Transaction transaction) {}

    /**
     * A finished local file of row changes and what the ledger will say of it.
     *
     * @param entry its key is where it belongs in the archive
     */
    public record StagedHistory(Path path, LedgerEntry.HistoryFile entry) {}

    /** A finished local file of transactions and what the ledger will say of it. */
    public record StagedTransactions(Path path, LedgerEntry.TransactionsFile entry) {}

    /** All files since the last {@link #roll}. */
    public record Staged(List<StagedHistory> history, List<StagedTransactions> transactions) {}

    /** @param known schemas announced before the first transaction to come */
    public HistoryWriter(SourceId source, Path directory, long targetFileBytes, List<TableSchema> known) {
        this.source = source;
        this.directory = directory;
        this.targetFileBytes = targetFileBytes;
        this.transactions = new TransactionsWriter(source, directory);
        known.forEach(this::learn);
    }

    /** Makes a schema known whose rows may follow. */
    public void learn(TableSchema schema) {
        schemas.computeIfAbsent(schema.tableId(), id -> new HashMap<>()).put(schema.version(), schema);
    }

    /** @throws IllegalStateException when a row names a schema that was not announced */
    public void append(Transaction transaction) {
        TransactionsWriter.Summary summary = new TransactionsWriter.Summary(transaction);
        for (ChangeRecord record : transaction.events()) {
            ChangeEvent event = record.event();
            if (event instanceof ChangeEvent.SchemaChange change) {
                learn(change.schema());
            } else if (event instanceof RowChange change) {
                TableSchema schema = schema(change.table(), change.schemaVersion());
                appendRow(schema, new HistoryRow(record, transaction));
                summary.count(schema, change.operation());
            } else if (event instanceof ChangeEvent.Truncate truncate) {
                TableSchema schema = newestSchema(truncate.table());
                appendRow(schema, new HistoryRow(record, transaction));
                summary.countTruncate(schema);
            } else if (event instanceof ChangeEvent.DdlStatement) {
                summary.countStatement();
            } else if (event instanceof ChangeEvent.Marker marker) {
                summary.countMarker(marker);
            }
        }
        transactions.append(summary);
    }

    private void appendRow(TableSchema schema, HistoryRow row) {
        LocalDate day =
                row.transaction().end().commitTimestamp().atZone(ZoneOffset.UTC).toLocalDate();
        OpenFileKey key = new OpenFileKey(
                schema.tableId(), schema.version(), row.transaction().epoch(), day);
        OpenFile file = openFiles.computeIfAbsent(key, k -> new OpenFile(k, schema));
        file.append(row);
        if (file.parquet.dataSize() >= targetFileBytes) {
            finished.add(file.finish());
            openFiles.remove(key);
        }
    }

    /** Closes every open file. @return what was written since the last call */
    public Staged roll() {
        openFiles.values().forEach(file -> finished.add(file.finish()));
        openFiles.clear();
        Staged staged = new Staged(List.copyOf(finished), transactions.roll());
        finished.clear();
        return staged;
    }

    /** The schema that rows of this table and version follow. */
    public TableSchema schema(TableId table, int version) {
        TableSchema schema = schemas.getOrDefault(table, Map.of()).get(version);
        if (schema == null) {
            throw new IllegalStateException(
                    "Source '" + source + "' sent a row of table " + table + " in version " + version + " unannounced");
        }
        return schema;
    }

    private TableSchema newestSchema(TableId table) {
        return schemas.getOrDefault(table, Map.of()).values().stream()
                .max(java.util.Comparator.comparingInt(TableSchema::version))
                .orElseThrow(() ->
                        new IllegalStateException("Source '" + source + "' truncated table " + table + " unannounced"));
    }

    /** Closes without a result; the files are left for whoever cleans the folder. */
    @Override
    public void close() {
        openFiles.values().forEach(file -> file.parquet.close());
        openFiles.clear();
        transactions.close();
    }

    private final class OpenFile {
        private final OpenFileKey key;
        private final TableSchema schema;
        private final ParquetFile<HistoryRow> parquet;
        private final int firstRowField = HistoryColumns.metadata().named("x").getFieldCount();
        private long firstSeq;
        private long lastSeq;
        private long unresolved;

        OpenFile(OpenFileKey key, TableSchema schema) {
            this.key = key;
            this.schema = schema;
            this.parquet = new ParquetFile<>(
                    directory.resolve("history-" + UUID.randomUUID() + ".parquet"),
                    HistoryColumns.historySchema(schema),
                    Map.of("cdp.source", source.name(), "cdp.kind", "history", "cdp.schema", Json.write(schema)),
                    this::write);
        }

        void append(HistoryRow row) {
            lastSeq = row.record().seq();
            firstSeq = parquet.rowCount() == 0 ? lastSeq : firstSeq;
            parquet.append(row);
        }

        StagedHistory finish() {
            ParquetFile.Finished file = parquet.finish();
            String objectKey = ArchiveLayout.history(source, schema, key.day(), firstSeq);
            return new StagedHistory(
                    file.path(),
                    new LedgerEntry.HistoryFile(
                            file.storedAs(objectKey),
                            key.table(),
                            key.schemaVersion(),
                            key.epoch(),
                            key.day(),
                            firstSeq,
                            lastSeq,
                            unresolved));
        }

        private void write(RecordConsumer out, HistoryRow row) {
            Transaction transaction = row.transaction();
            Instant commit = transaction.end().commitTimestamp();
            int field = 0;
            RowFields.writeLong(out, HistoryColumns.SEQ, field++, row.record().seq());
            RowFields.writeText(
                    out, HistoryColumns.OP, field++, operation(row.record().event()));
            RowFields.writeInstant(out, HistoryColumns.COMMIT_TIMESTAMP, field++, commit);
            RowFields.writeText(
                    out,
                    HistoryColumns.COMMIT_POSITION,
                    field++,
                    transaction.end().position().nativeText());
            RowFields.writeLong(out, HistoryColumns.TX, field++, transaction.lastSeq());
            RowFields.writeInt(
                    out, HistoryColumns.TX_SEQ, field++, (int) (row.record().seq() - transaction.firstSeq()));
            RowFields.writeInstant(
                    out, HistoryColumns.INGEST_TIMESTAMP, field++, row.record().ingestTimestamp());
            RowFields.writeInt(out, HistoryColumns.SCHEMA_VERSION, field++, schema.version());
            RowFields.writeInt(out, HistoryColumns.EPOCH, field++, transaction.epoch());
            if (row.record().event() instanceof RowChange change) {
                writeImages(out, change, field);
            }
        }

        /** The after image; for a delete the image before stands in its place too, so that keys are always there. */
        private void writeImages(RecordConsumer out, RowChange change, int unavailableField) {
            RowImage shown = change.after() != null ? change.after() : change.before();
            if (shown != null) {
                unresolved += change.after() != null && shown.hasUnchanged() ? 1 : 0;
                writeUnavailable(out, shown, unavailableField);
                RowFields.write(out, schema, shown, firstRowField);
            }
            RowImage before = change.before();
            if (before != null) {
                int beforeField = firstRowField + schema.columns().size();
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
    }

    private static @Nullable String operation(ChangeEvent event) {
        if (event instanceof RowChange change) {
            return change.operation().name().toLowerCase(Locale.ROOT);
        }
        return HistoryColumns.OP_TRUNCATE;
    }
}
