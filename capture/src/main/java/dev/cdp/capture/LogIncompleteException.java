package dev.cdp.capture;

import dev.cdp.core.CdpException;
import dev.cdp.core.ErrorCode;
import dev.cdp.core.SourceId;

/** The log as it was read contradicts itself: something is missing in it or stands twice. */
final class LogIncompleteException extends CdpException {
    private static final long serialVersionUID = 1;

    LogIncompleteException(SourceId source, String what) {
        super(
                ErrorCode.CAPTURE_FAILED,
                "The log of source '" + source + "' is not complete as read: " + what,
                "Capture of this source stopped before anything wrong was recorded; starting it again reads from the last"
                        + " complete transaction. If it happens again, 'cdp source remove " + source
                        + "' and 'cdp source add " + source
                        + " --url …' begin a new epoch with a new base; what is archived stays");
    }
}
