package dev.cdp.capture.binlog.reading;

import dev.cdp.capture.binlog.reading.SqlTokens.Kind;
import dev.cdp.capture.binlog.reading.SqlTokens.Token;
import dev.cdp.capture.source.TableDescription;
import dev.cdp.capture.source.TableDescription.Cascade;
import dev.cdp.capture.source.TableDescription.ColumnDescription;
import dev.cdp.core.Column.Generation;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** A table that a statement makes without rows, as it is written there. */
record CreatedTable(List<Written> columns, List<String> key, List<Cascade> cascades) {
    private static final Set<String> OTHERS = Set.of(
            "PRIMARY",
            "KEY",
            "INDEX",
            "UNIQUE",
            "FULLTEXT",
            "SPATIAL",
            "VECTOR",
            "CONSTRAINT",
            "FOREIGN",
            "CHECK",
            "PERIOD",
            "LIKE");
    private static final Set<String> SOURCES_OF_ROWS = Set.of("SELECT", "AS", "LIKE", "TABLE", "WITH");

    /** One column. */
    record Written(String name, WrittenType type, Generation generation) {
        boolean isSurely(ColumnDescription column) {
            return column.name().equals(name)
                    && column.generation() == generation
                    && (generation == Generation.COMPUTED || type.isSurely(column.sourceType()));
        }
    }

    /**
     * @param tokens what follows the table's name
     * @param database of the table
     * @return empty when it is made of another table, has an engine that is not protected, or cannot be told
     */
    static Optional<CreatedTable> read(List<Token> tokens, String database) {
        int end = 1;
        for (int depth = 1; end < tokens.size() && depth > 0; end++) {
            depth += tokens.get(end).isSymbol("(") ? 1 : tokens.get(end).isSymbol(")") ? -1 : 0;
        }
        if (tokens.isEmpty() || !tokens.get(0).isSymbol("(") || !isPlain(tokens.subList(end, tokens.size()))) {
            return Optional.empty();
        }
        List<Written> columns = new ArrayList<>();
        List<String> key = new ArrayList<>();
        List<Cascade> cascades = new ArrayList<>();
        for (List<Token> clause : AlterSteps.clauses(tokens.subList(1, end - 1))) {
            ForeignKeys.read(clause, database).ifPresent(cascades::add);
            if (clause.get(0).kind() != Kind.NAME
                    && OTHERS.contains(clause.get(0).upper())) {
                key.addAll(keyOf(clause));
            } else {
                List<Token> definition = AlterSteps.withoutParentheses(clause);
                boolean computed = definition.stream().anyMatch(token -> token.is("AS") || token.is("GENERATED"));
                columns.add(new Written(
                        clause.get(0).text(),
                        WrittenType.read(clause.subList(1, clause.size())),
                        computed ? Generation.COMPUTED : Generation.WRITTEN));
                if (isKey(definition)) {
                    key.add(clause.get(0).text());
                }
            }
        }
        return columns.isEmpty() ? Optional.empty() : Optional.of(new CreatedTable(columns, key, cascades));
    }

    private static boolean isPlain(List<Token> options) {
        for (int i = 0; i < options.size(); i++) {
            Token next = i + 1 < options.size() ? options.get(i + 1) : new Token(Kind.SYMBOL, "");
            boolean isRows = options.get(i).is("VALUES") && next.isSymbol("(");
            if (isRows || SOURCES_OF_ROWS.contains(options.get(i).upper())) {
                return false;
            }
            if (options.get(i).is("ENGINE")) {
                Token engine = next.isSymbol("=") && i + 2 < options.size() ? options.get(i + 2) : next;
                if (!engine.text().equalsIgnoreCase("InnoDB")) {
                    return false;
                }
            }
        }
        return true;
    }

    private static boolean isKey(List<Token> definition) {
        for (int i = 1; i < definition.size(); i++) {
            if (definition.get(i).is("PRIMARY")
                    || definition.get(i).is("KEY") && !definition.get(i - 1).is("UNIQUE")) {
                return true;
            }
        }
        return false;
    }

    /** The columns of a PRIMARY KEY; none of another one. */
    private static List<String> keyOf(List<Token> clause) {
        List<String> columns = new ArrayList<>();
        boolean isPrimary = AlterSteps.withoutParentheses(clause).stream().anyMatch(token -> token.is("PRIMARY"));
        boolean isNext = false;
        int depth = 0;
        for (Token token : clause) {
            depth -= token.isSymbol(")") ? 1 : 0;
            if (isPrimary && depth == 1 && isNext) {
                columns.add(token.text());
            }
            isNext = token.isSymbol("(") && depth == 0 || token.isSymbol(",") && depth == 1;
            depth += token.isSymbol("(") ? 1 : 0;
        }
        return columns;
    }

    /**
     * The table as it began.
     *
     * @param now as the catalog has it
     * @return empty unless the catalog surely still shows it as it was made
     */
    Optional<TableDescription> in(TableDescription now) {
        boolean isSurely = columns.size() == now.columns().size() && now.key().equals(key);
        for (int i = 0; isSurely && i < columns.size(); i++) {
            isSurely = columns.get(i).isSurely(now.columns().get(i));
        }
        return isSurely ? Optional.of(now.withCascades(Alteration.named(cascades, now))) : Optional.empty();
    }
}
