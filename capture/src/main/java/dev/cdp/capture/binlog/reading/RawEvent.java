package dev.cdp.capture.binlog.reading;

import com.github.shyiko.mysql.binlog.event.EventData;

/**
 * An event as it stands in the log, without header and checksum.
 *
 * @param type the number in its header
 * @param timestampSeconds when the statement began or the transaction committed, by the server's clock
 * @param serverId of the server that wrote it first
 * @param endPosition where the next event starts in the same file; 0 for events that stand in no file
 */
record RawEvent(int type, long timestampSeconds, long serverId, long endPosition, byte[] body) implements EventData {
    private static final long serialVersionUID = 1;

    static final int QUERY = 2;
    static final int STOP = 3;
    static final int ROTATE = 4;
    static final int FORMAT_DESCRIPTION = 15;
    static final int XID = 16;
    static final int TABLE_MAP = 19;
    static final int WRITE_ROWS = 23;
    static final int UPDATE_ROWS = 24;
    static final int DELETE_ROWS = 25;
    static final int INCIDENT = 26;
    static final int HEARTBEAT = 27;
    static final int IGNORABLE = 28;
    static final int ROWS_QUERY = 29;
    static final int MYSQL_WRITE_ROWS = 30;
    static final int MYSQL_UPDATE_ROWS = 31;
    static final int MYSQL_DELETE_ROWS = 32;
    static final int MYSQL_GTID = 33;
    static final int ANONYMOUS_GTID = 34;
    static final int PREVIOUS_GTIDS = 35;
    static final int TRANSACTION_CONTEXT = 36;
    static final int VIEW_CHANGE = 37;
    static final int XA_PREPARE = 38;
    static final int PARTIAL_UPDATE_ROWS = 39;
    static final int TRANSACTION_PAYLOAD = 40;
    static final int HEARTBEAT_2 = 41;
    static final int TAGGED_GTID = 42;
    static final int ANNOTATE_ROWS = 160;
    static final int CHECKPOINT = 161;
    static final int GTID = 162;
    static final int GTID_LIST = 163;
    static final int START_ENCRYPTION = 164;

    /** Leaves the body out: it holds row values. */
    @Override
    public String toString() {
        return "event of type " + type + " and " + body.length + " bytes before " + endPosition;
    }
}
