package dev.cdp.core.archive;

import dev.cdp.core.CdpException;
import dev.cdp.core.ErrorCode;

/** Another process has committed to the same ledger. */
public final class LedgerFencedException extends CdpException {
    private static final long serialVersionUID = 1;

    /** @param standing the entry that is in our way */
    LedgerFencedException(LedgerEntry standing, String location) {
        super(
                ErrorCode.FENCED,
                "Another process archives source '" + standing.source() + "': ledger entry " + standing.number()
                        + " in " + location + " was written by " + standing.writer() + " at " + standing.writtenAt()
                        + "; this process stopped writing, and what it staged was discarded",
                "Find the other 'cdp run' that archives this source and keep one of them");
    }
}
