package dev.cdp.capture.binlog.reading;

/** Decimals as the server prints them, from its packed form (the server's strings/decimal.c, decimal2bin). */
final class DecimalText {
    private static final int DIGITS_PER_GROUP = 9;
    private static final int[] BYTES_FOR_DIGITS = {0, 1, 1, 2, 2, 3, 3, 4, 4, 4};

    private DecimalText() {}

    static String decimal(EventBytes in, int precision, int scale) {
        int whole = precision - scale;
        byte[] packed = in.take(bytes(whole) + bytes(scale));
        boolean negative = (packed[0] & 0x80) == 0;
        packed[0] ^= (byte) 0x80;
        if (negative) {
            for (int i = 0; i < packed.length; i++) {
                packed[i] = (byte) ~packed[i];
            }
        }
        EventBytes groups = new EventBytes(packed);
        StringBuilder digits = new StringBuilder(precision + 2);
        append(digits, groups, whole % DIGITS_PER_GROUP);
        for (int i = 0; i < whole / DIGITS_PER_GROUP; i++) {
            append(digits, groups, DIGITS_PER_GROUP);
        }
        dropLeadingZeros(digits);
        if (scale > 0) {
            digits.append('.');
            for (int i = 0; i < scale / DIGITS_PER_GROUP; i++) {
                append(digits, groups, DIGITS_PER_GROUP);
            }
            append(digits, groups, scale % DIGITS_PER_GROUP);
        }
        return negative ? digits.insert(0, '-').toString() : digits.toString();
    }

    private static int bytes(int digits) {
        return digits / DIGITS_PER_GROUP * 4 + BYTES_FOR_DIGITS[digits % DIGITS_PER_GROUP];
    }

    private static void append(StringBuilder text, EventBytes groups, int digits) {
        if (digits > 0) {
            String group = Long.toString(groups.bigEndian(BYTES_FOR_DIGITS[digits]));
            text.append("0".repeat(digits - group.length())).append(group);
        }
    }

    private static void dropLeadingZeros(StringBuilder digits) {
        int zeros = 0;
        while (zeros < digits.length() && digits.charAt(zeros) == '0') {
            zeros++;
        }
        digits.delete(0, zeros);
        if (digits.length() == 0) {
            digits.append('0');
        }
    }
}
