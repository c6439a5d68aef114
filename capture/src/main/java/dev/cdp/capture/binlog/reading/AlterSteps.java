package dev.cdp.capture.binlog.reading;

import dev.cdp.capture.binlog.reading.DdlStatement.Step;
import dev.cdp.capture.binlog.reading.SqlTokens.Kind;
import dev.cdp.capture.binlog.reading.SqlTokens.Token;
import dev.cdp.core.Column.Generation;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The steps of an ALTER TABLE.
 *
 * @param newSchema as written with the new name
 * @param newName of the table, null when it keeps its name
 * @param newEngine in upper case, null when it keeps its storage engine
 * @param renamedColumns new names by old ones
 * @param steps null when one of them may change rows
 */
record AlterSteps(
        @Nullable String newSchema,
        @Nullable String newName,
        @Nullable String newEngine,
        Map<String, String> renamedColumns,
        @Nullable List<Step> steps) {
    // Steps that leave every row as it is, whatever follows their first word.
    private static final Set<String> NEUTRAL = Set.of(
            "COMMENT",
            "AUTO_INCREMENT",
            "DISABLE",
            "ENABLE",
            "ROW_FORMAT",
            "STATS_PERSISTENT",
            "STATS_AUTO_RECALC",
            "STATS_SAMPLE_PAGES",
            "ALGORITHM",
            "LOCK",
            "FORCE",
            "ENGINE",
            "WAIT",
            "NOWAIT",
            "KEY_BLOCK_SIZE",
            "ORDER",
            "MAX_ROWS",
            "MIN_ROWS",
            "DEFAULT",
            "CHARACTER",
            "CHARSET",
            "COLLATE",
            "PAGE_COMPRESSED",
            "ALTER");
    private static final Set<String> INDEXES =
            Set.of("INDEX", "KEY", "UNIQUE", "FULLTEXT", "SPATIAL", "CONSTRAINT", "FOREIGN", "CHECK", "VECTOR");
    private static final Set<String> OTHER_ADDITIONS = Set.of("PARTITION", "PERIOD", "SYSTEM", "PRIMARY");

    /**
     * @param tokens what follows the table's name
     * @param database of the table
     */
    static AlterSteps read(List<Token> tokens, String database) {
        List<Step> steps = new ArrayList<>();
        Map<String, String> renamedColumns = new HashMap<>();
        boolean neutral = true;
        String newSchema = null;
        String newName = null;
        String newEngine = null;
        for (List<Token> clause : clauses(tokens)) {
            String first = clause.get(0).upper();
            if (first.equals("RENAME") && !isRenameOfPart(clause)) {
                int at = Set.of("TO", "AS").contains(word(clause, 1)) ? 2 : 1;
                boolean qualified = clause.size() > at + 2 && clause.get(at + 1).isSymbol(".");
                newSchema = qualified ? clause.get(at).text() : null;
                newName = clause.get(qualified ? at + 2 : at).text();
            } else {
                newEngine = first.equals("ENGINE") ? engine(clause) : newEngine;
                readRename(clause, renamedColumns);
                neutral &= readStep(first, clause, database, steps);
            }
        }
        return new AlterSteps(
                newSchema, newName, newEngine, renamedColumns, neutral && !namesOneTwice(steps) ? steps : null);
    }

    private static String engine(List<Token> clause) {
        int at = clause.size() > 1 && clause.get(1).isSymbol("=") ? 2 : 1;
        return at < clause.size() ? clause.get(at).text().toUpperCase(Locale.ROOT) : "";
    }

    /** {@code RENAME COLUMN a TO b} and {@code CHANGE [COLUMN] a b ...}. */
    private static void readRename(List<Token> clause, Map<String, String> renamedColumns) {
        boolean isRename = clause.get(0).is("RENAME") && word(clause, 1).equals("COLUMN");
        if (isRename || clause.get(0).is("CHANGE")) {
            int at = afterExists(clause, word(clause, 1).equals("COLUMN") ? 2 : 1);
            int to = isRename ? at + 2 : at + 1;
            if (to < clause.size()) {
                renamedColumns.put(clause.get(at).text(), clause.get(to).text());
            }
        }
    }

    private static boolean isRenameOfPart(List<Token> clause) {
        return Set.of("COLUMN", "INDEX", "KEY").contains(word(clause, 1));
    }

    /** @return whether the step is known to leave rows as they are */
    private static boolean readStep(String first, List<Token> clause, String database, List<Step> steps) {
        if (first.equals("RENAME")) {
            return !word(clause, 1).equals("COLUMN");
        }
        if (first.equals("ADD")) {
            ForeignKeys.read(clause, database).ifPresent(key -> steps.add(new Step.AddCascade(key)));
            return readAddition(clause, steps);
        }
        if (first.equals("DROP")) {
            return readDrop(clause, steps);
        }
        return NEUTRAL.contains(first);
    }

    private static boolean readAddition(List<Token> clause, List<Step> steps) {
        String what = word(clause, 1);
        if (INDEXES.contains(what)) {
            return clause.stream().noneMatch(token -> token.is("PRIMARY"));
        }
        if (OTHER_ADDITIONS.contains(what) || clause.stream().anyMatch(token -> token.is("AUTO_INCREMENT"))) {
            return false;
        }
        int named = what.equals("COLUMN") ? 2 : 1;
        int at = afterExists(clause, named);
        if (at >= clause.size() || clause.get(at).isSymbol("(")) {
            return false;
        }
        Step.Presence presence = at > named ? Step.Presence.UNLESS_IT_EXISTS : Step.Presence.NEW;
        return readColumn(clause.get(at).text(), presence, clause.subList(at + 1, clause.size()), steps);
    }

    /** @param definition what follows the column's name */
    private static boolean readColumn(String column, Step.Presence presence, List<Token> definition, List<Step> steps) {
        List<Token> outer = withoutParentheses(definition);
        boolean computed = outer.stream().anyMatch(token -> token.is("AS") || token.is("GENERATED"));
        int defaultAt = computed ? -1 : indexOf(outer, "DEFAULT");
        Token literal = defaultAt >= 0 && defaultAt + 1 < outer.size() ? outer.get(defaultAt + 1) : null;
        boolean filled = literal != null && !literal.is("NULL");
        steps.add(new Step.AddColumn(
                column,
                presence,
                WrittenType.read(definition),
                computed ? Generation.COMPUTED : Generation.WRITTEN,
                filled ? literal.text() : null,
                place(outer)));
        if (outer.stream().anyMatch(token -> token.is("PRIMARY") || token.is("KEY"))) {
            return false;
        }
        if (!filled) { // old rows of a column without NULL get what the type has for nothing
            return computed || indexOf(outer, "NOT") < 0;
        }
        boolean constant = literal.kind() == Kind.TEXT || literal.text().matches("[0-9]+");
        boolean plain = defaultAt + 2 >= outer.size()
                || outer.get(defaultAt + 2).kind() == Kind.WORD
                || outer.get(defaultAt + 2).kind() == Kind.TEXT && !constant;
        return constant && plain;
    }

    private static @Nullable String place(List<Token> definition) {
        int last = definition.size() - 1;
        if (last >= 0 && definition.get(last).is("FIRST")) {
            return Step.AddColumn.FIRST;
        }
        return last >= 1 && definition.get(last - 1).is("AFTER")
                ? definition.get(last).text()
                : null;
    }

    static List<Token> withoutParentheses(List<Token> tokens) {
        List<Token> outer = new ArrayList<>();
        int depth = 0;
        for (Token token : tokens) {
            depth -= token.isSymbol(")") ? 1 : 0;
            if (depth == 0) {
                outer.add(token);
            }
            depth += token.isSymbol("(") ? 1 : 0;
        }
        return outer;
    }

    private static boolean readDrop(List<Token> clause, List<Step> steps) {
        String what = word(clause, 1);
        if (INDEXES.contains(what)) {
            if (what.equals("FOREIGN") || what.equals("CONSTRAINT")) {
                steps.add(new Step.DropConstraint(clause.get(clause.size() - 1).text()));
            }
            return clause.stream()
                    .noneMatch(token -> token.is("PRIMARY") || token.text().equals("PRIMARY"));
        }
        if (OTHER_ADDITIONS.contains(what)) {
            return false;
        }
        int at = afterExists(clause, what.equals("COLUMN") ? 2 : 1);
        if (at >= clause.size()) {
            return false;
        }
        steps.add(new Step.DropColumn(clause.get(at).text()));
        return true;
    }

    private static int afterExists(List<Token> clause, int at) {
        int after = at;
        while (Set.of("IF", "NOT", "EXISTS").contains(word(clause, after))) {
            after++;
        }
        return after;
    }

    private static boolean namesOneTwice(List<Step> steps) {
        Set<String> seen = new HashSet<>();
        return steps.stream()
                .flatMap(step -> step.column().stream())
                .anyMatch(column -> !seen.add(column.toLowerCase(Locale.ROOT)));
    }

    private static String word(List<Token> clause, int index) {
        return index < clause.size() ? clause.get(index).upper() : "";
    }

    private static int indexOf(List<Token> clause, String word) {
        for (int i = 0; i < clause.size(); i++) {
            if (clause.get(i).is(word)) {
                return i;
            }
        }
        return -1;
    }

    /** Cut at the commas outside of parentheses. */
    static List<List<Token>> clauses(List<Token> tokens) {
        List<List<Token>> clauses = new ArrayList<>();
        List<Token> clause = new ArrayList<>();
        int depth = 0;
        for (Token token : tokens) {
            depth += token.isSymbol("(") ? 1 : token.isSymbol(")") ? -1 : 0;
            if (depth == 0 && token.isSymbol(",")) {
                clauses.add(clause);
                clause = new ArrayList<>();
            } else {
                clause.add(token);
            }
        }
        clauses.add(clause);
        clauses.removeIf(List::isEmpty);
        return clauses;
    }
}
