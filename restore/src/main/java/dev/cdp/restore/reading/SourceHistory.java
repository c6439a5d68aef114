package dev.cdp.restore.reading;

import dev.cdp.core.StoredObject;
import dev.cdp.core.archive.ArchiveState;
import dev.cdp.core.fold.FoldDatabase;
import dev.cdp.core.fold.TransactionLog;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Everything known of one source. Closing it deletes the tail's files; staged objects stay.
 *
 * @param state the archive's, and the tail's after it
 * @param archivedSeq up to where the archive alone goes
 * @param tailMissing why the tail in Kafka was not read, null when it was
 * @param tailFiles the tail's files by the key where they would belong
 */
public record SourceHistory(
        ArchiveState state,
        long archivedSeq,
        @Nullable String tailMissing,
        Map<String, Path> tailFiles,
        LocalObjects objects)
        implements AutoCloseable {

    public SourceHistory {
        tailFiles = Map.copyOf(tailFiles);
    }

    /** Where the object stands on local disk, fetched if need be. */
    public Path local(StoredObject object) {
        Path tail = tailFiles.get(object.key());
        return tail != null ? tail : objects.stage(object);
    }

    public TransactionLog transactions(FoldDatabase database) {
        return new TransactionLog(database, state.transactions(), file -> local(file.object()));
    }

    @Override
    public void close() {
        try {
            for (Path file : tailFiles.values()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot delete the files of a tail", e);
        }
    }
}
