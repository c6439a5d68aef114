package dev.cdp.archiver;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Where files wait before they are in the archive. Nothing in it is worth keeping through a restart. */
record StagingFolder(Path path) {

    Path files() {
        return path.resolve("files");
    }

    Path spill() {
        return path.resolve("spill");
    }

    /** Deletes what an earlier run left behind. */
    void clean() {
        try {
            Files.createDirectories(path);
            List<Path> childrenFirst;
            try (Stream<Path> all = Files.walk(path)) {
                childrenFirst = all.sorted(Comparator.reverseOrder()).toList();
            }
            for (Path each : childrenFirst) {
                if (!each.equals(path)) {
                    Files.delete(each);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot clean " + path, e);
        }
    }

    void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot delete " + file, e);
        }
    }
}
