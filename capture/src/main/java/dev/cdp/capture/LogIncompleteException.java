package dev.cdp.capture;

import dev.cdp.core.CdpException;
import dev.cdp.core.ErrorCode;
import dev.cdp.core.SourceId;

/** The log contradicts itself again soon after a new base was taken for that: another one would not help. */
final class LogIncompleteException extends CdpException {
    private static final long serialVersionUID = 1;

    /** @param what was found now, as a sentence */
    LogIncompleteException(SourceId source, String what, Throwable cause) {
        super(
                ErrorCode.CAPTURE_FAILED,
                what + ". The same was found within the hour before, and a new base was taken for it",
                "Capture of source '" + source + "' stopped behind a recorded gap. Find who writes to the table"
                        + " cdp.marker or changes what cdp made in the database, or what ails the server's log; then start"
                        + " cdp again: it takes a new base by itself",
                cause);
    }
}
