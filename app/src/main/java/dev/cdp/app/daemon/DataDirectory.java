package dev.cdp.app.daemon;

import dev.cdp.core.CdpException;
import dev.cdp.core.ErrorCode;
import dev.cdp.core.crash.CrashPoint;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** The daemon's folder, held by one process. The operating system lets go of it when that process dies. */
final class DataDirectory implements AutoCloseable {
    private final Path path;
    private final FileChannel lock;

    private DataDirectory(Path path, FileChannel lock) {
        this.path = path;
        this.lock = lock;
    }

    /** @throws CdpException {@code DATA_DIRECTORY_LOCKED} when another daemon has it */
    static DataDirectory acquire(Path folder) {
        try {
            Files.createDirectories(folder);
            FileChannel channel = FileChannel.open(
                    folder.resolve("daemon.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            if (!isLocked(channel)) {
                channel.close();
                throw new CdpException(
                        ErrorCode.DATA_DIRECTORY_LOCKED,
                        "Another daemon uses the data directory " + folder,
                        "cdp status\nStop the other 'cdp run', or give this one another data-directory");
            }
            CrashPoint.CONTROL_DATA_DIRECTORY_ACQUIRED.reached();
            return new DataDirectory(folder, channel);
        } catch (IOException e) {
            throw new CdpException(
                    ErrorCode.TOOL_MISSING,
                    "The data directory " + folder + " cannot be used: " + e,
                    "Make it writable for this user, or set data-directory",
                    e);
        }
    }

    Path path() {
        return path;
    }

    private static boolean isLocked(FileChannel channel) throws IOException {
        try {
            return channel.tryLock() != null;
        } catch (OverlappingFileLockException e) { // another daemon in this process
            return false;
        }
    }

    @Override
    public void close() {
        try {
            lock.close();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
