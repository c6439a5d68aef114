package dev.cdp.core.archive;

import dev.cdp.core.CdpException;
import dev.cdp.core.ErrorCode;

/** Storage did not answer: whether a write happened is unknown until it is read back. */
public final class StorageUnavailableException extends CdpException {
    private static final long serialVersionUID = 1;

    public StorageUnavailableException(String what, String location, Throwable cause) {
        this(what, location, cause, "Check that the storage is reachable from this machine, then try again");
    }

    StorageUnavailableException(String what, String location, Throwable cause, String next) {
        super(
                ErrorCode.ARCHIVE_UNREACHABLE,
                "Could not " + what + " in " + location + ": "
                        + cause.getClass().getSimpleName() + ": " + cause.getMessage(),
                next,
                cause);
    }
}
