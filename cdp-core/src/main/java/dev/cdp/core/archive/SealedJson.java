package dev.cdp.core.archive;

import dev.cdp.core.Json;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A JSON document whose last field, {@code sha256}, is the SHA-256 of the document without it. The chain shows a change
 * of any entry but the newest; the seal shows that one too, and any change of what no entry names. It is no signature:
 * whoever can compute a hash can seal something else.
 */
final class SealedJson {
    private static final String FIELD = ",\"sha256\":\"";
    private static final String END = "\"}";
    private static final int SEAL_LENGTH = FIELD.length() + 64 + END.length();

    private SealedJson() {}

    static byte[] write(Object value) {
        return seal(Json.write(value));
    }

    static byte[] seal(String json) {
        String seal = FIELD + Sha256.of(json.getBytes(StandardCharsets.UTF_8)) + END;
        return (json.substring(0, json.length() - 1) + seal).getBytes(StandardCharsets.UTF_8);
    }

    /** @throws IllegalArgumentException when it is not what was written, or not a {@code type} */
    static <T> T read(byte[] bytes, Class<T> type) {
        int sealed = bytes.length - SEAL_LENGTH;
        if (sealed < 1) {
            throw new IllegalArgumentException("it is too short");
        }
        byte[] json = Arrays.copyOf(bytes, sealed + 1);
        json[sealed] = '}';
        String seal = new String(bytes, sealed, SEAL_LENGTH, StandardCharsets.ISO_8859_1);
        if (!seal.equals(FIELD + Sha256.of(json) + END)) {
            throw new IllegalArgumentException("its content does not have the SHA-256 that stands at its end");
        }
        return Json.read(new String(json, StandardCharsets.UTF_8), type);
    }
}
