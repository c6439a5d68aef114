package dev.cdp.capture.source;

import dev.cdp.core.TableName;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Which tables of a source are protected, as patterns over {@code schema.table} in which {@code *} stands for any text.
 *
 * @param include empty for every table
 * @param exclude none of these, even when included
 */
public record TableScope(List<String> include, List<String> exclude) {
    /** Every table. */
    public static final TableScope ALL = new TableScope(List.of(), List.of());

    public TableScope {
        include = List.copyOf(include);
        exclude = List.copyOf(exclude);
    }

    public boolean covers(TableName table) {
        return (include.isEmpty() || matches(includedPatterns(), table)) && !matches(excludedPatterns(), table);
    }

    /** The included ones as regular expressions that Java and the databases read alike. */
    public List<String> includedPatterns() {
        return include.stream().map(TableScope::expression).toList();
    }

    /** The excluded ones as regular expressions that Java and the databases read alike. */
    public List<String> excludedPatterns() {
        return exclude.stream().map(TableScope::expression).toList();
    }

    private static boolean matches(List<String> patterns, TableName table) {
        return patterns.stream().anyMatch(pattern -> Pattern.compile(pattern, Pattern.DOTALL)
                .matcher(table.toString())
                .find());
    }

    private static String expression(String pattern) {
        return pattern.codePoints().mapToObj(TableScope::expression).collect(Collectors.joining("", "^", "$"));
    }

    private static String expression(int character) {
        if (character == '*') {
            return ".*";
        }
        String text = Character.toString(character);
        return Character.isLetterOrDigit(character) || character == '_' ? text : "\\" + text;
    }
}
