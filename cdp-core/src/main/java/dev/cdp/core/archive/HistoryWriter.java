package dev.cdp.core.archive;

import dev.cdp.core.ChangeEvent;
import dev.cdp.core.ChangeEvent.RowChange;
import dev.cdp.core.ChangeRecord;
import dev.cdp.core.SourceId;
import dev.cdp.core.TableId;
import dev.cdp.core.TableSchema;
import dev.cdp.core.topic.TransactionAssembler.Transaction;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Writes whole transactions as history files and transactions files into a local folder. Used by the archiver for what
 * it will commit, and by restore for the tail that is not in the archive yet. Not safe for use by several threads.
 *
 * <p>An open Parquet file costs memory for each of its columns (1.2 MiB for a table of 20), so the few rows of a quiet
 * table wait as they are until the files are rolled, and the largest file is closed early when all together would take
 * more than {@value #MEMORY_BYTES} bytes.
 */
public final class HistoryWriter implements AutoCloseable {
    private static final long MEMORY_BYTES = 64L << 20;

    private final SourceId source;
    private final Path directory;
    private final long targetFileBytes;
    private final Map<TableId, Map<Integer, TableSchema>> schemas = new HashMap<>();
    private final Map<OpenFileKey, OpenHistoryFile> openFiles = new LinkedHashMap<>();
    private final List<StagedHistory> finished = new ArrayList<>();
    private final TransactionsWriter transactions;
    private long memoryBytes;
    private long finishedBytes;

    private record OpenFileKey(TableId table, int schemaVersion, int epoch, LocalDate day) {}

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
        OpenHistoryFile.Commit commit = new OpenHistoryFile.Commit(transaction);
        for (ChangeRecord record : transaction.events()) {
            ChangeEvent event = record.event();
            if (event instanceof ChangeEvent.SchemaChange change) {
                learn(change.schema());
            } else if (event instanceof RowChange change) {
                TableSchema schema = schema(change.table(), change.schemaVersion());
                appendRow(schema, new OpenHistoryFile.Row(record, commit));
                summary.count(schema, change.operation());
            } else if (event instanceof ChangeEvent.Truncate truncate) {
                TableSchema schema = newestSchema(truncate.table());
                appendRow(schema, new OpenHistoryFile.Row(record, commit));
                summary.countTruncate(schema);
            } else if (event instanceof ChangeEvent.DdlStatement) {
                summary.countStatement();
            } else if (event instanceof ChangeEvent.Marker marker) {
                summary.countMarker(marker);
            }
        }
        transactions.append(summary);
    }

    private void appendRow(TableSchema schema, OpenHistoryFile.Row row) {
        LocalDate day = row.commit().timestamp().atZone(ZoneOffset.UTC).toLocalDate();
        OpenFileKey key =
                new OpenFileKey(schema.tableId(), schema.version(), row.commit().epoch(), day);
        OpenHistoryFile file = openFiles.get(key);
        if (file == null) {
            file = new OpenHistoryFile(source, directory, schema, day);
            openFiles.put(key, file);
        }
        long memoryBefore = file.memoryBytes();
        file.append(row);
        memoryBytes += file.memoryBytes() - memoryBefore;
        if (file.hasReached(targetFileBytes)) {
            finish(key);
        }
        while (memoryBytes > MEMORY_BYTES) {
            finish(Collections.max(openFiles.entrySet(), Comparator.comparingLong(open -> open.getValue()
                            .memoryBytes()))
                    .getKey());
        }
    }

    private void finish(OpenFileKey key) {
        OpenHistoryFile file = Objects.requireNonNull(openFiles.remove(key));
        memoryBytes -= file.memoryBytes();
        StagedHistory staged = file.finish();
        finished.add(staged);
        finishedBytes += staged.entry().object().byteCount();
    }

    /** About how much would be uploaded by now, in bytes. */
    public long stagedBytes() {
        return finishedBytes + memoryBytes;
    }

    /** Closes every open file. @return what was written since the last call */
    public Staged roll() {
        List.copyOf(openFiles.keySet()).forEach(this::finish);
        Staged staged = new Staged(List.copyOf(finished), transactions.roll());
        finished.clear();
        finishedBytes = 0;
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
        openFiles.values().forEach(OpenHistoryFile::close);
        openFiles.clear();
        transactions.close();
    }
}
