package dev.cdp.core.archive;

import dev.cdp.core.CdpException;
import dev.cdp.core.ErrorCode;
import dev.cdp.core.SourceId;

/** Another process has committed to the same ledger. */
public final class LedgerFencedException extends CdpException {
    private static final long serialVersionUID = 1;

    LedgerFencedException(SourceId source, long number, String location) {
        super(
                ErrorCode.FENCED,
                "Another process archives source '" + source + "': ledger entry " + number + " in " + location
                        + " is not ours; this process stopped writing, and what it staged was discarded",
                "Find the other 'cdp run' that archives this source and keep one of them");
    }
}
