package dev.cdp.embedded;

import dev.cdp.core.CdpException;
import dev.cdp.core.ErrorCode;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A server from a package could not be unpacked, started or stopped. */
public final class EmbeddedServiceException extends CdpException {
    private static final long serialVersionUID = 1;

    private EmbeddedServiceException(ErrorCode code, String message, String next, @Nullable Throwable cause) {
        super(code, message, next, cause);
    }

    static EmbeddedServiceException inUse(Path directory) {
        return new EmbeddedServiceException(
                ErrorCode.DATA_DIRECTORY_LOCKED,
                "The data directory '" + directory + "' is in use by another process or by another part of this one",
                "Stop that process, or choose another data directory",
                null);
    }

    static EmbeddedServiceException packageMissing(String what, String next) {
        return new EmbeddedServiceException(ErrorCode.TOOL_MISSING, what, next, null);
    }

    static EmbeddedServiceException notUnpacked(Path directory, Throwable cause) {
        return new EmbeddedServiceException(
                ErrorCode.TOOL_MISSING,
                "Cannot unpack a package into '" + directory + "': " + cause,
                "Make room there, or set -D" + PackageCache.PROPERTY + " to a directory that this user may write",
                cause);
    }

    static EmbeddedServiceException failed(String what, Path evidence, @Nullable Throwable cause) {
        return new EmbeddedServiceException(ErrorCode.TOOL_MISSING, what, "Look into '" + evidence + "'", cause);
    }
}
