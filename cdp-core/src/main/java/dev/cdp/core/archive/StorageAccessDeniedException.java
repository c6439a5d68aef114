package dev.cdp.core.archive;

import dev.cdp.core.CdpException;
import dev.cdp.core.ErrorCode;

/** Storage refuses what was asked; trying again does not help. */
public final class StorageAccessDeniedException extends CdpException {
    private static final long serialVersionUID = 1;

    StorageAccessDeniedException(String what, String location, Throwable cause) {
        super(
                ErrorCode.ARCHIVE_ACCESS_DENIED,
                "Storage refuses to " + what + " in " + location + ": " + cause.getMessage(),
                "Give the user or access key the right to list, read and create objects there",
                cause);
    }
}
