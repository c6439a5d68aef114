package dev.cdp.restore.find;

import dev.cdp.core.CdpException;
import dev.cdp.core.Column;
import dev.cdp.core.ErrorCode;
import dev.cdp.core.RowImage;
import dev.cdp.core.TableSchema;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A key as people write it: {@code 42}, {@code 1,2} in key order, or {@code line=2,id=1}. A value that holds a comma or a
 * quote, or an equals sign where it could be taken for a name, stands in double quotes, a quote in it twice.
 */
final class KeyText {
    private final String where;
    private final TableSchema table;

    /** One part between commas, without its quotes; {@code equals} is where a name ends, -1 without one. */
    private record Part(String text, int equals) {
        String name() {
            return text.substring(0, equals);
        }

        String named() {
            return text.substring(equals + 1);
        }
    }

    private KeyText(String where, TableSchema table) {
        this.where = where;
        this.table = table;
    }

    /**
     * @param where the table with its source, for messages
     * @throws CdpException {@code KEY_WRONG} that names the key's columns and gives an example
     */
    static RowImage parse(String where, TableSchema table, String text) {
        if (!table.hasKey()) {
            throw new CdpException(
                    ErrorCode.KEY_WRONG,
                    "Table " + where
                            + " has no primary key: its rows cannot be told apart, so none of them has a history",
                    "cdp diff --from POINT --to POINT " + where + "   shows which rows came and went");
        }
        return new KeyText(where, table).parse(text);
    }

    private RowImage parse(String text) {
        List<Part> parts = parts(text);
        List<Column> key = table.keyColumns();
        boolean named = parts.stream().allMatch(part -> part.equals() > 0);
        if (named) {
            return byName(parts, key);
        }
        if (parts.size() != key.size()) {
            throw wrong("\"" + text + "\" gives " + parts.size() + (parts.size() == 1 ? " value" : " values"));
        }
        @Nullable Object[] values = new Object[key.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = value(key.get(i), parts.get(i).text());
        }
        return RowImage.of(values);
    }

    private RowImage byName(List<Part> parts, List<Column> key) {
        Map<String, String> given = new HashMap<>();
        for (Part part : parts) {
            String name = part.name().strip();
            if (key.stream().noneMatch(column -> column.name().equals(name))) {
                throw wrong("\"" + name + "\" is none of them (a value with an equals sign needs double quotes)");
            }
            if (given.put(name, part.named()) != null) {
                throw wrong("\"" + name + "\" is given twice");
            }
        }
        @Nullable Object[] values = new Object[key.size()];
        for (int i = 0; i < values.length; i++) {
            String value = given.get(key.get(i).name());
            if (value == null) {
                throw wrong("\"" + key.get(i).name() + "\" is missing");
            }
            values[i] = value(key.get(i), value);
        }
        return RowImage.of(values);
    }

    private List<Part> parts(String text) {
        List<Part> parts = new ArrayList<>();
        StringBuilder part = new StringBuilder();
        int equals = -1;
        boolean quoted = false;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' && quoted && i + 1 < text.length() && text.charAt(i + 1) == '"') {
                part.append(c);
                i++;
            } else if (c == '"') {
                quoted = !quoted;
            } else if (c == ',' && !quoted) {
                parts.add(new Part(part.toString(), equals));
                part.setLength(0);
                equals = -1;
            } else {
                equals = c == '=' && !quoted && equals < 0 ? part.length() : equals;
                part.append(c);
            }
        }
        if (quoted) {
            throw wrong("a double quote in it is not closed");
        }
        parts.add(new Part(part.toString(), equals));
        return parts;
    }

    private Object value(Column column, String text) {
        try {
            return switch (column.carrier()) {
                case BOOLEAN ->
                    switch (text.strip().toLowerCase(Locale.ROOT)) {
                        case "true", "t", "1" -> true;
                        case "false", "f", "0" -> false;
                        default -> throw new IllegalArgumentException();
                    };
                case INT64 -> Long.valueOf(text.strip());
                case FLOAT32 -> Float.valueOf(text.strip());
                case FLOAT64 -> Double.valueOf(text.strip());
                case BYTES -> HexFormat.of().parseHex(text.strip().replaceFirst("^(\\\\x|0x)", ""));
                case TEXT -> text;
            };
        } catch (IllegalArgumentException e) {
            throw wrong("\"" + text + "\" is no value of \"" + column.name() + "\"");
        }
    }

    private CdpException wrong(String why) {
        List<Column> key = table.keyColumns();
        return new CdpException(
                ErrorCode.KEY_WRONG,
                "The key of " + where + " is "
                        + key.stream()
                                .map(column -> column.name() + " (" + column.sourceType() + ")")
                                .collect(Collectors.joining(", "))
                        + ", and " + why,
                "cdp history " + where + " --key "
                        + key.stream()
                                .map(column -> column.name() + "=" + example(column))
                                .collect(Collectors.joining(",")));
    }

    private static String example(Column column) {
        return switch (column.carrier()) {
            case BOOLEAN -> "true";
            case INT64 -> "42";
            case FLOAT32, FLOAT64 -> "1.5";
            case BYTES -> "00ff";
            case TEXT -> "abc";
        };
    }
}
