package dev.cdp.restore;

import dev.cdp.core.CdpException;
import dev.cdp.core.ErrorCode;
import dev.cdp.restore.plan.RestorePlan;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * Held while a plan is being restored, so that a second process on this machine does not take the target from the first.
 * The operating system gives it back when the process ends, however it ends.
 */
final class PlanLock implements AutoCloseable {
    private final FileChannel channel;

    private PlanLock(FileChannel channel) {
        this.channel = channel;
    }

    /** @throws CdpException {@code RESTORE_RUNNING} when another process holds it */
    static PlanLock take(Path workDirectory, RestorePlan plan) {
        Path file = workDirectory.resolve("locks").resolve(plan.id() + ".lock");
        try {
            Files.createDirectories(file.getParent());
            FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            if (lock(channel) == null) {
                channel.close();
                throw new CdpException(
                        ErrorCode.RESTORE_RUNNING,
                        "Another process restores by plan " + plan.id() + "; it holds " + file,
                        "Wait for it, or stop it and run the same plan again");
            }
            return new PlanLock(channel);
        } catch (IOException e) {
            throw new CdpException(
                    ErrorCode.WORK_DIRECTORY_FAILED,
                    "File " + file + " cannot be locked: " + e,
                    "Check the disk and the rights of the data directory. Then run the same plan again",
                    e);
        }
    }

    private static @Nullable FileLock lock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException e) { // in this process
            return null;
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException("Cannot give a lock back", e);
        }
    }
}
