package dev.cdp.capture;

import dev.cdp.capture.CheckFinding.Verdict;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One thing that {@code cdp check} looks at; implemented by enumerations, one constant each. The same constant gives the
 * line in the documentation and the words of the finding, so what is documented is what is printed.
 */
public interface Check {

    /** As the enumeration names it. */
    String name();

    Rule rule();

    /** What is looked at: the whole source, or one of its tables while the others are fine. */
    enum Reach {
        SOURCE,
        TABLE
    }

    /**
     * What a check demands.
     *
     * @param otherwise the verdict where it does not hold, {@code OK} for one that only tells
     * @param wanted what should hold, as a clause
     * @param mend what makes it hold, one step per line, with {@code <placeholders>}: a line that ends with a semicolon
     *     is SQL to be run as printed; empty where nothing does
     */
    record Rule(Verdict otherwise, Reach reach, String wanted, String mend) {
        private static final Pattern PLACEHOLDER = Pattern.compile("<[a-z-]+>");

        /** @param values of the placeholders in their order, each named once */
        String mend(String... values) {
            String filled = mend;
            for (String value : values) {
                Matcher next = PLACEHOLDER.matcher(filled);
                if (!next.find()) {
                    throw new IllegalArgumentException("No placeholder for '" + value + "' in: " + mend);
                }
                filled = filled.replace(next.group(), value);
            }
            return filled;
        }
    }

    /** As printed, such as {@code wal-level}. */
    default String id() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** @param what was found, as a sentence */
    default CheckFinding fine(String what) {
        return new CheckFinding(this, Verdict.OK, what, "");
    }

    /**
     * A finding that something does not hold.
     *
     * @param what was found, as a sentence
     * @param values of the placeholders in {@link Rule#mend()}
     */
    default CheckFinding wrong(String what, String... values) {
        return new CheckFinding(this, rule().otherwise(), what, rule().mend(values));
    }
}
