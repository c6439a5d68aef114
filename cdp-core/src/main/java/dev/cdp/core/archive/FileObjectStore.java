package dev.cdp.core.archive;

import dev.cdp.core.crash.CrashPoint;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/**
 * A folder as an object store. An object is forced to disk under a temporary name before a hard link gives it its own,
 * which fails when the name is taken; then the folder is forced too.
 */
final class FileObjectStore implements ObjectStore {
    private static final String TEMPORARY = ".tmp-";

    private final Path root;
    private final Disk disk;
    private final Set<Path> forcedFolders = ConcurrentHashMap.newKeySet();

    /** Where what was written is made to stay, so that a test can see that it is. */
    interface Disk {
        /** Returns when the file's bytes, or the names in the folder, survive a power cut. */
        void force(Path path) throws IOException;
    }

    FileObjectStore(Path root) {
        this(root, FileObjectStore::forceToDisk);
    }

    FileObjectStore(Path root, Disk disk) {
        this.root = root.toAbsolutePath().normalize();
        this.disk = disk;
    }

    private static void forceToDisk(Path path) throws IOException {
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    @Override
    public PutOutcome putIfAbsent(String key, byte[] content) {
        return guarded("create " + key, () -> {
            Path temporary = writeTemporary(key, content);
            try {
                return link(temporary, path(key));
            } finally {
                Files.deleteIfExists(temporary);
            }
        });
    }

    @Override
    public void put(String key, Path file) {
        guarded("write " + key, () -> {
            Path temporary = temporaryBeside(key);
            Files.copy(file, temporary);
            disk.force(temporary);
            CrashPoint.ARCHIVER_OBJECT_FORCED.reached();
            try {
                if (link(temporary, path(key)) == PutOutcome.EXISTS) {
                    throw new FileAlreadyExistsException(path(key).toString());
                }
            } finally {
                Files.deleteIfExists(temporary);
            }
            return null;
        });
    }

    @Override
    public void putDerived(String key, byte[] content) {
        guarded("write " + key, () -> {
            Path temporary = writeTemporary(key, content);
            Files.move(temporary, path(key), StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
            disk.force(path(key).getParent());
            return null;
        });
    }

    @Override
    public Optional<byte[]> get(String key) {
        return guarded("read " + key, () -> {
            try {
                return Optional.of(Files.readAllBytes(path(key)));
            } catch (NoSuchFileException e) {
                return Optional.empty();
            }
        });
    }

    @Override
    public byte[] getRange(String key, long offset, int length) {
        return guarded("read " + key, () -> {
            try (RandomAccessFile file = new RandomAccessFile(path(key).toFile(), "r")) {
                byte[] bytes = new byte[length];
                file.seek(offset);
                int read = 0;
                while (read < length) {
                    int more = file.read(bytes, read, length - read);
                    if (more < 0) {
                        return Arrays.copyOf(bytes, read);
                    }
                    read += more;
                }
                return bytes;
            }
        });
    }

    @Override
    public boolean download(String key, Path file) {
        return guarded("read " + key, () -> {
            try {
                Files.copy(path(key), file, StandardCopyOption.REPLACE_EXISTING);
                return true;
            } catch (NoSuchFileException e) {
                return false;
            }
        });
    }

    @Override
    public Optional<Long> size(String key) {
        return guarded("look at " + key, () -> {
            try {
                return Optional.of(Files.size(path(key)));
            } catch (NoSuchFileException e) {
                return Optional.empty();
            }
        });
    }

    @Override
    public List<String> list(String prefix) {
        return guarded("list " + prefix, () -> {
            int slash = prefix.lastIndexOf('/');
            Path folder = slash < 0 ? root : path(prefix.substring(0, slash));
            if (!Files.isDirectory(folder)) {
                return List.of();
            }
            List<String> keys = new ArrayList<>();
            Files.walkFileTree(
                    folder,
                    EnumSet.of(FileVisitOption.FOLLOW_LINKS),
                    Integer.MAX_VALUE,
                    new PresentFiles(file -> keys.add(root.relativize(file).toString())));
            return keys.stream()
                    .filter(key -> key.startsWith(prefix) && !key.contains(TEMPORARY))
                    .sorted()
                    .toList();
        });
    }

    @Override
    public void delete(String key) {
        guarded("delete " + key, () -> Files.deleteIfExists(path(key)));
    }

    @Override
    public String location() {
        return "file://" + root;
    }

    @Override
    public void close() {
        // nothing is held open between calls
    }

    private Path path(String key) {
        Path path = root.resolve(key).normalize();
        if (!path.startsWith(root)) {
            throw new IllegalArgumentException("Key '" + key + "' leaves the archive");
        }
        return path;
    }

    private Path temporaryBeside(String key) throws IOException {
        Path target = path(key);
        createFolders(target.getParent());
        return target.resolveSibling(TEMPORARY + UUID.randomUUID());
    }

    /**
     * Creates missing folders and forces each one's name in its parent, or the object could vanish with its folder. One
     * that is there already may have been made by a process that ended before it forced anything.
     */
    private void createFolders(Path folder) throws IOException {
        if (forcedFolders.contains(folder) && Files.isDirectory(folder)) {
            return;
        }
        Path parent = folder.getParent();
        boolean isAboveRoot = !folder.startsWith(root) || folder.equals(root);
        if (parent == null || (isAboveRoot && Files.isDirectory(folder))) {
            return;
        }
        createFolders(parent);
        Files.createDirectories(folder);
        disk.force(parent);
        forcedFolders.add(folder);
    }

    private Path writeTemporary(String key, byte[] content) throws IOException {
        Path temporary = temporaryBeside(key);
        Files.write(temporary, content, StandardOpenOption.CREATE_NEW);
        disk.force(temporary);
        return temporary;
    }

    private PutOutcome link(Path temporary, Path target) throws IOException {
        try {
            Files.createLink(target, temporary);
        } catch (FileAlreadyExistsException e) {
            disk.force(target.getParent()); // whoever linked it may have failed before it did
            return PutOutcome.EXISTS;
        }
        CrashPoint.ARCHIVER_OBJECT_LINKED.reached();
        disk.force(target.getParent());
        return PutOutcome.CREATED;
    }

    /** Passes over what vanishes while it looks: the temporary files of a writer at work, and what is deleted. */
    private static final class PresentFiles extends SimpleFileVisitor<Path> {
        private final Consumer<Path> seen;

        PresentFiles(Consumer<Path> seen) {
            this.seen = seen;
        }

        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            if (attributes.isRegularFile()) {
                seen.accept(file);
            }
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult visitFileFailed(Path file, IOException failure) throws IOException {
            if (failure instanceof NoSuchFileException) {
                return FileVisitResult.CONTINUE;
            }
            throw failure;
        }
    }

    private interface Step<T> {
        T run() throws IOException;
    }

    private <T> T guarded(String what, Step<T> step) {
        try {
            return step.run();
        } catch (java.nio.file.AccessDeniedException e) {
            throw new StorageAccessDeniedException(what, location(), e);
        } catch (IOException e) {
            throw new StorageUnavailableException(what, location(), e);
        }
    }
}
