package dev.cdp.capture.source;

import dev.cdp.core.CdpException;
import dev.cdp.core.ErrorCode;
import dev.cdp.core.SourceId;
import dev.cdp.core.SourcePosition;

/** The source's log does not go on where we stopped reading: what was committed in between is lost to us. */
public final class HistoryLostException extends CdpException {
    private static final long serialVersionUID = 1;

    private final Doubt doubt;

    /** What of the changes that were recorded may lack something. */
    public enum Doubt {
        /** They are whole up to where we stopped. */
        NONE,
        /** Those behind the last marker that followed its predecessor. */
        SINCE_LAST_MARKER,
        /** Those behind the marker before that one. */
        SINCE_MARKER_BEFORE
    }

    private HistoryLostException(ErrorCode code, String message) {
        this(code, message, Doubt.NONE);
    }

    private HistoryLostException(ErrorCode code, String message, Doubt doubt) {
        super(code, message, "Nothing: a gap is recorded and a new base snapshot is taken");
        this.doubt = doubt;
    }

    public Doubt doubt() {
        return doubt;
    }

    /**
     * The log contradicts itself: something is missing in it or stands twice, at the latest behind the last marker.
     *
     * @param what as a clause, such as {@code marker 7 follows marker 5}
     */
    public static HistoryLostException contradiction(SourceId source, String what) {
        return new HistoryLostException(
                ErrorCode.CAPTURE_FAILED,
                "The log of source '" + source + "' is not complete as read: " + what,
                Doubt.SINCE_LAST_MARKER);
    }

    /**
     * Before a marker was written, it was seen that the log had not shown all for some time. The marker before was
     * written behind the last time that all was well; the newest may have been written since.
     *
     * @param what as a clause
     */
    public static HistoryLostException unwatched(SourceId source, String what) {
        return new HistoryLostException(
                ErrorCode.CAPTURE_FAILED,
                "The log of source '" + source + "' has not shown all changes: " + what,
                Doubt.SINCE_MARKER_BEFORE);
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
