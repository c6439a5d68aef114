package dev.cdp.capture.source;

import dev.cdp.core.CdpException;
import dev.cdp.core.ErrorCode;
import dev.cdp.core.SourcePosition;

/** The source's log does not go on where we stopped reading: what was committed in between is lost to us. */
public final class HistoryLostException extends CdpException {
    private static final long serialVersionUID = 1;

    private HistoryLostException(ErrorCode code, String message) {
        super(code, message, "Nothing: a gap is recorded and a new base snapshot is taken");
    }

    /** @param why as a clause, such as {@code replication slot 'x' does not exist} */
    public static HistoryLostException placeGone(SourcePosition boundary, String why) {
        return new HistoryLostException(
                ErrorCode.SLOT_LOST, "The log cannot be read on from " + boundary.nativeText() + ": " + why);
    }

    /** The log was given up on purpose. @param why as a sentence */
    public static HistoryLostException givenUp(String why) {
        return new HistoryLostException(ErrorCode.LOG_GIVEN_UP, why);
    }

    /**
     * A statement behind the boundary may have changed tables in a way that no row tells.
     *
     * @param what the statement as the database names it, and what kept it from being recorded
     */
    public static HistoryLostException definitionUnknown(SourcePosition boundary, String what) {
        return new HistoryLostException(
                ErrorCode.CAPTURE_FAILED,
                "A change of definition after " + boundary.nativeText() + " was not recorded: " + what);
    }

    /** @param why as a clause, such as {@code the system identifier is 1, it was 2} */
    public static HistoryLostException otherServer(String why) {
        return new HistoryLostException(
                ErrorCode.SOURCE_CHANGED, "The server is not the one its history was taken from: " + why);
    }
}
