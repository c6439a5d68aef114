package dev.cdp.testkit.services;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One service per JVM: started in a temporary directory on first use, closed and deleted when the JVM ends. */
final class Shared<S extends AutoCloseable> {
    private static final Logger log = LoggerFactory.getLogger(Shared.class);

    private final String name;
    private final Function<Path, S> start;
    private @Nullable S service;

    Shared(String name, Function<Path, S> start) {
        this.name = name;
        this.start = start;
    }

    synchronized S service() {
        if (service == null) {
            Path directory = createDirectory();
            S started = started(directory);
            Runtime.getRuntime().addShutdownHook(new Thread(() -> remove(started, directory), name + "-remove"));
            service = started;
        }
        return service;
    }

    private S started(Path directory) {
        try {
            return start.apply(directory);
        } catch (RuntimeException | LinkageError failure) {
            delete(directory);
            throw failure;
        }
    }

    private Path createDirectory() {
        try {
            return Files.createTempDirectory("cdp-test-" + name + "-");
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private void remove(S started, Path directory) {
        try {
            started.close();
        } catch (Exception failure) { // the JVM is ending; a leftover is worth a line and nothing more
            log.warn("Cannot close {}", name, failure);
        }
        delete(directory);
    }

    private void delete(Path directory) {
        try {
            deleteTree(directory);
        } catch (IOException failure) {
            log.warn("Cannot delete {} of {}", directory, name, failure);
        }
    }

    private static void deleteTree(Path directory) throws IOException {
        List<Path> childrenFirst;
        try (Stream<Path> paths = Files.walk(directory)) {
            childrenFirst = paths.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path path : childrenFirst) {
            Files.delete(path);
        }
    }
}
