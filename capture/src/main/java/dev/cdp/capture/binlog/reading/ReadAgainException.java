package dev.cdp.capture.binlog.reading;

import dev.cdp.core.CdpException;
import dev.cdp.core.ErrorCode;

/** Reading has to begin again at the last boundary; what was void before is known then. Capture does that by itself. */
final class ReadAgainException extends CdpException {
    private static final long serialVersionUID = 1;

    ReadAgainException(String gtid) {
        super(
                ErrorCode.SOURCE_UNREACHABLE,
                "Transaction " + gtid + " was rolled back in part and is read again without that part",
                "Nothing: capture goes on by itself");
    }
}
