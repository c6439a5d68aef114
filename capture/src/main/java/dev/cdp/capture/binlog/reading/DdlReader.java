package dev.cdp.capture.binlog.reading;

import dev.cdp.capture.binlog.reading.DdlStatement.Effect;
import dev.cdp.capture.binlog.reading.DdlStatement.Renames;
import dev.cdp.capture.binlog.reading.DdlStatement.Renames.TableRename;
import dev.cdp.capture.binlog.reading.DdlStatement.Step;
import dev.cdp.capture.binlog.reading.SqlTokens.Kind;
import dev.cdp.capture.binlog.reading.SqlTokens.Token;
import dev.cdp.core.TableName;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
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

    private static final Set<String> LONG_TYPES =
            Set.of("TINYTEXT", "TEXT", "MEDIUMTEXT", "LONGTEXT", "TINYBLOB", "BLOB", "MEDIUMBLOB", "LONGBLOB");

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
                Effect.TRUNCATES,
                "TRUNCATE TABLE",
                Optional.of(table),
                List.of(),
                List.of(),
                List.of(table),
                Optional.empty(),
                Renames.NONE,
                null);
    }

    private DdlStatement rename() {
        if (!accept("TABLE") && !accept("TABLES")) {
            return simple(Effect.CONTROLS, "RENAME " + next().upper()); // a user
        }
        skipIfExists();
        List<TableName> made = new ArrayList<>();
        List<TableName> ended = new ArrayList<>();
        List<TableRename> renames = new ArrayList<>();
        do {
            TableName from = tableName();
            skipUntil("TO");
            TableName to = tableName();
            ended.add(from);
            made.remove(from);
            made.add(to);
            renames.add(new TableRename(from, to));
        } while (acceptSymbol(","));
        return new DdlStatement(
                Effect.DEFINES,
                "RENAME TABLE",
                Optional.of(made.get(made.size() - 1)),
                made,
                ended,
                List.of(),
                Optional.empty(),
                new Renames(renames, Map.of()),
                null);
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
                    Optional.empty(),
                    Renames.NONE,
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
                yield new DdlStatement(
                        Effect.DEFINES,
                        tag,
                        object,
                        List.of(),
                        List.of(),
                        List.of(),
                        Optional.empty(),
                        Renames.NONE,
                        null);
            }
        };
    }

    private DdlStatement table(String command, String tag) {
        skipIfExists();
        TableName table = tableName();
        if (command.equals("CREATE")) {
            List<TableName> made = List.of(table);
            Optional<CreatedTable> created = readsForSure
                    ? CreatedTable.read(tokens.subList(Math.min(at, tokens.size()), tokens.size()), table.schema())
                    : Optional.empty();
            return new DdlStatement(
                    Effect.DEFINES, tag, Optional.of(table), made, made, List.of(), created, Renames.NONE, null);
        }
        if (command.equals("DROP")) {
            List<TableName> ended = new ArrayList<>(List.of(table));
            while (acceptSymbol(",")) {
                ended.add(tableName());
            }
            return defines(tag, table, List.of(), ended, List.of(), null);
        }
        return alter(tag, table, AlterSteps.read(tokens.subList(at, tokens.size()), table.schema()));
    }

    private DdlStatement alter(String tag, TableName table, AlterSteps alter) {
        if (alter.newName() != null) {
            String schema = alter.newSchema() == null ? database : alter.newSchema();
            TableName renamed = new TableName(schema.isEmpty() ? table.schema() : schema, alter.newName());
            Renames renames = new Renames(List.of(new TableRename(table, renamed)), alter.renamedColumns());
            return new DdlStatement(
                    Effect.DEFINES,
                    tag,
                    Optional.of(table),
                    List.of(renamed),
                    List.of(table),
                    List.of(),
                    Optional.empty(),
                    renames,
                    null);
        }
        if (isUnprotectedBy(alter)) {
            return defines(tag, table, List.of(), List.of(table), List.of(), null);
        }
        if (alter.steps() == null || ignoresRows || !readsForSure) {
            return alterWithOthers(tag, table, new Renames(List.of(), alter.renamedColumns()));
        }
        return defines(tag, table, List.of(), List.of(), List.of(table), alter.steps());
    }

    /** The catalog may not tell: a later statement may have it protected again. */
    private boolean isUnprotectedBy(AlterSteps alter) {
        if (alter.newEngine() != null && !alter.newEngine().equals("INNODB")) {
            return true;
        }
        for (int i = at; i < tokens.size(); i++) {
            Token before = tokens.get(i - 1);
            boolean isVersioned = tokens.get(i).is("SYSTEM")
                    && peek(i + 1 - at).is("VERSIONING")
                    && (before.is("ADD") || before.is("WITH"));
            boolean isCompressed =
                    tokens.get(i).is("COMPRESSED") && (before.isSymbol(")") || LONG_TYPES.contains(before.upper()));
            if (isVersioned || isCompressed) {
                return true;
            }
        }
        return false;
    }

    /** Partitions may go to or come from another table. */
    private DdlStatement alterWithOthers(String tag, TableName table, Renames renames) {
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
        return new DdlStatement(
                Effect.DEFINES, tag, Optional.of(table), made, ended, altered, Optional.empty(), renames, null);
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
        return new DdlStatement(
                Effect.DEFINES, tag, Optional.of(object), made, ended, altered, Optional.empty(), Renames.NONE, steps);
    }

    private static DdlStatement simple(Effect effect, String tag) {
        return new DdlStatement(
                effect, tag, Optional.empty(), List.of(), List.of(), List.of(), Optional.empty(), Renames.NONE, null);
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
