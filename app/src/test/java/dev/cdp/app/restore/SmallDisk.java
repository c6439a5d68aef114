package dev.cdp.app.restore;

import dev.cdp.testkit.objects.NotRun;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.opentest4j.TestAbortedException;

/** A file system of its own in memory, of which little is left until {@link #makeRoom}. */
final class SmallDisk implements AutoCloseable {
    private final Path folder;

    private SmallDisk(Path folder) {
        this.folder = folder;
    }

    /** Skips the test, and says so, where this user may not mount. */
    static SmallDisk mount(Path folder, int mebibytes) throws IOException {
        Files.createDirectories(folder);
        if (!run("mount", "-t", "tmpfs", "-o", "size=" + mebibytes + "m", "tmpfs", folder.toString())) {
            throw new TestAbortedException(
                    NotRun.say("this user may not mount a file system, which is to become full"));
        }
        return new SmallDisk(folder);
    }

    Path folder() {
        return folder;
    }

    /** Takes everything but so many bytes. */
    void leave(long byteCount) throws IOException {
        long taken = Files.getFileStore(folder).getUsableSpace() - byteCount;
        byte[] chunk = new byte[1 << 16];
        try (RandomAccessFile file = new RandomAccessFile(filler().toFile(), "rw")) {
            for (long left = taken; left > 0; left -= chunk.length) {
                file.write(chunk, 0, (int) Math.min(chunk.length, left));
            }
        }
    }

    void makeRoom() throws IOException {
        Files.delete(filler());
    }

    private Path filler() {
        return folder.resolve("filler");
    }

    private static boolean run(String... command) throws IOException {
        Process process =
                new ProcessBuilder(List.of(command)).redirectErrorStream(true).start();
        try {
            return process.waitFor(60, TimeUnit.SECONDS) && process.exitValue() == 0;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    @Override
    public void close() throws IOException {
        run("umount", "-l", folder.toString());
    }
}
