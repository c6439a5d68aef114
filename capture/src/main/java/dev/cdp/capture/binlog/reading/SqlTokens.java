package dev.cdp.capture.binlog.reading;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Cuts a statement of the log into its tokens, without comments; the content of executable comments counts. */
final class SqlTokens {
    private final String sql;
    private final List<Token> tokens = new ArrayList<>();
    private int at;

    /** What a token is. */
    enum Kind {
        WORD,
        /** A name in quotes. */
        NAME,
        TEXT,
        SYMBOL
    }

    /** @param text without quotes */
    record Token(Kind kind, String text) {
        boolean is(String word) {
            return kind == Kind.WORD && text.equalsIgnoreCase(word);
        }

        boolean isSymbol(String symbol) {
            return kind == Kind.SYMBOL && text.equals(symbol);
        }

        String upper() {
            return kind == Kind.WORD ? text.toUpperCase(Locale.ROOT) : "";
        }
    }

    private SqlTokens(String sql) {
        this.sql = sql;
    }

    static List<Token> of(String sql) {
        return new SqlTokens(sql).read();
    }

    private List<Token> read() {
        while (at < sql.length()) {
            char c = sql.charAt(at);
            if (Character.isWhitespace(c)) {
                at++;
            } else if (c == '#' || sql.startsWith("--", at) && isLineComment()) {
                skipTo("\n");
            } else if (sql.startsWith("/*", at)) {
                comment();
            } else if (sql.startsWith("*/", at)) { // the end of an executable one
                at += 2;
            } else if (c == '`') {
                tokens.add(new Token(Kind.NAME, quoted(c)));
            } else if (c == '\'' || c == '"') {
                tokens.add(new Token(Kind.TEXT, quoted(c)));
            } else if (isWordPart(c)) {
                word();
            } else {
                tokens.add(new Token(Kind.SYMBOL, String.valueOf(c)));
                at++;
            }
        }
        return tokens;
    }

    private boolean isLineComment() {
        return at + 2 >= sql.length() || Character.isWhitespace(sql.charAt(at + 2));
    }

    private void comment() {
        if (sql.startsWith("/*!", at) || sql.startsWith("/*M!", at)) {
            at = sql.indexOf('!', at) + 1;
            while (at < sql.length() && Character.isDigit(sql.charAt(at))) {
                at++;
            }
        } else {
            skipTo("*/");
        }
    }

    private void skipTo(String end) {
        int found = sql.indexOf(end, at + 1);
        at = found < 0 ? sql.length() : found + end.length();
    }

    private String quoted(char quote) {
        StringBuilder text = new StringBuilder();
        for (at++; at < sql.length(); at++) {
            char c = sql.charAt(at);
            if (c == quote) {
                if (at + 1 >= sql.length() || sql.charAt(at + 1) != quote) {
                    break;
                }
                at++;
            } else if (c == '\\' && quote != '`' && at + 1 < sql.length()) {
                c = sql.charAt(++at);
            }
            text.append(c);
        }
        at++;
        return text.toString();
    }

    private void word() {
        int start = at;
        while (at < sql.length() && isWordPart(sql.charAt(at))) {
            at++;
        }
        tokens.add(new Token(Kind.WORD, sql.substring(start, at)));
    }

    private static boolean isWordPart(char c) {
        return Character.isLetterOrDigit(c) || c == '_' || c == '$' || c == '@' || c > 0x7F;
    }
}
