package dev.cdp.capture.binlog.reading;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.charset.UnsupportedCharsetException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The server's character sets. Those of one byte per character are read from the server itself, since several of them
 * differ from what Java means by their names: their latin1 is cp1252 with the holes filled.
 */
public final class CharacterSets {
    private static final int UNMAPPED = '?';
    private static final int BYTES = 256;

    // Those with more than one byte per character, under Java's names.
    private static final Map<String, String> WIDE = Map.ofEntries(
            Map.entry("utf8mb4", "UTF-8"),
            Map.entry("utf8mb3", "UTF-8"),
            Map.entry("utf8", "UTF-8"),
            Map.entry("ucs2", "UTF-16BE"),
            Map.entry("utf16", "UTF-16BE"),
            Map.entry("utf16le", "UTF-16LE"),
            Map.entry("utf32", "UTF-32BE"),
            Map.entry("big5", "Big5"),
            Map.entry("gb2312", "GB2312"),
            Map.entry("gbk", "GBK"),
            Map.entry("sjis", "Shift_JIS"),
            Map.entry("cp932", "windows-31j"),
            Map.entry("ujis", "EUC-JP"),
            Map.entry("eucjpms", "x-eucJP-Open"),
            Map.entry("euckr", "EUC-KR"));

    private final Map<Integer, String> nameByCollation;
    private final Map<String, int[]> narrow;

    CharacterSets(Map<Integer, String> nameByCollation, Map<String, int[]> narrow) {
        this.nameByCollation = nameByCollation;
        this.narrow = narrow;
    }

    /** Turns stored bytes into text. */
    @FunctionalInterface
    interface TextDecoder {
        /** @throws CharacterCodingException when the bytes are no text of this character set */
        String decode(byte[] stored) throws CharacterCodingException;
    }

    public static CharacterSets read(Connection connection) throws SQLException {
        Map<Integer, String> names = new HashMap<>();
        try (Statement statement = connection.createStatement()) {
            try (ResultSet row =
                    statement.executeQuery("SELECT * FROM information_schema.COLLATION_CHARACTER_SET_APPLICABILITY")) {
                boolean numbered = row.getMetaData().getColumnCount() > 2; // from 10.10 on; FULL_COLLATION_NAME, ID
                while (numbered && row.next()) {
                    names.put(row.getInt("ID"), row.getString("CHARACTER_SET_NAME"));
                }
            }
            try (ResultSet row =
                    statement.executeQuery("SELECT ID, CHARACTER_SET_NAME FROM information_schema.COLLATIONS"
                            + " WHERE ID IS NOT NULL AND CHARACTER_SET_NAME IS NOT NULL")) {
                while (row.next()) {
                    names.put(row.getInt(1), row.getString(2));
                }
            }
            return new CharacterSets(names, readNarrow(statement));
        }
    }

    private static Map<String, int[]> readNarrow(Statement statement) throws SQLException {
        byte[] all = new byte[BYTES];
        for (int i = 0; i < BYTES; i++) {
            all[i] = (byte) i;
        }
        String hex = HexFormat.of().formatHex(all);
        Map<String, int[]> narrow = new HashMap<>();
        String union;
        try (ResultSet row = statement.executeQuery("SELECT CHARACTER_SET_NAME FROM information_schema.CHARACTER_SETS"
                + " WHERE MAXLEN = 1 AND CHARACTER_SET_NAME <> 'binary'")) {
            StringBuilder sql = new StringBuilder();
            while (row.next()) {
                String name = row.getString(1);
                String known = name.equals("ascii") ? hex.substring(0, hex.length() / 2) : hex; // MySQL takes no more
                sql.append(sql.length() == 0 ? "" : " UNION ALL ")
                        .append("SELECT '%s', HEX(CONVERT(_%s X'%s' USING utf32))".formatted(name, name, known));
            }
            union = sql.toString();
        }
        try (ResultSet row = statement.executeQuery(union)) {
            while (row.next()) {
                ByteBuffer codes = ByteBuffer.wrap(HexFormat.of().parseHex(row.getString(2)));
                int[] table = new int[BYTES];
                for (int i = 0; i < BYTES; i++) {
                    table[i] = codes.hasRemaining() ? codes.getInt() : UNMAPPED;
                }
                narrow.put(row.getString(1), table);
            }
        }
        return narrow;
    }

    /** The decoder for a collation's character set; one that refuses everything when the set is not known. */
    TextDecoder decoder(int collation) {
        String name = nameByCollation.get(collation);
        int[] table = name == null ? null : narrow.get(name);
        if (table != null) {
            return stored -> decode(stored, table);
        }
        Charset charset = wide(name);
        if (charset == null) {
            return stored -> {
                throw new CharacterCodingException();
            };
        }
        return stored -> decode(stored, charset);
    }

    /** Each byte as the character of the same number, as the server prints labels of binary columns. */
    static String latin(byte[] stored) {
        return new String(stored, StandardCharsets.ISO_8859_1);
    }

    private static @Nullable Charset wide(@Nullable String name) {
        String javaName = name == null ? null : WIDE.get(name);
        try {
            return javaName == null ? null : Charset.forName(javaName);
        } catch (UnsupportedCharsetException e) { // a runtime without the extended character sets
            return null;
        }
    }

    private static String decode(byte[] stored, int[] table) throws CharacterCodingException {
        StringBuilder text = new StringBuilder(stored.length);
        for (byte each : stored) {
            int code = table[each & 0xFF];
            if (code == UNMAPPED && each != UNMAPPED) {
                throw new CharacterCodingException();
            }
            text.appendCodePoint(code);
        }
        return text.toString();
    }

    /** Only bytes that come back from the text are carried: what is written back must be what was there. */
    private static String decode(byte[] stored, Charset charset) throws CharacterCodingException {
        CharsetDecoder decoder = charset.newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT);
        String text = decoder.decode(ByteBuffer.wrap(stored)).toString();
        if (charset != StandardCharsets.UTF_8 && !Arrays.equals(text.getBytes(charset), stored)) {
            throw new CharacterCodingException();
        }
        return text;
    }

    @Override
    public String toString() {
        return nameByCollation.values().stream().distinct().sorted().collect(Collectors.joining(", "));
    }
}
