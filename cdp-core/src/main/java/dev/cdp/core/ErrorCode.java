package dev.cdp.core;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** Every condition an operator may have to act on, with its stable number: {@code cdp explain CDP-3002} tells more. */
public enum ErrorCode {
    CONFIGURATION_INVALID(
            1001, ExitCode.CONFIGURATION, "The configuration file has errors; each is named with its line"),
    USAGE_WRONG(1002, ExitCode.USAGE, "The command line is not understood"),
    DATA_DIRECTORY_LOCKED(1003, ExitCode.LOCKED, "Another daemon uses the same data directory"),
    SOURCE_UNKNOWN(1004, ExitCode.USAGE, "The configuration has no source or group of that name"),
    CONFIGURATION_ABSENT(1005, ExitCode.CONFIGURATION, "There is no configuration file at the place asked for"),
    CONFIRMATION_MISSING(1006, ExitCode.REFUSED, "The step changes something that exists and was not confirmed"),
    FILE_EXISTS(1007, ExitCode.REFUSED, "A file that would be written is there already"),
    CANCELLED(1009, ExitCode.CANCELLED, "The command was interrupted"),
    TABLE_UNKNOWN(1010, ExitCode.USAGE, "The archive has never known a table of that name"),
    KEY_WRONG(1011, ExitCode.USAGE, "The key does not fit the key of the table, or the table has none"),
    TOOL_MISSING(1008, ExitCode.UNEXPECTED, "Something that cdp starts or fetches is not available on this machine"),

    SOURCE_UNREACHABLE(2001, ExitCode.UNREACHABLE, "The source database does not answer"),
    SOURCE_ACCESS_DENIED(2002, ExitCode.ACCESS_DENIED, "The source refuses the user or lacks a privilege"),
    SOURCE_SETTINGS_WRONG(2003, ExitCode.FOUND_BAD, "A setting of the source makes its changes uncapturable"),
    SLOT_LOST(2004, ExitCode.FOUND_BAD, "The replication slot is gone, invalid or beyond the place to resume at"),
    SOURCE_CHANGED(2005, ExitCode.FOUND_BAD, "The server behind the source is not the one its history was taken from"),
    CAPTURE_FAILED(2006, ExitCode.UNEXPECTED, "Capture of a source stopped with an error"),
    VALUE_NOT_CARRIED(2007, ExitCode.FOUND_BAD, "A value of a column cannot be carried exactly"),
    TABLE_NOT_PROTECTED(2008, ExitCode.FOUND_BAD, "A table cannot be protected as it is"),
    BASE_FAILED(2009, ExitCode.UNEXPECTED, "The base snapshot of a source failed"),
    LOG_GIVEN_UP(2010, ExitCode.FOUND_BAD, "The log that a source kept for us reached its budget and was given up"),
    SLOT_IN_USE(2011, ExitCode.UNREACHABLE, "The replication slot is in use by another session"),
    SOURCE_OUTDATED(
            2012, ExitCode.UNREACHABLE, "What an earlier version of cdp made in the source is not upgraded yet"),

    RESTORE_POINT_INVALID(3001, ExitCode.USAGE, "The restore point is not understood, or its zone is missing"),
    RESTORE_POINT_OUTSIDE(3002, ExitCode.NOT_RESTORABLE, "The archive does not cover the restore point"),
    RESTORE_POINT_IN_GAP(3003, ExitCode.NOT_RESTORABLE, "Changes are missing around the restore point"),
    CUT_IMPOSSIBLE(3004, ExitCode.NOT_RESTORABLE, "No consistent cut exists at or before the restore point"),
    FOLD_REFUSED(3005, ExitCode.NOT_RESTORABLE, "The state of a table cannot be computed exactly"),
    TARGET_NOT_EMPTY(3006, ExitCode.REFUSED, "The target database exists and is not empty"),
    TARGET_UNREACHABLE(3007, ExitCode.UNREACHABLE, "The target server does not answer"),
    TARGET_ACCESS_DENIED(3008, ExitCode.ACCESS_DENIED, "The target server refuses the user or lacks a privilege"),
    TARGET_REFUSED_STATEMENT(3009, ExitCode.PARTIAL, "The target refused a statement of the restore"),
    PLAN_STALE(3010, ExitCode.REFUSED, "The archive or the target changed since the plan was made"),
    VERIFICATION_FAILED(3011, ExitCode.FOUND_BAD, "The restored data differ from what was loaded"),
    TARGET_FULL(3012, ExitCode.PARTIAL, "The target server has no room left"),
    TARGET_TOUCHED(3013, ExitCode.REFUSED, "Somebody changed what a restore had left in the target"),
    RESTORE_RUNNING(3014, ExitCode.LOCKED, "Another process restores by the same plan"),
    WORK_DIRECTORY_FAILED(3015, ExitCode.UNEXPECTED, "The local disk does not take what a restore reads"),
    RESTORE_MEMORY(3016, ExitCode.UNEXPECTED, "A table needs more memory than its restore may take"),
    UNDO_REFUSED(3017, ExitCode.NOT_RESTORABLE, "What a transaction did cannot be undone row by row"),
    UNDO_BLOCKED(3018, ExitCode.REFUSED, "Later transactions wrote rows of what is to be undone"),
    LIVE_CONFLICT(3019, ExitCode.REFUSED, "A live database is not as it has to be to be written to"),

    ARCHIVE_ABSENT(4001, ExitCode.NO_ARCHIVE, "There is no archive at that place"),
    ARCHIVE_UNREACHABLE(4002, ExitCode.UNREACHABLE, "The archive's storage does not answer"),
    ARCHIVE_ACCESS_DENIED(4003, ExitCode.ACCESS_DENIED, "The archive's storage refuses the credentials"),
    ARCHIVE_DAMAGED(4004, ExitCode.FOUND_BAD, "An object of the archive is missing or not what the ledger says"),
    FENCED(4005, ExitCode.LOCKED, "Another process has taken over the same work"),
    STORE_UNSUITABLE(4006, ExitCode.FOUND_BAD, "The storage does not keep conditional writes apart"),
    STAGING_FAILED(4007, ExitCode.UNEXPECTED, "The local disk does not take files on their way to the archive"),

    KAFKA_UNAVAILABLE(5001, ExitCode.UNREACHABLE, "Kafka does not answer"),
    TOPIC_TRIMMED(5002, ExitCode.FOUND_BAD, "The change topic no longer holds records that were not archived"),
    TOPIC_DAMAGED(5003, ExitCode.FOUND_BAD, "The change topic contradicts itself"),

    BUG(9001, ExitCode.UNEXPECTED, "A bug in cdp");

    private final int number;
    private final ExitCode exitCode;
    private final String meaning;

    ErrorCode(int number, ExitCode exitCode, String meaning) {
        this.number = number;
        this.exitCode = exitCode;
        this.meaning = meaning;
    }

    public ExitCode exitCode() {
        return exitCode;
    }

    public String meaning() {
        return meaning;
    }

    /** Finds what {@link #toString} prints, in any case and with or without the prefix. */
    public static Optional<ErrorCode> find(String text) {
        String digits = text.strip().toUpperCase(Locale.ROOT).replaceFirst("^CDP-", "");
        return Arrays.stream(values())
                .filter(code -> Integer.toString(code.number).equals(digits))
                .findFirst();
    }

    /** As printed, such as {@code CDP-3002}. */
    @Override
    public String toString() {
        return "CDP-" + number;
    }
}
