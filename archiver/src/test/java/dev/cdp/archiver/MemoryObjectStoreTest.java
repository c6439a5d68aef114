package dev.cdp.archiver;

import dev.cdp.core.archive.ObjectStore;

class MemoryObjectStoreTest implements ObjectStoreContract {
    private final ObjectStore store = new MemoryObjectStore();

    @Override
    public ObjectStore store() {
        return store;
    }
}
