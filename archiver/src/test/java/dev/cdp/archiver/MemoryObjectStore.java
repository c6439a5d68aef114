package dev.cdp.archiver;

import dev.cdp.core.archive.ObjectStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;

/** Objects in memory, for tests that write millions of them in random order. */
final class MemoryObjectStore implements ObjectStore {
    private final ConcurrentNavigableMap<String, byte[]> objects = new ConcurrentSkipListMap<>();

    @Override
    public PutOutcome putIfAbsent(String key, byte[] content) {
        return objects.putIfAbsent(key, content.clone()) == null ? PutOutcome.CREATED : PutOutcome.EXISTS;
    }

    @Override
    public void put(String key, Path file) {
        try {
            objects.put(key, Files.readAllBytes(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void putDerived(String key, byte[] content) {
        objects.put(key, content.clone());
    }

    @Override
    public Optional<byte[]> get(String key) {
        return Optional.ofNullable(objects.get(key)).map(byte[]::clone);
    }

    @Override
    public byte[] getRange(String key, long offset, int length) {
        byte[] content = objects.get(key);
        int begin = (int) Math.min(offset, content.length);
        return Arrays.copyOfRange(content, begin, (int) Math.min(offset + length, content.length));
    }

    @Override
    public boolean download(String key, Path file) {
        try {
            byte[] content = objects.get(key);
            if (content != null) {
                Files.write(file, content);
            }
            return content != null;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public Optional<Long> size(String key) {
        return get(key).map(content -> (long) content.length);
    }

    @Override
    public List<String> list(String prefix) {
        return objects.tailMap(prefix, true).keySet().stream()
                .takeWhile(key -> key.startsWith(prefix))
                .toList();
    }

    @Override
    public void delete(String key) {
        objects.remove(key);
    }

    @Override
    public String location() {
        return "memory:";
    }

    @Override
    public void close() {
        // the objects go with it
    }
}
