package dev.cdp.capture.binlog.definition;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What SHOW CREATE TABLE prints, taken apart: the table without foreign keys and counter, and its foreign keys.
 *
 * @param foreignKeys each as ADD takes it
 */
record TableText(String create, List<String> foreignKeys) {
    private static final Pattern FOREIGN_KEY =
            Pattern.compile("\\A(?:CONSTRAINT `(?:[^`]|``)*` )?FOREIGN KEY .*\\z", Pattern.DOTALL);
    private static final Pattern REFERENCED = Pattern.compile("\\) REFERENCES (`(?:[^`]|``)*`\\.)?`((?:[^`]|``)*)`");
    private static final Pattern COUNTER = Pattern.compile("\\A( ENGINE=\\S+)? AUTO_INCREMENT=\\d+");

    TableText {
        foreignKeys = List.copyOf(foreignKeys);
    }

    static TableText parse(String sql) {
        List<String> kept = new ArrayList<>();
        List<String> foreignKeys = new ArrayList<>();
        int open = topLevel(sql, 0, '(');
        int start = open + 1;
        int close = -1;
        int depth = 1;
        for (int i = start; close < 0; i++) {
            char c = sql.charAt(i);
            if (SqlScanner.isQuote(c)) {
                i = SqlScanner.endOfQuoted(sql, i) - 1;
            } else if (c == '(') {
                depth++;
            } else if (c == ')') {
                depth--;
            }
            boolean ends = depth == 0;
            if (ends || c == ',' && depth == 1) {
                String element = sql.substring(start, i).strip();
                (FOREIGN_KEY.matcher(element).matches() ? foreignKeys : kept).add(element);
                start = i + 1;
                close = ends ? i : -1;
            }
        }
        String options = COUNTER.matcher(sql.substring(close + 1)).replaceFirst("$1");
        String create = sql.substring(0, open + 1) + "\n  " + String.join(",\n  ", kept) + "\n)" + options;
        return new TableText(create, foreignKeys);
    }

    /** The table a foreign key refers to; one of another database with its database in front. */
    static String referencedTable(String foreignKey) {
        Matcher matcher = REFERENCED.matcher(foreignKey);
        if (!matcher.find()) {
            throw new IllegalStateException("Not a foreign key: " + foreignKey);
        }
        String database = matcher.group(1) == null ? "" : matcher.group(1);
        return database + matcher.group(2).replace("``", "`");
    }

    private static int topLevel(String sql, int from, char wanted) {
        int i = from;
        while (sql.charAt(i) != wanted) {
            i = SqlScanner.isQuote(sql.charAt(i)) ? SqlScanner.endOfQuoted(sql, i) : i + 1;
        }
        return i;
    }
}
