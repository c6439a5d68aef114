package dev.cdp.archiver;

import dev.cdp.core.archive.ObjectStore;
import dev.cdp.core.archive.StorageUnavailableException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.Supplier;

/**
 * A store whose every call is one step of an {@link Interleaving}. Some calls fail before they happen, some after, and some
 * writes arrive when their caller has long given up. Lists may lack the newest keys.
 */
final class SteppedStore implements ObjectStore {
    private final ObjectStore store;
    private final Interleaving steps;
    private final Random random;

    SteppedStore(ObjectStore store, Interleaving steps, Random random) {
        this.store = store;
        this.steps = steps;
        this.random = random;
    }

    @Override
    public PutOutcome putIfAbsent(String key, byte[] content) {
        return write(key, () -> store.putIfAbsent(key, content));
    }

    @Override
    public void put(String key, Path file) {
        write(key, () -> {
            store.put(key, file);
            return key;
        });
    }

    @Override
    public void putDerived(String key, byte[] content) {
        write(key, () -> {
            store.putDerived(key, content);
            return key;
        });
    }

    @Override
    public void delete(String key) {
        write(key, () -> {
            store.delete(key);
            return key;
        });
    }

    private <T> T write(String key, Supplier<T> call) {
        steps.step();
        int draw = random.nextInt(100);
        if (draw < 4) {
            throw unavailable(key);
        }
        if (draw < 8) {
            steps.later(call::get);
            throw unavailable(key);
        }
        T result = call.get();
        if (draw < 12) {
            throw unavailable(key);
        }
        return result;
    }

    private <T> T read(String key, Supplier<T> call) {
        steps.step();
        if (random.nextInt(50) == 0) {
            throw unavailable(key);
        }
        return call.get();
    }

    private StorageUnavailableException unavailable(String key) {
        return new StorageUnavailableException("reach " + key, location(), new IOException("injected"));
    }

    @Override
    public Optional<byte[]> get(String key) {
        return read(key, () -> store.get(key));
    }

    @Override
    public byte[] getRange(String key, long offset, int length) {
        return read(key, () -> store.getRange(key, offset, length));
    }

    @Override
    public boolean download(String key, Path file) {
        return read(key, () -> store.download(key, file));
    }

    @Override
    public Optional<Long> size(String key) {
        return read(key, () -> store.size(key));
    }

    @Override
    public List<String> list(String prefix) {
        List<String> all = read(prefix, () -> store.list(prefix));
        return all.subList(0, all.size() - (random.nextInt(10) == 0 ? random.nextInt(all.size() + 1) : 0));
    }

    @Override
    public String location() {
        return store.location();
    }

    @Override
    public void close() {
        // the store belongs to the test
    }
}
