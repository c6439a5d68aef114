package dev.cdp.archiver.iceberg;

import dev.cdp.core.StoredObject;
import dev.cdp.core.archive.ObjectStore;
import dev.cdp.core.crash.CrashPoint;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.time.Duration;
import java.time.LocalDate;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.iceberg.AppendFiles;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DataFiles;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.PartitionData;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SortOrder;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.io.CloseableIterable;

/** One Iceberg table of the view: made when its first files come, and never told of a file twice. */
final class ViewTable {
    /** The last ledger entry whose files the table has, in the summary of each of its snapshots. */
    private static final String LEDGER_ENTRY = "cdp.ledger-entry";

    private static final int FORMAT_VERSION = 2;
    private static final int MOST_SNAPSHOTS = 120;
    private static final int FEWEST_SNAPSHOTS = 60;
    private static final Duration SNAPSHOT_AGE = Duration.ofHours(1);

    private final ArchiveTableOperations operations;
    private final String name;
    private final Clock clock;

    /** A file to add, and the day of its commits. */
    record NewFile(long entryNumber, StoredObject object, LocalDate day) {}

    ViewTable(ObjectStore store, String folder, String name, Clock clock) {
        this.operations = new ArchiveTableOperations(store, folder);
        this.name = name;
        this.clock = clock;
    }

    /** The last ledger entry whose files the table has; 0 for none. */
    long takenOver() {
        if (!operations.exists()) {
            return 0;
        }
        Snapshot snapshot = operations.current().currentSnapshot();
        return snapshot == null ? 0 : Long.parseLong(snapshot.summary().getOrDefault(LEDGER_ENTRY, "0"));
    }

    /** Whether the table was made for this place: a copied archive still names the place it was copied from. */
    boolean isElsewhere() {
        return operations.exists() && !operations.current().location().equals(operations.location());
    }

    /** The keys of the files it has. */
    Set<String> files() {
        if (!operations.exists()) {
            return Set.of();
        }
        Set<String> keys = new HashSet<>();
        try (CloseableIterable<FileScanTask> tasks =
                new BaseTable(operations, name).newScan().planFiles()) {
            tasks.forEach(task -> keys.add(operations.key(task.file().location())));
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read the files of " + name, e);
        }
        return keys;
    }

    /**
     * Adds the files that the table does not have yet.
     *
     * @param upTo the newest ledger entry that {@code files} were looked up to
     */
    void append(ViewSchema schema, Map<String, String> properties, List<NewFile> files, long upTo) {
        createOrEvolve(schema, properties);
        long has = takenOver();
        Table table = new BaseTable(operations, name);
        AppendFiles append = table.newAppend().set(LEDGER_ENTRY, Long.toString(upTo));
        files.stream()
                .filter(file -> file.entryNumber() > has)
                .map(file -> dataFile(table.spec(), file))
                .forEach(append::appendFile);
        CrashPoint.ARCHIVER_VIEW_FILES_LISTED.reached();
        append.commit();
        expireSnapshots(table);
    }

    private void createOrEvolve(ViewSchema schema, Map<String, String> properties) {
        if (!operations.exists()) {
            operations.commit(
                    null,
                    TableMetadata.buildFromEmpty(FORMAT_VERSION)
                            .assignUUID()
                            .setLocation(operations.location())
                            .setCurrentSchema(schema.fields(), schema.fields().highestFieldId())
                            .setDefaultPartitionSpec(schema.byDay())
                            .setDefaultSortOrder(SortOrder.unsorted())
                            .setProperties(properties)
                            // a conflict means that another process publishes too; whose files came first must be read
                            .setProperties(Map.of(TableProperties.COMMIT_NUM_RETRIES, "0"))
                            .build());
            return;
        }
        TableMetadata base = operations.current();
        if (!base.schema().asStruct().equals(schema.fields().asStruct())) {
            int lastColumnId = Math.max(base.lastColumnId(), schema.fields().highestFieldId());
            operations.commit(
                    base,
                    TableMetadata.buildFrom(base)
                            .setCurrentSchema(schema.fields(), lastColumnId)
                            .build());
        }
    }

    private DataFile dataFile(PartitionSpec spec, NewFile file) {
        PartitionData partition = new PartitionData(spec.partitionType());
        partition.set(0, (int) file.day().toEpochDay());
        return DataFiles.builder(spec)
                .withPath(operations.location(file.object().key()))
                .withFormat(FileFormat.PARQUET)
                .withPartition(partition)
                .withFileSizeInBytes(file.object().byteCount())
                .withRecordCount(file.object().rowCount())
                .build();
    }

    /** Keeps the metadata small. The files of expired snapshots are all in later ones, so only metadata is deleted. */
    private void expireSnapshots(Table table) {
        if (operations.current().snapshots().size() > MOST_SNAPSHOTS) {
            table.expireSnapshots()
                    .retainLast(FEWEST_SNAPSHOTS)
                    .expireOlderThan(clock.instant().minus(SNAPSHOT_AGE).toEpochMilli())
                    .commit();
        }
    }
}
