package dev.cdp.restore.verify;

import dev.cdp.core.RowImage;
import dev.cdp.core.Unchanged;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * A digest of rows whatever their order: the sum, modulo 2^256, of the SHA-256 of each row's canonical bytes. In those
 * every value stands after a tag of its type, and texts and byte strings after their length, so that no two different
 * rows have the same bytes. Equal digests and counts mean equal multisets of rows.
 */
public final class RowDigest {
    private static final BigInteger MODULUS = BigInteger.ONE.shiftLeft(256);
    private static final int BATCH = 64;

    private final MessageDigest sha256;
    private BigInteger sum = BigInteger.ZERO;
    private int unreduced;
    private long rowCount;

    public RowDigest() {
        try {
            this.sha256 = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java has SHA-256", e);
        }
    }

    public void add(RowImage row) {
        for (int i = 0; i < row.size(); i++) {
            add(row.value(i));
        }
        sum = sum.add(new BigInteger(1, sha256.digest()));
        if (++unreduced == BATCH) {
            sum = sum.mod(MODULUS);
            unreduced = 0;
        }
        rowCount++;
    }

    private void add(@org.jspecify.annotations.Nullable Object value) {
        if (value == null) {
            sha256.update((byte) 0);
        } else if (value instanceof Boolean flag) {
            sha256.update(new byte[] {1, (byte) (flag ? 1 : 0)});
        } else if (value instanceof Long number) {
            tagged(2, number);
        } else if (value instanceof Float number) {
            tagged(3, Float.floatToIntBits(number));
        } else if (value instanceof Double number) {
            tagged(4, Double.doubleToLongBits(number));
        } else if (value instanceof byte[] bytes) {
            tagged(5, bytes.length);
            sha256.update(bytes);
        } else if (value instanceof String text) {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            tagged(6, bytes.length);
            sha256.update(bytes);
        } else if (value == Unchanged.UNCHANGED) {
            throw new IllegalStateException("A row holds a value that was not resolved");
        } else {
            throw new IllegalStateException("Not a value of a row: " + value.getClass());
        }
    }

    private void tagged(int tag, long number) {
        sha256.update(ByteBuffer.allocate(9).put((byte) tag).putLong(number).array());
    }

    public long rowCount() {
        return rowCount;
    }

    /** 64 hexadecimal digits. */
    public String text() {
        byte[] bytes = sum.mod(MODULUS).toByteArray();
        byte[] fixed = new byte[32];
        int length = Math.min(32, bytes.length); // a leading zero byte may carry the sign
        System.arraycopy(bytes, bytes.length - length, fixed, 32 - length, length);
        return HexFormat.of().formatHex(fixed);
    }
}
