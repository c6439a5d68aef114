package dev.cdp.restore.target;

import dev.cdp.core.CdpException;
import dev.cdp.core.ErrorCode;
import java.sql.SQLException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The target cannot be used, or refused something. Messages name objects, never the values of rows. */
public final class TargetException extends CdpException {
    private static final long serialVersionUID = 1;

    /** The second half of what to do about most failures. */
    static final String AGAIN = "Then run the same plan again: it goes on where it stopped";

    private static final String MEND = "The restored database stays incomplete. Mend the cause. " + AGAIN;

    // MariaDB gives most of these the general state 42000.
    private static final Set<Integer> MARIADB_DENIALS = Set.of(1044, 1045, 1142, 1143, 1227, 1370, 1410, 1419, 1698);
    private static final Set<Integer> MARIADB_FULL = Set.of(1021, 1114);
    private static final Set<Integer> MARIADB_BUSY = Set.of(1040, 1203);

    private TargetException(ErrorCode code, String message, String next, @Nullable Throwable cause) {
        super(code, message, next, cause);
    }

    static TargetException unreachable(TargetServer server, SQLException cause) {
        if (code(cause) == ErrorCode.TARGET_ACCESS_DENIED) {
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

    /** The server, or what stands there, cannot become what the source is. */
    static TargetException unsuitable(TargetServer server, String what, String next) {
        return new TargetException(
                ErrorCode.TARGET_REFUSED_STATEMENT, what + ", on " + server.host() + ":" + server.port(), next, null);
    }

    /**
     * Somebody has changed an incomplete database.
     *
     * @param drop the statement that drops it
     */
    static TargetException touched(TargetServer server, String database, String what, String drop) {
        return new TargetException(
                ErrorCode.TARGET_TOUCHED,
                "Database '" + database + "' on " + server.host() + ":" + server.port() + " " + what,
                "Drop it there with " + drop + ". Then run the same plan again: it starts over",
                null);
    }

    /** @param what was asked for, as an infinitive */
    static TargetException refused(String what, SQLException cause) {
        return refused(what, cause, MEND);
    }

    /** @param next what to do when the server answers, the user may, and it fails all the same */
    static TargetException refused(String what, SQLException cause, String next) {
        String message = "The target refused to " + what + ": " + cause.getMessage();
        return switch (code(cause)) {
            case TARGET_UNREACHABLE ->
                new TargetException(
                        ErrorCode.TARGET_UNREACHABLE,
                        message,
                        "Check that its server runs and has a connection to spare. " + AGAIN,
                        cause);
            case TARGET_ACCESS_DENIED ->
                new TargetException(
                        ErrorCode.TARGET_ACCESS_DENIED,
                        message,
                        "Grant the user what the message names. " + AGAIN,
                        cause);
            case TARGET_FULL ->
                new TargetException(
                        ErrorCode.TARGET_FULL, message, "Make room on the target's server. " + AGAIN, cause);
            default -> new TargetException(ErrorCode.TARGET_REFUSED_STATEMENT, message, next, cause);
        };
    }

    /** A live database is not, or not any more, as it has to be to be written to. */
    public static TargetException conflict(String what, String next) {
        return new TargetException(ErrorCode.LIVE_CONFLICT, what + ". Nothing was written", next, null);
    }

    /** Others hold on to a live database for too long. */
    static TargetException busy(TargetServer server, String database, String what, SQLException cause) {
        return new TargetException(
                ErrorCode.LIVE_CONFLICT,
                "Others held what is needed in '" + database + "' on " + server.host() + ":" + server.port()
                        + " for too long, to " + what + ". Nothing was written",
                "Try again, or when there is less traffic",
                cause);
    }

    /** A live database does not do something; its transaction is given up. */
    static TargetException refusedLive(String what, SQLException cause) {
        return refused(what, cause, "Nothing was written. Mend the cause, then try again");
    }

    /**
     * The failure of a load. The server's own text repeats the value that it refuses, so neither message nor cause hold it.
     *
     * @param place as precise as the server tells, such as {@code , row 2, column id}; may be empty
     */
    static TargetException refusedRow(String table, String place, SQLException cause) {
        if (code(cause) != ErrorCode.TARGET_REFUSED_STATEMENT) {
            return refused("load table " + table, cause);
        }
        return new TargetException(
                ErrorCode.TARGET_REFUSED_STATEMENT,
                "The target refused a row of table " + table + place + " with error " + cause.getSQLState() + " ("
                        + cause.getErrorCode() + ")",
                "The server's manual and log tell more about the error. " + MEND,
                null);
    }

    private static ErrorCode code(SQLException cause) {
        String state = cause.getSQLState() == null ? "" : cause.getSQLState();
        int number = cause.getErrorCode();
        if (state.startsWith("08")
                || state.startsWith("57P")
                || state.equals("53300")
                || MARIADB_BUSY.contains(number)) {
            return ErrorCode.TARGET_UNREACHABLE;
        }
        if (state.equals("53100") || MARIADB_FULL.contains(number)) {
            return ErrorCode.TARGET_FULL;
        }
        if (state.startsWith("28") || state.equals("42501") || MARIADB_DENIALS.contains(number)) {
            return ErrorCode.TARGET_ACCESS_DENIED;
        }
        return ErrorCode.TARGET_REFUSED_STATEMENT;
    }
}
