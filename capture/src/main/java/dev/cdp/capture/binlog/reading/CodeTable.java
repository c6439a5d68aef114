package dev.cdp.capture.binlog.reading;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * What a character set's codes of one, two and three bytes stand for, as the server has it. A code that the server does
 * not turn back into itself stands for nothing: several share a character in sets that grew over time.
 */
public final class CodeTable {
    private static final int NONE = -1;
    private static final int BYTES = 256;
    private static final int THIRD_PLANE = 0x8F; // in front of three bytes in the sets of EUC that have such
    private static final int LEAD = 0x81;
    private static final int TRAIL = 0x40;
    private static final int HIGH = 0xA1;
    private static final byte SEPARATOR = '\n'; // second byte of no code

    private final int[] single = none(BYTES);
    private final int[] pairs;
    private final int[] triples;

    private CodeTable(int length) {
        pairs = none(length > 1 ? BYTES * BYTES : 0);
        triples = none(length > 2 ? BYTES * BYTES : 0);
    }

    private static int[] none(int size) {
        int[] codes = new int[size];
        Arrays.fill(codes, NONE);
        return codes;
    }

    /** Asks the server. */
    public static CodeTable read(Connection connection, String characterSet) throws SQLException {
        CodeTable table = new CodeTable(length(connection, characterSet));
        for (int code = 0; code < BYTES; code += BYTES / 2) { // MySQL refuses the upper half of ascii
            table.learn(connection, characterSet, singles(code, code + BYTES / 2));
        }
        if (table.pairs.length > 0) {
            table.learn(connection, characterSet, wider(new byte[] {}, LEAD, TRAIL));
        }
        if (table.triples.length > 0) {
            table.learn(connection, characterSet, wider(new byte[] {(byte) THIRD_PLANE}, HIGH, HIGH));
        }
        return table;
    }

    private static int length(Connection connection, String characterSet) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT MAXLEN FROM information_schema.CHARACTER_SETS"
                        + " WHERE CHARACTER_SET_NAME = '" + characterSet + "'")) {
            return row.next() ? row.getInt(1) : 1;
        }
    }

    private static byte[] singles(int first, int end) {
        ByteArrayOutputStream codes = new ByteArrayOutputStream();
        for (int code = first; code < end; code++) {
            codes.write(code);
            codes.write(SEPARATOR);
        }
        return codes.toByteArray();
    }

    private static byte[] wider(byte[] prefix, int firstLead, int firstTrail) {
        ByteArrayOutputStream codes = new ByteArrayOutputStream();
        for (int lead = firstLead; lead < BYTES; lead++) {
            for (int trail = firstTrail; trail < BYTES; trail++) {
                codes.writeBytes(prefix);
                codes.write(lead);
                codes.write(trail);
                codes.write(SEPARATOR);
            }
        }
        return codes.toByteArray();
    }

    /** The separators keep what is no code from reaching into the next one. */
    private void learn(Connection connection, String characterSet, byte[] codes) throws SQLException {
        String stored = "CONVERT(X'%s' USING %s)".formatted(HexFormat.of().formatHex(codes), characterSet);
        String sql = "SELECT HEX(CONVERT(%1$s USING utf32)), HEX(CONVERT(CONVERT(%1$s USING utf32) USING %2$s))"
                .formatted(stored, characterSet);
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            if (row.getString(1) != null && row.getString(2) != null) {
                ByteBuffer characters = ByteBuffer.wrap(HexFormat.of().parseHex(row.getString(1)));
                learn(codes, characters, HexFormat.of().parseHex(row.getString(2)));
            }
        }
    }

    private void learn(byte[] codes, ByteBuffer characters, byte[] back) {
        int backAt = 0;
        for (int at = 0; at < codes.length; ) {
            int end = end(codes, at);
            int backEnd = end(back, backAt);
            int character = characters.getInt();
            int count = 1;
            while (characters.getInt() != SEPARATOR) {
                count++;
            }
            if (count == 1 && Arrays.equals(codes, at, end, back, backAt, backEnd)) {
                put(codes, at, end, character);
            }
            at = end + 1;
            backAt = backEnd + 1;
        }
    }

    /** The code itself may be a line feed; then the separator is the next one. */
    private static int end(byte[] codes, int start) {
        int end = start + 1;
        while (codes[end] != SEPARATOR) {
            end++;
        }
        return end;
    }

    private void put(byte[] codes, int start, int end, int character) {
        int last = codes[end - 1] & 0xFF;
        if (end - start == 1) {
            single[last] = character;
        } else {
            int pair = (codes[end - 2] & 0xFF) << 8 | last;
            (end - start == 2 ? pairs : triples)[pair] = character;
        }
    }

    String decode(byte[] stored) throws CharacterCodingException {
        StringBuilder text = new StringBuilder(stored.length);
        for (int i = 0; i < stored.length; i++) {
            int character = single[stored[i] & 0xFF];
            if (character == NONE) {
                boolean isTriple = (stored[i] & 0xFF) == THIRD_PLANE && triples.length > 0;
                i += isTriple ? 2 : 1;
                character = pair(isTriple ? triples : pairs, stored, i);
            }
            text.appendCodePoint(character);
        }
        return text.toString();
    }

    /** @param last the place of the second of two bytes */
    private static int pair(int[] codes, byte[] stored, int last) throws CharacterCodingException {
        int character = last < stored.length && codes.length > 0
                ? codes[(stored[last - 1] & 0xFF) << 8 | stored[last] & 0xFF]
                : NONE;
        if (character == NONE) {
            throw new CharacterCodingException();
        }
        return character;
    }
}
