package dev.cdp.restore.cut;

import dev.cdp.core.CdpException;
import dev.cdp.core.ErrorCode;
import dev.cdp.core.SourceId;
import java.time.Instant;

/** Changes are missing around the restore point. */
public final class InGapException extends CdpException {
    private static final long serialVersionUID = 1;

    InGapException(SourceId source, String wanted, String reason, Instant before, Instant after) {
        super(
                ErrorCode.RESTORE_POINT_IN_GAP,
                "Source '" + source + "' cannot be restored to " + wanted + ": changes between " + before + " and "
                        + after + " are not in the archive (" + reason + ")",
                "Latest moment before: " + before + "; earliest after: " + after + ". Run: cdp plan --to " + before);
    }
}
