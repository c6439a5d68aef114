package dev.cdp.app.ddl;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * One kind of statement, with tables of its own.
 *
 * @param expectedBehind the same where capture reads of the steps when all of them are through
 * @param setUp run before anything is captured
 * @param steps run while everything is captured
 */
record DdlCase(String name, Expected expected, Expected expectedBehind, List<String> setUp, List<Step> steps) {

    /** What must become of its tables, from its first step on. */
    enum Expected {
        /** Their state is known at every transaction. */
        RIGHT("right"),
        /** Some have a gap that ends with a new base. */
        RE_BASED("re-based"),
        /** Some are not protected for a while, and are not there then. */
        LEFT_OUT("left out");

        private final String word;

        Expected(String word) {
            this.word = word;
        }

        static Expected of(String word) {
            for (Expected each : values()) {
                if (each.word.equals(word)) {
                    return each;
                }
            }
            throw new IllegalArgumentException("Nothing that can be expected: '" + word + "'");
        }
    }

    /** What one transaction does. */
    record Step(Form form, List<String> statements) {
        Step {
            statements = List.copyOf(statements);
        }
    }

    /** How a step ends. */
    enum Form {
        COMMITTED,
        ROLLED_BACK,
        /** It cannot be part of a transaction. */
        ALONE,
        /** The database refuses it, perhaps when a part of it is done. */
        FAILED
    }

    DdlCase {
        setUp = List.copyOf(setUp);
        steps = List.copyOf(steps);
    }

    /**
     * Reads a list: {@code # name => what is expected}, perhaps {@code , behind what else}, statements to set up, a line
     * of two dashes, and steps; without such a line the tables are the usual ones. A statement is a line. {@code BEGIN}
     * joins those up to {@code COMMIT} or {@code ROLLBACK}; {@code ALONE} stands before one that wants no transaction,
     * {@code FAILED} before one that has to fail.
     *
     * @param usual statements that set up a case which says nothing
     */
    static List<DdlCase> read(String resource, List<String> usual) {
        List<DdlCase> cases = new ArrayList<>();
        for (String part : text(resource).split("(?m)^# ")) {
            List<String> lines = part.lines()
                    .map(String::strip)
                    .filter(line -> !line.isEmpty())
                    .toList();
            if (!lines.isEmpty() && lines.get(0).contains(" => ")) {
                cases.add(read(lines, usual));
            }
        }
        return cases;
    }

    private static DdlCase read(List<String> lines, List<String> usual) {
        String[] title = lines.get(0).split(" => ");
        String[] expected = title[1].split(", behind ");
        int border = lines.indexOf("--");
        List<String> setUp = border < 0 ? usual : lines.subList(1, border);
        return new DdlCase(
                title[0],
                Expected.of(expected[0]),
                Expected.of(expected[expected.length - 1]),
                setUp.stream().map(DdlCase::statement).toList(),
                steps(lines.subList(Math.max(border, 0) + 1, lines.size())));
    }

    private static List<Step> steps(List<String> lines) {
        List<Step> steps = new ArrayList<>();
        List<String> open = null;
        for (String line : lines) {
            String statement = statement(line);
            if (statement.equals("BEGIN")) {
                open = new ArrayList<>();
            } else if (open != null && (statement.equals("COMMIT") || statement.equals("ROLLBACK"))) {
                steps.add(new Step(statement.equals("COMMIT") ? Form.COMMITTED : Form.ROLLED_BACK, open));
                open = null;
            } else if (open != null) {
                open.add(statement);
            } else if (statement.startsWith("ALONE ")) {
                steps.add(new Step(Form.ALONE, List.of(statement.substring("ALONE ".length()))));
            } else if (statement.startsWith("FAILED ")) {
                steps.add(new Step(Form.FAILED, List.of(statement.substring("FAILED ".length()))));
            } else {
                steps.add(new Step(Form.COMMITTED, List.of(statement)));
            }
        }
        return steps;
    }

    private static String statement(String line) {
        if (!line.endsWith(";")) {
            throw new IllegalArgumentException("Not the end of a statement: " + line);
        }
        return line.substring(0, line.length() - 1);
    }

    private static String text(String resource) {
        try (InputStream in = Objects.requireNonNull(DdlCase.class.getResourceAsStream(resource), resource)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read " + resource, e);
        }
    }
}
