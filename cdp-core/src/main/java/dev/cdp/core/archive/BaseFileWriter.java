package dev.cdp.core.archive;

import dev.cdp.core.Json;
import dev.cdp.core.RowImage;
import dev.cdp.core.SourceId;
import dev.cdp.core.StoredObject;
import dev.cdp.core.TableSchema;
import dev.cdp.core.crash.CrashPoint;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Writes the full state of one table as base files into the archive, a new file whenever one has reached its size.
 * Nothing of it is visible before a ledger entry names it. Not safe for use by several threads.
 */
public final class BaseFileWriter implements AutoCloseable {
    private final ObjectStore store;
    private final SourceId source;
    private final String baseId;
    private final TableSchema schema;
    private final Path stagingDirectory;
    private final long targetFileBytes;
    private final List<StoredObject> objects = new ArrayList<>();
    private @Nullable ParquetFile<RowImage> open;

    public BaseFileWriter(
            ObjectStore store,
            SourceId source,
            String baseId,
            TableSchema schema,
            Path stagingDirectory,
            long targetFileBytes) {
        this.store = store;
        this.source = source;
        this.baseId = baseId;
        this.schema = schema;
        this.stagingDirectory = stagingDirectory;
        this.targetFileBytes = targetFileBytes;
    }

    public void append(RowImage row) {
        if (open == null) {
            open = new ParquetFile<>(
                    stagingDirectory.resolve(baseId + "-" + schema.tableId() + "-" + objects.size() + "-"
                            + System.nanoTime() + ".parquet"),
                    HistoryColumns.baseSchema(schema),
                    Map.of("cdp.source", source.name(), "cdp.kind", "base", "cdp.schema", Json.write(schema)),
                    (out, image) -> RowFields.write(out, schema, image, 0));
        }
        open.append(row);
        if (open.dataSize() >= targetFileBytes) {
            roll();
        }
    }

    /** Uploads what is left. @return every file of this table, empty for a table without rows */
    public List<StoredObject> finish() {
        roll();
        return List.copyOf(objects);
    }

    private void roll() {
        if (open == null) {
            return;
        }
        ParquetFile.Finished finished = open.finish();
        open = null;
        StoredObject object = finished.storedAs(ArchiveLayout.base(source, baseId, schema, objects.size()));
        store.put(object.key(), finished.path());
        CrashPoint.CAPTURE_BASE_FILE_UPLOADED.reached();
        delete(finished.path());
        objects.add(object);
    }

    private static void delete(Path path) {
        try {
            Files.deleteIfExists(path);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot delete " + path, e);
        }
    }

    /** Discards the file that is still open; the finished ones stay as objects that no entry names. */
    @Override
    public void close() {
        if (open != null) {
            delete(open.finish().path());
            open = null;
        }
    }
}
