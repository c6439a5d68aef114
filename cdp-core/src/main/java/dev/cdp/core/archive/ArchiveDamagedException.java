package dev.cdp.core.archive;

import dev.cdp.core.CdpException;
import dev.cdp.core.ErrorCode;
import dev.cdp.core.SourceId;

/** An object of the archive is missing, or is not what the ledger says. */
public final class ArchiveDamagedException extends CdpException {
    private static final long serialVersionUID = 1;

    public ArchiveDamagedException(String what) {
        this(
                what,
                "Nothing was written. Run 'cdp verify' for the full list of damaged objects, and bring them back from"
                        + " a copy or an older version in the bucket");
    }

    private ArchiveDamagedException(String what, String next) {
        super(ErrorCode.ARCHIVE_DAMAGED, what, next);
    }

    /** The archive under a running process is not the one it was. */
    static ArchiveDamagedException replaced(SourceId source, long entry, String location) {
        return new ArchiveDamagedException(
                "Ledger entry " + entry + " of source '" + source + "' is gone from " + location
                        + " or is another one: the archive was emptied, replaced or put back to an old copy",
                "Nothing was written. Bring the archive back as it was, or keep it as it is now: start 'cdp run' again,"
                        + " which then records a gap and takes a new base");
    }
}
