package dev.cdp.restore.reading;

import dev.cdp.core.CdpException;
import dev.cdp.core.DataSize;
import dev.cdp.core.ErrorCode;
import dev.cdp.core.StoredObject;
import dev.cdp.core.archive.ArchiveDamagedException;
import dev.cdp.core.archive.ObjectStore;
import dev.cdp.core.archive.Sha256;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HashSet;
import java.util.Set;
import java.util.UUID;

/**
 * Objects of an archive as local files, each fetched once and checked against its size and SHA-256 when it arrives.
 * One object is for one thread; several processes may share a folder: a file appears under its final name whole.
 */
public final class LocalObjects {
    private final ObjectStore store;
    private final Path folder;
    private final Set<String> checked = new HashSet<>(); // by this process

    /** @param folder grows with what is read; whoever owns it deletes it */
    public LocalObjects(ObjectStore store, Path folder) {
        this.store = store;
        this.folder = folder;
    }

    /** @throws ArchiveDamagedException when the object is missing or is not what the ledger says */
    public Path stage(StoredObject object) {
        Path file = folder.resolve(object.sha256());
        try {
            if (checked.contains(object.sha256()) || isWhole(file, object)) {
                checked.add(object.sha256());
                return file;
            }
            Files.createDirectories(folder);
            Path arriving = folder.resolve("arriving-" + UUID.randomUUID());
            requireRoom(object);
            try {
                fetch(object, arriving);
                checked.add(object.sha256());
                return Files.move(arriving, file, StandardCopyOption.REPLACE_EXISTING);
            } finally {
                Files.deleteIfExists(arriving);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot stage archive objects in " + folder, e);
        }
    }

    /** What an earlier run has left may have been damaged since, or lost in a crash of the machine. */
    private static boolean isWhole(Path file, StoredObject object) throws IOException {
        return Files.isRegularFile(file)
                && Files.size(file) == object.byteCount()
                && Sha256.of(file).equals(object.sha256());
    }

    /** A copy that fails for want of room looks like a failure of the storage. */
    private void requireRoom(StoredObject object) throws IOException {
        long room = Files.getFileStore(folder).getUsableSpace();
        if (room < object.byteCount()) {
            throw new CdpException(
                    ErrorCode.WORK_DIRECTORY_FAILED,
                    "Object " + object.key() + " needs " + new DataSize(object.byteCount()) + " in " + folder
                            + ", which has " + new DataSize(room),
                    "Make room there. What was fetched stays");
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
