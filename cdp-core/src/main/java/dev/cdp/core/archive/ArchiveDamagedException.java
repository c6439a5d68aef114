package dev.cdp.core.archive;

import dev.cdp.core.CdpException;
import dev.cdp.core.ErrorCode;

/** An object of the archive is missing, or is not what the ledger says. */
public final class ArchiveDamagedException extends CdpException {
    private static final long serialVersionUID = 1;

    public ArchiveDamagedException(String what) {
        super(
                ErrorCode.ARCHIVE_DAMAGED,
                what,
                "Nothing was written. Run 'cdp verify' for the full list of damaged objects, and bring them back from"
                        + " a copy or an older version in the bucket");
    }
}
