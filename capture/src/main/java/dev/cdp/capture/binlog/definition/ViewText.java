package dev.cdp.capture.binlog.definition;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Set;

/**
 * Finds the tables and views that a view reads, in what SHOW CREATE VIEW prints: the quoted names behind FROM and JOIN.
 * The server keeps no list of them.
 */
final class ViewText {
    private static final Set<String> BEFORE_TABLES = Set.of("from", "join", "straight_join");
    private static final Set<String> BEFORE_QUERIES = Set.of("select", "with", "values");

    private final String sql;
    private final Set<String> tables = new LinkedHashSet<>();
    // FROM inside of other parentheses belongs to a function: extract(year from `t`.`at`).
    private final Deque<Boolean> holdsQuery = new ArrayDeque<>(Set.of(true));
    private String lastWord = "";
    private boolean readsOtherDatabase;

    private ViewText(String sql) {
        this.sql = sql;
        scan();
    }

    static ViewText parse(String sql) {
        return new ViewText(sql);
    }

    /** The names without their database, unquoted; those of common table expressions are among them. */
    Set<String> tables() {
        return tables;
    }

    /** Whether a table is named with its database, which the server does only if there are several. */
    boolean readsOtherDatabase() {
        return readsOtherDatabase;
    }

    private void scan() {
        int i = 0;
        while (i < sql.length()) {
            char c = sql.charAt(i);
            if (SqlScanner.isQuote(c)) {
                int end = SqlScanner.endOfQuoted(sql, i);
                end = c == '`' && BEFORE_TABLES.contains(lastWord) ? readTable(i, end) : end;
                lastWord = "";
                i = end;
            } else if (Character.isLetter(c)) {
                i = readWord(i);
            } else {
                readSign(c, i);
                i++;
            }
        }
    }

    private int readTable(int start, int end) {
        boolean qualified = end < sql.length() && sql.charAt(end) == '.';
        readsOtherDatabase |= qualified;
        int nameStart = qualified ? end + 1 : start;
        int nameEnd = qualified ? SqlScanner.endOfQuoted(sql, nameStart) : end;
        tables.add(sql.substring(nameStart + 1, nameEnd - 1).replace("``", "`"));
        return nameEnd;
    }

    private int readWord(int start) {
        int end = start;
        while (end < sql.length() && (Character.isLetterOrDigit(sql.charAt(end)) || sql.charAt(end) == '_')) {
            end++;
        }
        String word = sql.substring(start, end).toLowerCase(Locale.ROOT);
        lastWord = BEFORE_TABLES.contains(word) && !holdsQuery.element() ? "" : word;
        return end;
    }

    private void readSign(char c, int place) {
        if (c == '(') {
            // Joined tables stand in parentheses of their own, with JOIN inside.
            holdsQuery.push(BEFORE_TABLES.contains(lastWord) || startsQuery(place + 1));
        } else if (c == ')') {
            holdsQuery.pop();
            lastWord = "";
        } else if (!Character.isWhitespace(c)) {
            lastWord = "";
        }
    }

    private boolean startsQuery(int place) {
        int start = place;
        while (start < sql.length() && (sql.charAt(start) == '(' || Character.isWhitespace(sql.charAt(start)))) {
            start++;
        }
        int end = start;
        while (end < sql.length() && Character.isLetter(sql.charAt(end))) {
            end++;
        }
        return BEFORE_QUERIES.contains(sql.substring(start, end).toLowerCase(Locale.ROOT));
    }
}
