package dev.cdp.capture.binlog.reading;

import dev.cdp.capture.binlog.reading.SqlTokens.Token;
import dev.cdp.capture.source.TableDescription.Cascade;
import dev.cdp.core.TableName;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Reads a foreign key with an action of its own from one clause of a statement. */
final class ForeignKeys {
    private final List<Token> tokens;
    private final String database;
    private int at;

    private ForeignKeys(List<Token> tokens, String database) {
        this.tokens = tokens;
        this.database = database;
    }

    /**
     * @param clause one addition, of a key or of a column
     * @param database of the table, where the parent names none
     * @return empty when it has no foreign key, or one that only refuses
     */
    static Optional<Cascade> read(List<Token> clause, String database) {
        return new ForeignKeys(clause, database).read();
    }

    private Optional<Cascade> read() {
        String name = "";
        while (at < tokens.size() && !is("REFERENCES")) {
            boolean isNamed = is("CONSTRAINT");
            at++;
            if (isNamed && !is("FOREIGN") && !is("REFERENCES")) {
                skipIfNotExists();
                name = text();
            }
        }
        at++;
        if (at >= tokens.size()) {
            return Optional.empty();
        }
        TableName parent = parent();
        Set<String> referenced = columns();
        boolean onDelete = acts("DELETE");
        boolean onUpdate = acts("UPDATE");
        if (!onDelete && !onUpdate) {
            return Optional.empty();
        }
        Cascade.Trigger trigger = onDelete && onUpdate
                ? Cascade.Trigger.BOTH
                : onDelete ? Cascade.Trigger.DELETE : Cascade.Trigger.UPDATE;
        return Optional.of(new Cascade(name, parent, referenced, trigger));
    }

    private TableName parent() {
        String first = text();
        at++;
        if (at + 1 < tokens.size() && tokens.get(at).isSymbol(".")) {
            at += 2;
            return new TableName(first, tokens.get(at - 1).text());
        }
        return new TableName(database, first);
    }

    private Set<String> columns() {
        Set<String> names = new HashSet<>();
        if (at < tokens.size() && tokens.get(at).isSymbol("(")) {
            for (at++; at < tokens.size() && !tokens.get(at).isSymbol(")"); at++) {
                if (!tokens.get(at).isSymbol(",")) {
                    names.add(text());
                }
            }
        }
        return names;
    }

    /** Whether {@code ON event} is followed by anything but a refusal. */
    private boolean acts(String event) {
        for (int i = at; i + 2 < tokens.size(); i++) {
            if (tokens.get(i).is("ON") && tokens.get(i + 1).is(event)) {
                Token action = tokens.get(i + 2);
                return !action.is("RESTRICT") && !action.is("NO");
            }
        }
        return false;
    }

    private void skipIfNotExists() {
        while (is("IF") || is("NOT") || is("EXISTS")) {
            at++;
        }
    }

    private boolean is(String word) {
        return at < tokens.size() && tokens.get(at).is(word);
    }

    private String text() {
        return at < tokens.size() ? tokens.get(at).text() : "";
    }
}
