package dev.cdp.capture.binlog.reading;

import dev.cdp.capture.binlog.reading.SqlTokens.Kind;
import dev.cdp.capture.binlog.reading.SqlTokens.Token;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * A column's type as a statement wrote it. The catalog may show the type of a later statement, so it counts only where
 * it is surely this one; where one type has many spellings, being unsure costs a new base and nothing else.
 *
 * @param base the canonical name, such as {@code int}
 * @param arguments what stands in its parentheses
 * @param signs {@code UNSIGNED} and {@code ZEROFILL}, where written
 */
record WrittenType(String base, List<Token> arguments, Set<String> signs) {
    private static final Map<String, String> NAMES = Map.ofEntries(
            Map.entry("integer", "int"),
            Map.entry("dec", "decimal"),
            Map.entry("numeric", "decimal"),
            Map.entry("fixed", "decimal"),
            Map.entry("real", "double"),
            Map.entry("character", "char"),
            Map.entry("boolean", "bool"));
    private static final Map<String, Set<String>> BY_DEFAULT = Map.ofEntries(
            Map.entry("tinyint", Set.of("", "4", "3")),
            Map.entry("smallint", Set.of("", "6", "5")),
            Map.entry("mediumint", Set.of("", "9", "8")),
            Map.entry("int", Set.of("", "11", "10")),
            Map.entry("bigint", Set.of("", "20")),
            Map.entry("decimal", Set.of("10,0")),
            Map.entry("bit", Set.of("1")),
            Map.entry("char", Set.of("1")),
            Map.entry("binary", Set.of("1")),
            Map.entry("year", Set.of("", "4")));

    /** @param tokens from the type on */
    static WrittenType read(List<Token> tokens) {
        String word = tokens.isEmpty() ? "" : tokens.get(0).upper().toLowerCase(Locale.ROOT);
        int at = 1;
        List<Token> arguments = new ArrayList<>();
        if (at < tokens.size() && tokens.get(at).isSymbol("(")) {
            for (at++; at < tokens.size() && !tokens.get(at).isSymbol(")"); at++) {
                arguments.add(tokens.get(at));
            }
            at++;
        }
        Set<String> signs = Set.of();
        if (at < tokens.size() && tokens.get(at).is("UNSIGNED")) {
            at++;
            signs = Set.of("UNSIGNED");
        }
        if (at < tokens.size() && tokens.get(at).is("ZEROFILL")) {
            signs = Set.of("UNSIGNED", "ZEROFILL");
        }
        return new WrittenType(NAMES.getOrDefault(word, word), arguments, signs);
    }

    /** Whether the catalog surely prints this type so. */
    boolean isSurely(String sourceType) {
        WrittenType shown = read(SqlTokens.of(sourceType));
        if (base.equals("bool")) {
            return sourceType.equals("tinyint(1)");
        }
        if (base.equals("json")) {
            return sourceType.equals("json") || sourceType.equals("longtext");
        }
        boolean sameArguments = arguments.equals(shown.arguments)
                || arguments.isEmpty()
                        && BY_DEFAULT.getOrDefault(base, Set.of()).contains(printed(shown.arguments));
        return base.equals(shown.base) && sameArguments && signs.equals(shown.signs);
    }

    private static String printed(List<Token> tokens) {
        StringBuilder all = new StringBuilder();
        tokens.forEach(token -> all.append(token.kind() == Kind.TEXT ? "'" + token.text() : token.text()));
        return all.toString();
    }
}
