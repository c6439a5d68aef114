package dev.cdp.core;

/** What a command's process ends with. Documented in {@code docs/exit-codes.md}; any other code is a failure. */
public enum ExitCode {
    DONE(0, "done, and nothing left out"),
    UNEXPECTED(1, "unexpected failure"),
    USAGE(2, "wrong usage"),
    NOT_RESTORABLE(3, "restore point not restorable: outside the window, inside a gap, or no cut possible"),
    FOUND_BAD(4, "checked and found bad"),
    PARTIAL(5, "done in part: some services not, or changes missing in a gap that was allowed"),
    REFUSED(6, "refused: target not empty, plan stale, or confirmation missing"),
    UNREACHABLE(7, "something is unreachable; trying again makes sense"),
    ACCESS_DENIED(8, "access denied"),
    LOCKED(9, "another operation holds the lock"),
    NO_ARCHIVE(10, "no archive here"),
    DIFFERENCES(20, "differences found"),
    CONFIGURATION(78, "configuration invalid"),
    CANCELLED(130, "cancelled by the operator; safe to resume");

    private final int code;
    private final String meaning;

    ExitCode(int code, String meaning) {
        this.code = code;
        this.meaning = meaning;
    }

    public int code() {
        return code;
    }

    public String meaning() {
        return meaning;
    }
}
