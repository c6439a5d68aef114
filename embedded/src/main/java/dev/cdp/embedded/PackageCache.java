package dev.cdp.embedded;

import java.io.IOException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * Where packages are unpacked once and used by every later start, by this process and others. The place is the system
 * property {@code cdp.cache-directory}, else {@code /var/cache/cdp} for root, else the user's cache directory.
 */
final class PackageCache {
    static final String PROPERTY = "cdp.cache-directory";

    private PackageCache() {}

    /** Fills a directory that is empty when it is handed over. */
    interface Filler {
        void fill(Path directory) throws IOException;
    }

    /**
     * Returns the directory called {@code name}, filled if it was not there. It appears whole or not at all; when two
     * processes fill it at the same time, both use the one that was first.
     */
    static Path filled(String name, Filler filler) {
        Path wanted = directory().resolve(name);
        if (Files.isDirectory(wanted)) {
            return wanted;
        }
        try {
            Files.createDirectories(wanted.getParent());
            Path filling = Files.createTempDirectory(wanted.getParent(), name + ".");
            try {
                // A temporary directory is closed to everybody else; servers may run as another user.
                Files.setPosixFilePermissions(filling, PosixFilePermissions.fromString("rwxr-xr-x"));
                filler.fill(filling);
                publish(filling, wanted);
            } finally {
                deleteTree(filling);
            }
            return wanted;
        } catch (IOException failure) {
            throw EmbeddedServiceException.notUnpacked(wanted, failure);
        }
    }

    private static void publish(Path filling, Path wanted) throws IOException {
        try {
            Files.move(filling, wanted, StandardCopyOption.ATOMIC_MOVE);
        } catch (AtomicMoveNotSupportedException failure) {
            throw failure;
        } catch (FileSystemException failure) {
            if (!Files.isDirectory(wanted)) {
                throw failure;
            }
        }
    }

    static Path directory() {
        String chosen = System.getProperty(PROPERTY);
        if (chosen != null) {
            return Path.of(chosen).toAbsolutePath();
        }
        if (ServerUser.isRoot()) {
            return Path.of("/var/cache/cdp");
        }
        String userCache = System.getenv("XDG_CACHE_HOME");
        return userCache == null || userCache.isBlank()
                ? Path.of(System.getProperty("user.home"), ".cache", "cdp")
                : Path.of(userCache, "cdp");
    }

    /** Copies a folder with all it holds, with the rights of each file, to a place where nothing stands yet. */
    static void copyTree(Path from, Path to) throws IOException {
        List<Path> parentsFirst;
        try (Stream<Path> paths = Files.walk(from)) {
            parentsFirst = paths.toList();
        }
        for (Path path : parentsFirst) {
            Files.copy(path, to.resolve(from.relativize(path)), StandardCopyOption.COPY_ATTRIBUTES);
        }
    }

    static void deleteTree(Path root) throws IOException {
        if (!Files.exists(root)) {
            return;
        }
        List<Path> childrenFirst;
        try (Stream<Path> paths = Files.walk(root)) {
            childrenFirst = paths.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path path : childrenFirst) {
            Files.delete(path);
        }
    }
}
