package dev.cdp.core;

/**
 * An immutable object of an archive.
 *
 * @param key relative to the archive's root, so that a copy of the archive is an archive
 * @param rowCount rows in it, 0 for objects that are no tables
 * @param byteCount its size
 * @param sha256 of its bytes, lower-case hexadecimal
 */
public record StoredObject(String key, long rowCount, long byteCount, String sha256) {
    public StoredObject {
        if (key.isEmpty() || key.startsWith("/") || sha256.length() != 64) {
            throw new IllegalArgumentException("Not an archive object: '" + key + "' with SHA-256 '" + sha256 + "'");
        }
    }
}
