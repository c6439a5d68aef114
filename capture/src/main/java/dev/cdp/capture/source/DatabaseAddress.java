package dev.cdp.capture.source;

/** A database and the user that capture signs in as. */
public record DatabaseAddress(String host, int port, String database, String user, String password) {

    /** Leaves the password out. */
    @Override
    public String toString() {
        return user + "@" + host + ":" + port + "/" + database;
    }
}
