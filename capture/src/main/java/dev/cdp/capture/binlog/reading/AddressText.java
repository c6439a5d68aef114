package dev.cdp.capture.binlog.reading;

import java.util.HexFormat;

/** UUID and addresses as the server prints them, from the bytes that the log holds of columns of these types. */
final class AddressText {
    private static final int WORDS = 8;
    private static final int MAPPED = 0xFFFF;

    private AddressText() {}

    static String uuid(byte[] stored) {
        String hex = HexFormat.of().formatHex(stored);
        return String.join(
                "-",
                hex.substring(0, 8),
                hex.substring(8, 12),
                hex.substring(12, 16),
                hex.substring(16, 20),
                hex.substring(20));
    }

    static String inet4(byte[] stored) {
        return inet4(stored, 0);
    }

    private static String inet4(byte[] stored, int at) {
        return (stored[at] & 0xFF) + "." + (stored[at + 1] & 0xFF) + "." + (stored[at + 2] & 0xFF) + "."
                + (stored[at + 3] & 0xFF);
    }

    /** As the server's Inet6::to_string does: the first longest run of zeros, even of one word, becomes a double colon. */
    static String inet6(byte[] stored) {
        int[] words = new int[WORDS];
        EventBytes in = new EventBytes(stored);
        for (int i = 0; i < WORDS; i++) {
            words[i] = (int) in.bigEndian(2);
        }
        int gap = -1;
        int gapLength = 0;
        for (int i = 0, run = 0; i < WORDS; i++) {
            run = words[i] == 0 ? run + 1 : 0;
            if (run > gapLength) {
                gapLength = run;
                gap = i - run + 1;
            }
        }
        boolean endsAsInet4 = gap == 0 && (gapLength == 6 || gapLength == 5 && words[5] == MAPPED);
        StringBuilder text = new StringBuilder(39);
        for (int i = 0; i < WORDS; i++) {
            if (i == gap) {
                text.append(i == 0 ? "::" : ":");
                i += gapLength - 1;
            } else if (i == 6 && endsAsInet4) {
                return text.append(inet4(stored, 12)).toString();
            } else {
                text.append(Integer.toHexString(words[i])).append(i + 1 == WORDS ? "" : ":");
            }
        }
        return text.toString();
    }
}
