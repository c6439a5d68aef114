package dev.cdp.testkit.services;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * A password as PostgreSQL stores it (RFC 5802), to be checked with one round of its hash instead of 4,096. Tests connect
 * thousands of times, and the rounds are a tenth of what they compute.
 */
final class CheapPassword {
    private static final int ROUNDS = 1;
    private static final int KEY_BITS = 256;
    private static final byte[] SALT = "salt-of-the-tests".getBytes(StandardCharsets.US_ASCII);

    private CheapPassword() {}

    /** Returns what {@code ALTER ROLE … PASSWORD} takes in place of the password. */
    static String verifierOf(String password) {
        try {
            byte[] salted = SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256")
                    .generateSecret(new PBEKeySpec(password.toCharArray(), SALT, ROUNDS, KEY_BITS))
                    .getEncoded();
            byte[] storedKey = MessageDigest.getInstance("SHA-256").digest(key(salted, "Client Key"));
            Base64.Encoder base64 = Base64.getEncoder();
            return "SCRAM-SHA-256$" + ROUNDS + ":" + base64.encodeToString(SALT) + "$"
                    + base64.encodeToString(storedKey) + ":" + base64.encodeToString(key(salted, "Server Key"));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Every Java has SHA-256", e);
        }
    }

    private static byte[] key(byte[] salted, String name) throws GeneralSecurityException {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(salted, "HmacSHA256"));
        return mac.doFinal(name.getBytes(StandardCharsets.US_ASCII));
    }
}
