package dev.cdp.capture.binlog.reading;

/** A JSON value holds a value of a column type that no JSON text can stand for, such as a BLOB. */
final class OpaqueJsonException extends Exception {
    private static final long serialVersionUID = 1;

    /** @param type the server's number for it */
    OpaqueJsonException(int type) {
        super("it holds a value of the column type " + type + ", which JSON text has no form for");
    }
}
