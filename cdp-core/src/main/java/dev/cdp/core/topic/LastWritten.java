package dev.cdp.core.topic;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * The last record that was written to a change topic. It stands in the writer's state, in another topic, so that the
 * two can be held against each other: a broker may lose the end of either, or be given an old copy of it.
 *
 * @param offset of the record
 * @param sha256 of its value
 */
public record LastWritten(long offset, String sha256) {
    static final String KEY = "last-written";

    static LastWritten of(long offset, byte[] value) {
        return new LastWritten(offset, sha256(value));
    }

    boolean isAt(long otherOffset, byte[] value) {
        return offset == otherOffset && sha256.equals(sha256(value));
    }

    private static String sha256(byte[] value) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(value));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java has SHA-256", e);
        }
    }
}
