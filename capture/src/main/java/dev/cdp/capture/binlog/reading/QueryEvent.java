package dev.cdp.capture.binlog.reading;

import java.nio.charset.StandardCharsets;

/**
 * A statement as the log holds it.
 *
 * @param database the session's own, empty for none
 */
record QueryEvent(String database, String sql) {

    static QueryEvent read(RawEvent event) {
        EventBytes in = new EventBytes(event.body());
        in.skip(4 + 4); // thread, duration
        int databaseBytes = in.unsignedByte();
        in.skip(2); // error code
        in.skip((int) in.integer(2)); // status variables
        String database = new String(in.take(databaseBytes), StandardCharsets.UTF_8);
        in.skip(1); // a zero
        return new QueryEvent(database, new String(in.takeRest(), StandardCharsets.UTF_8).strip());
    }
}
