package dev.cdp.restore.target;

import dev.cdp.core.CdpException;
import dev.cdp.core.ErrorCode;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** The target cannot be used, or refused something. */
public final class TargetException extends CdpException {
    private static final long serialVersionUID = 1;

    private TargetException(ErrorCode code, String message, String next, @Nullable Throwable cause) {
        super(code, message, next, cause);
    }

    static TargetException unreachable(TargetServer server, SQLException cause) {
        String state = cause.getSQLState() == null ? "" : cause.getSQLState();
        if (state.startsWith("28") || state.equals("42501")) { // SQL standard: invalid authorization
            return new TargetException(
                    ErrorCode.TARGET_ACCESS_DENIED,
                    "Server " + server + " refuses the user: " + cause.getMessage(),
                    "Correct user and password of the server under restore.servers, or of the source",
                    cause);
        }
        return new TargetException(
                ErrorCode.TARGET_UNREACHABLE,
                "Server " + server + " does not answer: " + cause.getMessage(),
                "Check that it runs and that this machine reaches it, then try again",
                cause);
    }

    static TargetException mayNotCreate(TargetServer server, String grant) {
        return new TargetException(
                ErrorCode.TARGET_ACCESS_DENIED,
                "User '" + server.user() + "' may not create databases on " + server.host() + ":" + server.port(),
                "Run as an administrator there: " + grant,
                null);
    }

    static TargetException notEmpty(TargetServer server, String database, String what) {
        return new TargetException(
                ErrorCode.TARGET_NOT_EMPTY,
                "Database '" + database + "' on " + server.host() + ":" + server.port() + " " + what,
                "Nothing was written. Choose another name with --into SERVER/DATABASE, or drop it if it is not needed",
                null);
    }

    static TargetException refused(String what, SQLException cause) {
        return new TargetException(
                ErrorCode.TARGET_REFUSED_STATEMENT,
                "The target refused to " + what + ": " + cause.getMessage(),
                "The restored database stays incomplete. Mend the cause and run the same plan again: it starts over",
                cause);
    }
}
