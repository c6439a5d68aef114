package dev.cdp.restore;

import dev.cdp.core.DataSize;
import dev.cdp.core.archive.ObjectStore;
import dev.cdp.core.topic.KafkaAccess;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * What restores work with.
 *
 * @param store the archive's; stays the caller's to close
 * @param kafka holds what is not archived yet; null to restore from the archive alone
 * @param workDirectory for staged objects and spill; what is staged stays there for the next run
 * @param memory outside of the Java heap, for folding
 */
public record RestoreSettings(
        ObjectStore store, @Nullable KafkaAccess kafka, Path workDirectory, DataSize memory, int threads) {

    /** 512 MiB and two threads. */
    public static RestoreSettings usual(ObjectStore store, @Nullable KafkaAccess kafka, Path workDirectory) {
        return new RestoreSettings(store, kafka, workDirectory, DataSize.ofMebibytes(512), 2);
    }
}
