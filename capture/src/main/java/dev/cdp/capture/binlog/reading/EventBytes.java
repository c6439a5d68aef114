package dev.cdp.capture.binlog.reading;

import java.util.Arrays;
import java.util.BitSet;

/** Reads the body of a binary log event from front to back; integers are little-endian unless a method says so. */
final class EventBytes {
    private final byte[] bytes;
    private int at;

    EventBytes(byte[] bytes) {
        this.bytes = bytes;
    }

    boolean hasMore() {
        return at < bytes.length;
    }

    int remaining() {
        return bytes.length - at;
    }

    void skip(int count) {
        check(count);
        at += count;
    }

    byte[] take(int count) {
        check(count);
        at += count;
        return Arrays.copyOfRange(bytes, at - count, at);
    }

    byte[] takeRest() {
        return take(remaining());
    }

    int unsignedByte() {
        check(1);
        return bytes[at++] & 0xFF;
    }

    /** An unsigned integer of up to seven bytes, or the bits of one of eight. */
    long integer(int size) {
        check(size);
        long value = 0;
        for (int i = 0; i < size; i++) {
            value |= (bytes[at + i] & 0xFFL) << 8 * i;
        }
        at += size;
        return value;
    }

    long signedInteger(int size) {
        int unused = 64 - 8 * size;
        return integer(size) << unused >> unused;
    }

    long bigEndian(int size) {
        check(size);
        long value = 0;
        for (int i = 0; i < size; i++) {
            value = value << 8 | bytes[at + i] & 0xFFL;
        }
        at += size;
        return value;
    }

    /** A length-encoded integer of the client protocol. */
    int packedInteger() {
        int first = unsignedByte();
        return switch (first) {
            case 252 -> (int) integer(2);
            case 253 -> (int) integer(3);
            case 254 -> Math.toIntExact(integer(8));
            default -> first;
        };
    }

    /** Bits in their order in memory: the lowest bit of the first byte is number 0. */
    BitSet bits(int count) {
        BitSet bits = BitSet.valueOf(take((count + 7) / 8));
        bits.clear(count, Math.max(count, bits.length()));
        return bits;
    }

    /** Bits as table metadata holds them: the highest bit of the first byte is number 0. */
    BitSet reversedBits(int count) {
        byte[] raw = take((count + 7) / 8);
        BitSet bits = new BitSet(count);
        for (int i = 0; i < count; i++) {
            bits.set(i, (raw[i / 8] >> 7 - i % 8 & 1) == 1);
        }
        return bits;
    }

    private void check(int count) {
        if (count < 0 || count > remaining()) {
            throw new UnreadableEventException("an event of " + bytes.length + " bytes ends inside of a value at " + at
                    + " of " + count + " bytes");
        }
    }
}
