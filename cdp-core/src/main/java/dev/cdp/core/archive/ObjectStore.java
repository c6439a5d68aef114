package dev.cdp.core.archive;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Immutable objects under relative keys. Every write is durable when the call returns; objects are never overwritten
 * in place except through {@link #putDerived}.
 *
 * <p>All methods throw {@link StorageUnavailableException} when the outcome is unknown, {@link
 * dev.cdp.core.CdpException} with {@code ARCHIVE_ACCESS_DENIED} when the storage refuses. Safe for use by several
 * threads.
 */
public interface ObjectStore extends AutoCloseable {

    /** What a conditional write did. */
    enum PutOutcome {
        CREATED,
        /** Another object stands there, possibly from an earlier attempt of our own: read it back. */
        EXISTS
    }

    /** Creates the object unless there is one of this key: exactly one of several callers wins. */
    PutOutcome putIfAbsent(String key, byte[] content);

    /** Uploads a file under a key that nobody else uses. */
    void put(String key, Path file);

    /** Writes an object that can be made again from others, replacing what was there. */
    void putDerived(String key, byte[] content);

    Optional<byte[]> get(String key);

    /** @return {@code length} bytes from {@code offset}, fewer at the end of the object */
    byte[] getRange(String key, long offset, int length);

    /** Copies the object to a local file, which it replaces. @return whether there is such an object */
    boolean download(String key, Path file);

    /** @return the size in bytes */
    Optional<Long> size(String key);

    /** Keys that start with {@code prefix}, in ascending order. */
    List<String> list(String prefix);

    /** Deletes the object; an absent one is fine. */
    void delete(String key);

    /** Where the store is, as an absolute URI without a trailing slash; credentials are not part of it. */
    String location();

    @Override
    void close();
}
