package dev.cdp.capture.binlog.reading;

import dev.cdp.capture.binlog.reading.DdlStatement.Effect;
import dev.cdp.capture.binlog.reading.DdlStatement.Step;
import dev.cdp.capture.binlog.reading.SqlTokens.Kind;
import dev.cdp.capture.binlog.reading.SqlTokens.Token;
import dev.cdp.core.TableName;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads which tables a statement of the log is about and whether it can have changed their rows. It does not check
 * the statement: the server has accepted it. What it does not know counts as having changed rows.
 */
final class DdlReader {
    private static final Set<String> ROW_CHANGES = Set.of("INSERT", "UPDATE", "DELETE", "REPLACE", "LOAD");
    private static final Set<String> CONTROLS = Set.of(
            "BEGIN",
            "COMMIT",
            "ROLLBACK",
            "SAVEPOINT",
            "RELEASE",
            "START",
            "XA",
            "FLUSH",
            "ANALYZE",
            "OPTIMIZE",
            "REPAIR",
            "CHECK",
            "GRANT",
            "REVOKE",
            "KILL",
            "RESET",
            "PURGE",
            "INSTALL",
            "UNINSTALL",
            "LOCK",
            "UNLOCK");
    private static final Set<String> SERVER_OBJECTS = Set.of("USER", "ROLE", "SERVER", "DATABASE", "SCHEMA");
    private static final Set<String> KINDS = Set.of(
            "TABLE",
            "INDEX",
            "VIEW",
            "TRIGGER",
            "PROCEDURE",
            "FUNCTION",
            "EVENT",
            "SEQUENCE",
            "PACKAGE",
            "USER",
            "ROLE",
            "SERVER",
            "DATABASE",
            "SCHEMA");

    private final List<Token> tokens;
    private final String database;
    private final boolean readsForSure;
    private boolean ignoresRows;
    private int at;

    private DdlReader(String sql, String database) {
        this.tokens = SqlTokens.of(sql);
        this.readsForSure = sql.indexOf('\\') < 0; // where a text ends behind one is for sql_mode to say
        this.database = database;
    }

    /** @param database the session's own, empty for none */
    static DdlStatement read(String sql, String database) {
        return new DdlReader(sql, database).read();
    }

    private DdlStatement read() {
        skipSetStatement();
        String command = next().upper();
        if (ROW_CHANGES.contains(command)) {
            return simple(Effect.CHANGES_ROWS, command);
        }
        if (CONTROLS.contains(command)) {
            return simple(Effect.CONTROLS, command);
        }
        return switch (command) {
            case "TRUNCATE" -> truncate();
            case "RENAME" -> rename();
            case "CREATE", "DROP", "ALTER" -> definition(command);
            default -> simple(Effect.DEFINES, command);
        };
    }

    /** {@code SET STATEMENT variable = value FOR ...} wraps any statement; a bare SET defines nothing. */
    private void skipSetStatement() {
        if (peek().is("SET") && peek(1).is("STATEMENT")) {
            while (hasMore() && !peek().is("FOR")) {
                at++;
            }
            at++;
        }
    }

    private DdlStatement truncate() {
        accept("TABLE");
        TableName table = tableName();
        return new DdlStatement(
                Effect.TRUNCATES, "TRUNCATE TABLE", Optional.of(table), List.of(), List.of(), List.of(table), null);
    }

    private DdlStatement rename() {
        if (!accept("TABLE") && !accept("TABLES")) {
            return simple(Effect.CONTROLS, "RENAME " + next().upper()); // a user
        }
        skipIfExists();
        List<TableName> made = new ArrayList<>();
        List<TableName> ended = new ArrayList<>();
        do {
            TableName from = tableName();
            skipUntil("TO");
            TableName to = tableName();
            ended.add(from);
            made.remove(from);
            made.add(to);
        } while (acceptSymbol(","));
        return new DdlStatement(
                Effect.DEFINES, "RENAME TABLE", Optional.of(made.get(made.size() - 1)), made, ended, List.of(), null);
    }

