package dev.cdp.capture.binlog.reading;

import dev.cdp.capture.binlog.reading.DdlStatement.Step;
import dev.cdp.capture.binlog.reading.SqlTokens.Kind;
import dev.cdp.capture.binlog.reading.SqlTokens.Token;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The steps of an ALTER TABLE.
 *
 * @param newSchema as written with the new name
 * @param newName of the table, null when it keeps its name
 * @param steps null when one of them may change rows
 */
record AlterSteps(
        @Nullable String newSchema,
        @Nullable String newName,
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

    /** @param tokens what follows the table's name */
    static AlterSteps read(List<Token> tokens) {
        List<Step> steps = new ArrayList<>();
        boolean neutral = true;
        String newSchema = null;
        String newName = null;
        for (List<Token> clause : clauses(tokens)) {
            String first = clause.get(0).upper();
            if (first.equals("RENAME") && !isRenameOfPart(clause)) {
                int at = Set.of("TO", "AS").contains(word(clause, 1)) ? 2 : 1;
                boolean qualified = clause.size() > at + 2 && clause.get(at + 1).isSymbol(".");
                newSchema = qualified ? clause.get(at).text() : null;
                newName = clause.get(qualified ? at + 2 : at).text();
            } else {
                neutral &= readStep(first, clause, steps);
            }
        }
        return new AlterSteps(newSchema, newName, neutral && !addsWhatItDrops(steps) ? steps : null);
    }

    private static boolean isRenameOfPart(List<Token> clause) {
        return Set.of("COLUMN", "INDEX", "KEY").contains(word(clause, 1));
    }

    /** @return whether the step is known to leave rows as they are */
    private static boolean readStep(String first, List<Token> clause, List<Step> steps) {
        if (first.equals("RENAME")) {
            return !word(clause, 1).equals("COLUMN");
        }
        if (first.equals("ADD")) {
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
        int at = afterExists(clause, what.equals("COLUMN") ? 2 : 1);
        if (at >= clause.size() || clause.get(at).isSymbol("(")) {
            return false;
        }
        String column = clause.get(at).text();
        int defaultAt = indexOf(clause, "DEFAULT");
        if (clause.stream().anyMatch(token -> token.is("AS") || token.is("GENERATED"))) {
            steps.add(new Step.AddColumn(column, null));
            return true;
        }
        if (defaultAt < 0
                || defaultAt + 1 >= clause.size()
                || clause.get(defaultAt + 1).is("NULL")) {
            steps.add(new Step.AddColumn(column, null));
            return indexOf(clause, "NOT") < 0; // otherwise old rows get what the type has for nothing
        }
        Token literal = clause.get(defaultAt + 1);
        boolean constant = literal.kind() == Kind.TEXT || literal.text().matches("[0-9]+");
        boolean plain = defaultAt + 2 >= clause.size()
                || clause.get(defaultAt + 2).kind() == Kind.WORD
                || clause.get(defaultAt + 2).kind() == Kind.TEXT && !constant;
        steps.add(new Step.AddColumn(column, literal.text()));
        return constant && plain;
    }

    private static boolean readDrop(List<Token> clause, List<Step> steps) {
        String what = word(clause, 1);
        if (INDEXES.contains(what)) {
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

    private static boolean addsWhatItDrops(List<Step> steps) {
        Set<String> seen = new HashSet<>();
        for (Step step : steps) {
            String column = step instanceof Step.AddColumn add ? add.column() : ((Step.DropColumn) step).column();
            if (!seen.add(column.toLowerCase(Locale.ROOT))) {
                return true;
            }
        }
        return false;
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
    private static List<List<Token>> clauses(List<Token> tokens) {
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
