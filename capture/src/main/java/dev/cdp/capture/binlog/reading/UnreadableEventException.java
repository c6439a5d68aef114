package dev.cdp.capture.binlog.reading;

/** An event's bytes are not what this code knows: a bug here, a new version of the server, or a damaged log. */
final class UnreadableEventException extends RuntimeException {
    private static final long serialVersionUID = 1;

    UnreadableEventException(String message) {
        super("Cannot read the binary log: " + message);
    }
}