    private DdlStatement definition(String command) {
        boolean temporary = false;
        while (hasMore() && !KINDS.contains(peek().upper())) { // OR REPLACE, UNIQUE, DEFINER = ..., and the like
            Token word = next();
            temporary |= word.is("TEMPORARY");
            ignoresRows |= word.is("IGNORE"); // those that a new key cannot hold are deleted
        }
        String kind = next().upper();
        String tag = kind.isEmpty() ? command : command + " " + kind;
        if (temporary) { // in row format nobody else ever sees one
            return simple(Effect.CONTROLS, tag);
        }
        if (command.equals("DROP") && (kind.equals("DATABASE") || kind.equals("SCHEMA"))) {
            skipIfExists();
            return new DdlStatement(
                    Effect.DROPS_DATABASE,
                    tag,
                    Optional.of(new TableName(next().text(), "*")),
                    List.of(),
                    List.of(),
                    List.of(),
                    null);
        }
        if (SERVER_OBJECTS.contains(kind)) {
            return simple(Effect.CONTROLS, tag);
        }
        return switch (kind) {
            case "TABLE" -> table(command, tag);
            case "INDEX" -> index(tag);
            default -> {
                skipIfExists();
                Optional<TableName> object = hasMore() ? Optional.of(tableName()) : Optional.empty();
                yield new DdlStatement(Effect.DEFINES, tag, object, List.of(), List.of(), List.of(), null);
            }
        };
    }

    private DdlStatement table(String command, String tag) {
        skipIfExists();
        TableName table = tableName();
        if (command.equals("CREATE")) {
            return defines(tag, table, List.of(table), List.of(table), List.of(), null);
        }
        if (command.equals("DROP")) {
            List<TableName> ended = new ArrayList<>(List.of(table));
            while (acceptSymbol(",")) {
                ended.add(tableName());
            }
            return defines(tag, table, List.of(), ended, List.of(), null);
        }
        AlterSteps alter = AlterSteps.read(tokens.subList(at, tokens.size()));
        if (alter.newName() != null) {
            String schema = alter.newSchema() == null ? database : alter.newSchema();
            TableName renamed = new TableName(schema.isEmpty() ? table.schema() : schema, alter.newName());
            return defines(tag, table, List.of(renamed), List.of(table), List.of(), null);
        }
        return alter.steps() == null || ignoresRows || !readsForSure
                ? alterWithOthers(tag, table)
                : defines(tag, table, List.of(), List.of(), List.of(table), alter.steps());
    }

    /** Partitions may go to or come from another table. */
    private DdlStatement alterWithOthers(String tag, TableName table) {
        List<TableName> made = new ArrayList<>();
        List<TableName> ended = new ArrayList<>();
        List<TableName> altered = new ArrayList<>(List.of(table));
        while (hasMore()) {
            Token token = next();
            if (!accept("TABLE")) {
                continue;
            }
            if (token.is("WITH")) {
                altered.add(tableName());
            } else if (token.is("TO")) {
                made.add(tableName());
            } else if (token.is("CONVERT")) {
                ended.add(tableName());
            }
        }
        return defines(tag, table, made, ended, altered, null);
    }

    private DdlStatement index(String tag) {
        skipUntil("ON");
        TableName table = tableName();
        return defines(tag, table, List.of(), List.of(), List.of(table), List.of());
    }

    private static DdlStatement defines(
            String tag,
            TableName object,
            List<TableName> made,
            List<TableName> ended,
            List<TableName> altered,
            @Nullable List<Step> steps) {
        return new DdlStatement(Effect.DEFINES, tag, Optional.of(object), made, ended, altered, steps);
    }

    private static DdlStatement simple(Effect effect, String tag) {
        return new DdlStatement(effect, tag, Optional.empty(), List.of(), List.of(), List.of(), null);
    }

    private void skipIfExists() {
        if (accept("IF")) {
            accept("NOT");
            accept("EXISTS");
        }
    }

    private TableName tableName() {
        String first = next().text();
        if (acceptSymbol(".")) {
            return new TableName(first, next().text());
        }
        return new TableName(database.isEmpty() ? "?" : database, first.isEmpty() ? "?" : first);
    }

    private void skipUntil(String word) {
        while (hasMore() && !peek().is(word)) {
            at++;
        }
        at++;
    }

    private boolean accept(String word) {
        boolean found = peek().is(word);
        at += found ? 1 : 0;
        return found;
    }

    private boolean acceptSymbol(String symbol) {
        boolean found = peek().isSymbol(symbol);
        at += found ? 1 : 0;
        return found;
    }

    private boolean hasMore() {
        return at < tokens.size();
    }

    private Token peek() {
        return peek(0);
    }

    private Token peek(int ahead) {
        return at + ahead < tokens.size() ? tokens.get(at + ahead) : new Token(Kind.SYMBOL, "");
    }

    private Token next() {
        Token token = peek();
        at++;
        return token;
    }
}
