package dev.cdp.capture.binlog.reading;

import com.github.shyiko.mysql.binlog.event.Event;
import com.github.shyiko.mysql.binlog.event.EventData;
import com.github.shyiko.mysql.binlog.event.EventHeaderV4;
import com.github.shyiko.mysql.binlog.event.EventType;
import com.github.shyiko.mysql.binlog.event.RotateEventData;
import com.github.shyiko.mysql.binlog.event.deserialization.ChecksumType;
import com.github.shyiko.mysql.binlog.event.deserialization.EventDeserializer;
import com.github.shyiko.mysql.binlog.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/**
 * Cuts the stream into {@link RawEvent}s. The client's own decoding is not used: it takes the platform's character set
 * for names, drops numbers of events it does not know, and reports an event that it cannot read only to carry on
 * behind it. It decodes the rotations alone, which the client follows.
 */
final class RawEvents extends EventDeserializer {
    static final int HEADER_BYTES = 19;
    private static final int CHECKSUM_BYTES = 4;

    private int checksumBytes;

    /** Called by the client before the first event: rotations come before the format description. */
    @Override
    @Deprecated // as the overridden method is, though the client calls it
    public void setChecksumType(ChecksumType type) {
        checksumBytes = type.getLength();
    }

    @Override
    public Event nextEvent(ByteArrayInputStream in) throws IOException {
        EventBytes header = new EventBytes(in.read(HEADER_BYTES));
        long timestamp = header.integer(4);
        int type = header.unsignedByte();
        long serverId = header.integer(4);
        long length = header.integer(4);
        long endPosition = header.integer(4);
        byte[] body = in.read(Math.toIntExact(length) - HEADER_BYTES);
        if (type == RawEvent.FORMAT_DESCRIPTION) { // the last five bytes: the kind of checksum, and one
            checksumBytes = body[body.length - CHECKSUM_BYTES - 1] == 0 ? 0 : CHECKSUM_BYTES;
        }
        RawEvent event = new RawEvent(
                type, timestamp, serverId, endPosition, new EventBytes(body).take(body.length - checksumBytes));
        EventData data = type == RawEvent.ROTATE ? rotation(event) : event;
        return new Event(clientHeader(event, length), data);
    }

    /** Where the log goes on, in the form that the client follows. */
    static Rotation rotation(RawEvent event) {
        EventBytes in = new EventBytes(event.body());
        Rotation rotation = new Rotation(event);
        rotation.setBinlogPosition(in.integer(8));
        rotation.setBinlogFilename(new String(in.takeRest(), StandardCharsets.UTF_8));
        return rotation;
    }

    /** What {@link #nextEvent} made of an event, from what the client hands on. */
    static RawEvent of(Event event) {
        EventData data = event.getData();
        return data instanceof Rotation rotation ? rotation.event : (RawEvent) data;
    }

    /** A change to the next file of the log. */
    static final class Rotation extends RotateEventData {
        private static final long serialVersionUID = 1;

        private final RawEvent event;

        private Rotation(RawEvent event) {
            this.event = event;
        }
    }

    private static EventHeaderV4 clientHeader(RawEvent event, long length) {
        EventHeaderV4 header = new EventHeaderV4();
        EventType type = EventType.byEventNumber(event.type());
        header.setEventType(type == null ? EventType.UNKNOWN : type);
        header.setTimestamp(event.timestampSeconds() * 1000);
        header.setServerId(event.serverId());
        header.setEventLength(length);
        header.setNextPosition(event.endPosition());
        return header;
    }
}
