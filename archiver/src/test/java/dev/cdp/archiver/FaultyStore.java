package dev.cdp.archiver;

import dev.cdp.core.archive.ObjectStore;
import dev.cdp.core.archive.StorageUnavailableException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/** A store whose writes fail now and then, some before and some after they have happened. Its caller cannot tell. */
final class FaultyStore implements ObjectStore {
    private final ObjectStore store;
    private final Random random;
    private final int faultsPerHundred;

    FaultyStore(ObjectStore store, long seed, int faultsPerHundred) {
        this.store = store;
        this.random = new Random(seed);
        this.faultsPerHundred = faultsPerHundred;
    }

    @Override
    public PutOutcome putIfAbsent(String key, byte[] content) {
        mayFail(key);
        PutOutcome outcome = store.putIfAbsent(key, content);
        mayFail(key);
        return outcome;
    }

    @Override
    public void put(String key, Path file) {
        mayFail(key);
        store.put(key, file);
        mayFail(key);
    }

    private synchronized void mayFail(String key) {
        if (random.nextInt(100) < faultsPerHundred) {
            throw new StorageUnavailableException("write " + key, location(), new IOException("injected"));
        }
    }

    @Override
    public void putDerived(String key, byte[] content) {
        store.putDerived(key, content);
    }

    @Override
    public Optional<byte[]> get(String key) {
        return store.get(key);
    }

    @Override
    public byte[] getRange(String key, long offset, int length) {
        return store.getRange(key, offset, length);
    }

    @Override
    public boolean download(String key, Path file) {
        return store.download(key, file);
    }

    @Override
    public Optional<Long> size(String key) {
        return store.size(key);
    }

    @Override
    public List<String> list(String prefix) {
        return store.list(prefix);
    }

    @Override
    public void delete(String key) {
        store.delete(key);
    }

    @Override
    public String location() {
        return store.location();
    }

    @Override
    public void close() {
        store.close();
    }
}
