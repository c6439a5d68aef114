package dev.cdp.capture.binlog.reading;

/**
 * Dates and times as the server prints them, from the bits the log holds (the server's sql/compat56.cc). Nothing goes
 * through Java's own types: they have no day zero, no hour 838 and no year 0.
 */
final class TemporalText {
    private static final int MICROS_PER_SECOND = 1_000_000;
    private static final int SECONDS_PER_DAY = 86_400;

    private TemporalText() {}

    static String date(EventBytes in) {
        int bits = (int) in.integer(3);
        StringBuilder text = new StringBuilder(10);
        appendDate(text, bits >> 9, bits >> 5 & 0xF, bits & 0x1F);
        return text.toString();
    }

    static String year(EventBytes in) {
        int stored = in.unsignedByte();
        return stored == 0 ? "0000" : Integer.toString(1900 + stored);
    }

    static String dateTime(EventBytes in, int digits) {
        long bits = in.bigEndian(5) - 0x80_0000_0000L;
        int micros = fraction(in, digits);
        long days = bits >> 17;
        long months = days >> 5;
        StringBuilder text = new StringBuilder(26);
        appendDate(text, (int) (months / 13), (int) (months % 13), (int) (days & 0x1F));
        text.append(' ');
        appendTime(text, (int) (bits >> 12 & 0x1F), (int) (bits >> 6 & 0x3F), (int) (bits & 0x3F), micros, digits);
        return text.toString();
    }

    /** In UTC. The value zero is none of the calendar: the server prints it as it prints a zero date. */
    static String timestamp(EventBytes in, int digits) {
        long seconds = in.bigEndian(4);
        int micros = fraction(in, digits);
        StringBuilder text = new StringBuilder(26);
        if (seconds == 0 && micros == 0) {
            appendDate(text, 0, 0, 0);
        } else {
            java.time.LocalDate day = java.time.LocalDate.ofEpochDay(seconds / SECONDS_PER_DAY);
            appendDate(text, day.getYear(), day.getMonthValue(), day.getDayOfMonth());
        }
        text.append(' ');
        int second = (int) (seconds % SECONDS_PER_DAY);
        appendTime(text, second / 3600, second / 60 % 60, second % 60, micros, digits);
        return text.toString();
    }

    /** A negative time is stored as the two's complement of whole and fraction together. */
    static String time(EventBytes in, int digits) {
        int fractionBytes = (digits + 1) / 2;
        int size = 3 + fractionBytes;
        long stored = in.bigEndian(size) - (1L << 8 * size - 1);
        long magnitude = Math.abs(stored);
        int micros = scale((int) (magnitude & (1L << 8 * fractionBytes) - 1), fractionBytes);
        long whole = magnitude >> 8 * fractionBytes;
        StringBuilder text = new StringBuilder(17);
        if (stored < 0) {
            text.append('-');
        }
        appendTime(text, (int) (whole >> 12 & 0x3FF), (int) (whole >> 6 & 0x3F), (int) (whole & 0x3F), micros, digits);
        return text.toString();
    }

    private static int fraction(EventBytes in, int digits) {
        int bytes = (digits + 1) / 2;
        return bytes == 0 ? 0 : scale((int) in.bigEndian(bytes), bytes);
    }

    /** Each byte holds two decimal digits. */
    private static int scale(int stored, int bytes) {
        int micros = stored;
        for (int i = bytes; i < 3; i++) {
            micros *= 100;
        }
        return micros;
    }

    private static void appendDate(StringBuilder text, int year, int month, int day) {
        appendPadded(text, year, 4);
        text.append('-');
        appendPadded(text, month, 2);
        text.append('-');
        appendPadded(text, day, 2);
    }

    private static void appendTime(StringBuilder text, int hour, int minute, int second, int micros, int digits) {
        appendPadded(text, hour, 2);
        text.append(':');
        appendPadded(text, minute, 2);
        text.append(':');
        appendPadded(text, second, 2);
        if (digits > 0) {
            text.append('.');
            int end = text.length() + digits;
            appendPadded(text, micros % MICROS_PER_SECOND, 6);
            text.setLength(end);
        }
    }

    private static void appendPadded(StringBuilder text, int number, int width) {
        String digits = Integer.toString(number);
        text.append("0".repeat(Math.max(0, width - digits.length()))).append(digits);
    }
}
