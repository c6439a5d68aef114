package dev.cdp.core;

import org.jspecify.annotations.Nullable;

/**
 * A condition that an operator must act on. The message says what happened, to what and where; {@link #next} says what
 * to do. Neither holds secrets or row values.
 */
public class CdpException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final ErrorCode code;
    private final String next;

    public CdpException(ErrorCode code, String message, String next) {
        this(code, message, next, null);
    }

    public CdpException(ErrorCode code, String message, String next, @Nullable Throwable cause) {
        super(message, cause);
        this.code = code;
        this.next = next;
    }

    public ErrorCode code() {
        return code;
    }

    /** The exact next step, as a sentence or a command. */
    public String next() {
        return next;
    }
}
