package dev.cdp.capture;

/**
 * One line of {@code cdp check}.
 *
 * @param check a stable name, such as {@code wal-level}
 * @param what what was found
 * @param mend the exact SQL or setting that mends it, empty when nothing is wrong
 */
public record CheckFinding(String check, Verdict verdict, String what, String mend) {

    /** How bad it is. */
    public enum Verdict {
        OK,
        /** Works, with a limit that is named. */
        WARNING,
        /** The source, or the table that is named, cannot be protected like this. */
        FAILED
    }

    public static CheckFinding ok(String check, String what) {
        return new CheckFinding(check, Verdict.OK, what, "");
    }

    public static CheckFinding warning(String check, String what, String mend) {
        return new CheckFinding(check, Verdict.WARNING, what, mend);
    }

    public static CheckFinding failed(String check, String what, String mend) {
        return new CheckFinding(check, Verdict.FAILED, what, mend);
    }
}
