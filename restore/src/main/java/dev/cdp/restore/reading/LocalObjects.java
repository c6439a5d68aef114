package dev.cdp.restore.reading;

import dev.cdp.core.StoredObject;
import dev.cdp.core.archive.ArchiveDamagedException;
import dev.cdp.core.archive.ObjectStore;
import dev.cdp.core.archive.Sha256;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.UUID;

/**
 * Objects of an archive as local files, each fetched once and checked against its size and SHA-256 when it arrives.
 * Safe for use by several processes: a file appears under its final name whole.
 */
public final class LocalObjects {
    private final ObjectStore store;
    private final Path folder;

    /** @param folder grows with what is read; whoever owns it deletes it */
    public LocalObjects(ObjectStore store, Path folder) {
        this.store = store;
        this.folder = folder;
    }

    /** @throws ArchiveDamagedException when the object is missing or is not what the ledger says */
    public Path stage(StoredObject object) {
        Path file = folder.resolve(object.sha256());
        try {
            if (Files.isRegularFile(file) && Files.size(file) == object.byteCount()) {
                return file;
            }
            Files.createDirectories(folder);
            Path arriving = folder.resolve("arriving-" + UUID.randomUUID());
            try {
                fetch(object, arriving);
                return Files.move(arriving, file, StandardCopyOption.REPLACE_EXISTING);
            } finally {
                Files.deleteIfExists(arriving);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot stage archive objects in " + folder, e);
        }
    }

    private void fetch(StoredObject object, Path file) throws IOException {
        if (!store.download(object.key(), file)) {
            throw new ArchiveDamagedException("Object " + object.key() + " is missing from " + store.location());
        }
        long size = Files.size(file);
        if (size != object.byteCount()) {
            throw new ArchiveDamagedException("Object " + object.key() + " in " + store.location() + " has " + size
                    + " bytes; the ledger says " + object.byteCount());
        }
        if (!Sha256.of(file).equals(object.sha256())) {
            throw new ArchiveDamagedException("Object " + object.key() + " in " + store.location()
                    + " has other content than the ledger says: its SHA-256 differs");
        }
    }
}
