package dev.cdp.capture.source;

import dev.cdp.core.CdpException;
import dev.cdp.core.ErrorCode;
import dev.cdp.core.SourceId;
import java.sql.SQLException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What another version of cdp made in a database does not fit this one. */
public final class SchemaVersionException extends CdpException {
    private static final long serialVersionUID = 1;

    /** Somebody defines tables at this moment: a lock was not given in time, or both would have waited for each other. */
    private static final Set<String> BUSY = Set.of("55P03", "40P01");

    private SchemaVersionException(ErrorCode code, String message, String next, @Nullable Throwable cause) {
        super(code, message, next, cause);
    }

    /** @param made the version of what is there */
    public static SchemaVersionException newer(SourceId source, int made, int ours) {
        return new SchemaVersionException(
                ErrorCode.SOURCE_SETTINGS_WRONG,
                "A newer version of cdp prepared source '" + source + "': what it made there is of version " + made
                        + ", this one makes " + ours,
                "Run that version of cdp again; or 'cdp source remove " + source
                        + "', then 'cdp source add' with this one: a new base",
                null);
    }

    /** @param made the version of what is there */
    public static SchemaVersionException notUpgraded(SourceId source, int made, int ours, CdpException cause) {
        String state = cause.getCause() instanceof SQLException sql ? String.valueOf(sql.getSQLState()) : "";
        String next = BUSY.contains(state)
                ? "Nothing: it is tried again. A transaction that changed definitions is still open"
                : "As a user who may: cdp source add " + source + "\nCapture goes on by itself then";
        return new SchemaVersionException(
                ErrorCode.SOURCE_OUTDATED,
                "What cdp made in source '" + source + "' is of version " + made + " and could not be upgraded to "
                        + ours + ": " + cause.getMessage(),
                next,
                cause);
    }
}
