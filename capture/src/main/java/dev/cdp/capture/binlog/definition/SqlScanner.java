package dev.cdp.capture.binlog.definition;

import java.util.Locale;

/** Steps over quoted text in what SHOW CREATE prints under an empty SQL mode. */
final class SqlScanner {
    private SqlScanner() {}

    /**
     * Where the quoted text that starts at {@code start} ends: the place after its closing quote. Quotes are doubled
     * inside; a backslash escapes in strings only.
     */
    static int endOfQuoted(String sql, int start) {
        char quote = sql.charAt(start);
        int i = start + 1;
        while (i < sql.length()) {
            char c = sql.charAt(i);
            if (c == '\\' && quote != '`') {
                i += 2;
            } else if (c == quote && i + 1 < sql.length() && sql.charAt(i + 1) == quote) {
                i += 2;
            } else if (c == quote) {
                return i + 1;
            } else {
                i++;
            }
        }
        throw new IllegalStateException("A quote is not closed in: " + sql);
    }

    static boolean isQuote(char c) {
        return c == '\'' || c == '"' || c == '`';
    }

    static String quoted(String name) {
        return "`" + name.replace("`", "``") + "`";
    }

    static String literal(String text) {
        return "'" + text.replace("\\", "\\\\").replace("'", "''") + "'";
    }

    /**
     * Takes the database's name away from where it qualifies a sequence or function: the server prints all other names
     * of the current database without it.
     */
    static String withoutDatabase(String sql, String database) {
        String prefix = quoted(database) + ".";
        StringBuilder result = new StringBuilder(sql.length());
        int i = 0;
        while (i < sql.length()) {
            char c = sql.charAt(i);
            if (!isQuote(c)) {
                result.append(c);
                i++;
                continue;
            }
            int end = endOfQuoted(sql, i);
            boolean qualifies =
                    sql.startsWith(prefix + "`", i) && (followsValueFunction(result) || isCalled(sql, end + 1));
            if (qualifies) {
                i = end + 1;
                end = endOfQuoted(sql, i);
            }
            result.append(sql, i, end);
            i = end;
        }
        return result.toString();
    }

    private static boolean followsValueFunction(StringBuilder before) {
        String text = before.substring(Math.max(0, before.length() - 8)).toLowerCase(Locale.ROOT);
        return text.endsWith("nextval(") || text.endsWith("lastval(") || text.endsWith("setval(");
    }

    private static boolean isCalled(String sql, int name) {
        int end = endOfQuoted(sql, name);
        return end < sql.length() && sql.charAt(end) == '(';
    }
}
