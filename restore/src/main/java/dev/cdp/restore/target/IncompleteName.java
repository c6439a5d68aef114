package dev.cdp.restore.target;

import dev.cdp.core.Engine;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;

/** The name a database has until it is complete. */
final class IncompleteName {
    static final String SUFFIX = "__incomplete";
    private static final int HASH_DIGITS = 8;

    private IncompleteName() {}

    /** The longest name of a database, in bytes. */
    static int longestName(Engine engine) {
        return switch (engine) {
            case POSTGRESQL -> 63;
            case MARIADB, MYSQL -> 64;
        };
    }

    /** Shortened to what the server takes, and then told apart by a hash. */
    static String of(Engine engine, String database) {
        int longest = longestName(engine);
        byte[] name = database.getBytes(StandardCharsets.UTF_8);
        if (name.length + SUFFIX.length() <= longest) {
            return database + SUFFIX;
        }
        int end = longest - SUFFIX.length() - 1 - HASH_DIGITS;
        while ((name[end] & 0xC0) == 0x80) { // not inside of a character
            end--;
        }
        String start = new String(Arrays.copyOf(name, end), StandardCharsets.UTF_8);
        return start + "_" + hash(name) + SUFFIX;
    }

    private static String hash(byte[] name) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(name);
            return HexFormat.of().formatHex(hash).substring(0, HASH_DIGITS);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java has SHA-256", e);
        }
    }
}
