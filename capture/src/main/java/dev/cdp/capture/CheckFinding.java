package dev.cdp.capture;

/**
 * One line of {@code cdp check}.
 *
 * @param of what was looked at
 * @param what what was found
 * @param mend what mends it, one step per line; a line that ends with a semicolon is SQL to be run as it stands. Empty
 *     when nothing is wrong or nothing helps
 */
public record CheckFinding(Check of, Verdict verdict, String what, String mend) {

    /** How bad it is. */
    public enum Verdict {
        OK,
        /** Works, with a limit that is named. */
        WARNING,
        /** The source, or the table that is named, cannot be protected like this. */
        FAILED
    }

    /** The name of what was looked at, such as {@code wal-level}. */
    public String check() {
        return of.id();
    }
}
