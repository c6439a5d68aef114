package dev.cdp.capture.source;

import dev.cdp.core.CdpException;
import dev.cdp.core.ErrorCode;
import java.sql.SQLException;
import java.util.Set;

/** A source database did not do what was asked of it. */
public final class SourceAccessException extends CdpException {
    private static final long serialVersionUID = 1;

    private static final String READ_ONLY = "25006";
    // MariaDB has one state for all of these.
    private static final Set<Integer> MARIADB_DENIALS = Set.of(1044, 1045, 1142, 1143, 1227, 1370, 1698);
    private static final int MARIADB_NO_DATABASE = 1049;

    private SourceAccessException(ErrorCode code, String message, String next, SQLException cause) {
        super(code, message, next, cause);
    }

    /** @param what was tried, as an infinitive: {@code read the catalog} */
    public static SourceAccessException of(DatabaseAddress address, String what, SQLException cause) {
        String state = cause.getSQLState() == null ? "" : cause.getSQLState();
        String message = "Cannot " + what + " of " + address + ": " + cause.getMessage();
        if (state.startsWith("08") || state.startsWith("57P")) {
            return new SourceAccessException(
                    ErrorCode.SOURCE_UNREACHABLE, message, "Check that the server runs and is reachable", cause);
        }
        if (state.equals(READ_ONLY)) { // a standby, which may be promoted any moment
            return new SourceAccessException(
                    ErrorCode.SOURCE_UNREACHABLE,
                    message,
                    "Check that the server is the primary and takes writes",
                    cause);
        }
        if (state.startsWith("28") || state.equals("42501") || MARIADB_DENIALS.contains(cause.getErrorCode())) {
            return new SourceAccessException(
                    ErrorCode.SOURCE_ACCESS_DENIED,
                    message,
                    "Check user and password; 'cdp source add' prints the privileges that are needed",
                    cause);
        }
        if (state.startsWith("3D") || cause.getErrorCode() == MARIADB_NO_DATABASE) {
            return new SourceAccessException(
                    ErrorCode.SOURCE_SETTINGS_WRONG, message, "Check the name of the database", cause);
        }
        return new SourceAccessException(
                ErrorCode.CAPTURE_FAILED, message, "See the cause; 'cdp check' looks at every setting", cause);
    }
}
