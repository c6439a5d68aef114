package dev.cdp.core.archive;

import dev.cdp.core.CdpException;
import dev.cdp.core.ErrorCode;

/** Storage that lets a second writer of one key win as well: two archivers would overwrite each other's ledger. */
public final class StoreUnsuitableException extends CdpException {
    private static final long serialVersionUID = 1;

    StoreUnsuitableException(String location, String what) {
        super(
                ErrorCode.STORE_UNSUITABLE,
                "Storage " + location + " cannot hold a ledger: " + what,
                "Use a folder, or S3 storage that honours 'If-None-Match: *' on PUT for one of several writers at once");
    }
}
