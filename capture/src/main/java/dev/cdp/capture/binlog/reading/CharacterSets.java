package dev.cdp.capture.binlog.reading;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The server's character sets. All but those of Unicode are read from the server itself, since many of them differ from
 * what Java means by their names: their latin1 is cp1252 with the holes filled, their big5 has another bullet. Only bytes
 * that come back from the text are taken for text: what is written back must be what was there. Thread-safe.
 */
public final class CharacterSets {
    // Those of Unicode, under Java's names.
    private static final Map<String, Charset> UNICODE = Map.of(
            "utf8mb4", StandardCharsets.UTF_8,
            "utf8mb3", StandardCharsets.UTF_8,
            "utf8", StandardCharsets.UTF_8,
            "ucs2", StandardCharsets.UTF_16BE,
            "utf16", StandardCharsets.UTF_16BE,
            "utf16le", StandardCharsets.UTF_16LE,
            "utf32", Charset.forName("UTF-32BE"));

    private final Map<Integer, String> nameByCollation;
    private final Function<String, CodeTable> reader;
    private final Map<String, CodeTable> tables = new ConcurrentHashMap<>();

    /** @param reader asks the server for the characters of a set */
    CharacterSets(Map<Integer, String> nameByCollation, Function<String, CodeTable> reader) {
        this.nameByCollation = Map.copyOf(nameByCollation);
        this.reader = reader;
    }

    /** Turns stored bytes into text. */
    @FunctionalInterface
    public interface TextDecoder {
        /** @throws CharacterCodingException when the bytes are no text of this character set */
        String decode(byte[] stored) throws CharacterCodingException;
    }

    /** @param reader asks the server for the characters of a set when they are needed: {@link CodeTable#read} */
    public static CharacterSets read(Connection connection, Function<String, CodeTable> reader) throws SQLException {
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
        }
        return new CharacterSets(names, reader);
    }

    /** The decoder for a collation's character set; one that refuses everything when the set is not known. */
    TextDecoder decoder(int collation) {
        return decoder(nameByCollation.get(collation));
    }

    /** The decoder for a character set by its name; one that refuses everything when the set is not known. */
    public TextDecoder decoder(@Nullable String name) {
        if (name == null) {
            return stored -> {
                throw new CharacterCodingException();
            };
        }
        Charset unicode = UNICODE.get(name);
        if (unicode != null) {
            return name.equals("ucs2") ? CharacterSets::decodeUcs2 : stored -> decode(stored, unicode);
        }
        CodeTable table = tables.computeIfAbsent(name, reader);
        return table::decode;
    }

    /** Each byte as the character of the same number, as the server prints labels of binary columns. */
    static String latin(byte[] stored) {
        return new String(stored, StandardCharsets.ISO_8859_1);
    }

    private static String decode(byte[] stored, Charset charset) throws CharacterCodingException {
        String text = charset.newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT)
                .decode(ByteBuffer.wrap(stored))
                .toString();
        if (charset != StandardCharsets.UTF_8 && !Arrays.equals(text.getBytes(charset), stored)) {
            throw new CharacterCodingException();
        }
        return text;
    }

    /** The server knows no pairs in it: it would not take the character back that two halves make. */
    private static String decodeUcs2(byte[] stored) throws CharacterCodingException {
        String text = decode(stored, StandardCharsets.UTF_16BE);
        if (text.chars().anyMatch(unit -> Character.isSurrogate((char) unit))) {
            throw new CharacterCodingException();
        }
        return text;
    }

    @Override
    public String toString() {
        return nameByCollation.values().stream().distinct().sorted().collect(Collectors.joining(", "));
    }
}
