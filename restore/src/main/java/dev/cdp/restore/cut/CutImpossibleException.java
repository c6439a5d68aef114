package dev.cdp.restore.cut;

import dev.cdp.core.CdpException;
import dev.cdp.core.ErrorCode;
import dev.cdp.core.SourceId;

/** Closing a cut over its links would move a source to before its first base. */
public final class CutImpossibleException extends CdpException {
    private static final long serialVersionUID = 1;

    CutImpossibleException(SourceId source, String link) {
        super(
                ErrorCode.CUT_IMPOSSIBLE,
                "No consistent cut exists: link " + link + " would move source '" + source
                        + "' to before its first base snapshot",
                "Choose a later restore point, or restore without this link");
    }
}
