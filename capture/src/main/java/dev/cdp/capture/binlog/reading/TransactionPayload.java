package dev.cdp.capture.binlog.reading;

import com.github.luben.zstd.ZstdInputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.function.Consumer;

/**
 * A transaction that MySQL compressed ({@code binlog_transaction_compression}): its events without checksums, in one
 * stream that is read event by event, since it may be larger than memory.
 */
final class TransactionPayload {
    private static final int END = 0;
    private static final int SIZE = 1;
    private static final int COMPRESSION = 2;
    private static final int ZSTD = 0;
    private static final int NONE = 255;

    private TransactionPayload() {}

    /** Hands over each event that {@code payload} holds; all end where it ends, the only place to go on at. */
    static void read(RawEvent payload, Consumer<RawEvent> events) {
        EventBytes in = new EventBytes(payload.body());
        long size = -1;
        int compression = NONE;
        for (int field = in.packedInteger(); field != END; field = in.packedInteger()) {
            EventBytes value = new EventBytes(in.take(in.packedInteger()));
            switch (field) {
                case SIZE -> size = value.packedInteger();
                case COMPRESSION -> compression = value.packedInteger();
                default -> {} // the size of what comes out, and what later versions add
            }
        }
        byte[] body = in.takeRest();
        if (size != body.length) {
            throw new UnreadableEventException(
                    "a compressed transaction of " + body.length + " bytes that says it has " + size);
        }
        try (InputStream stream = open(body, compression)) {
            read(stream, payload, events);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read a compressed transaction of the binary log", e);
        }
    }

    private static InputStream open(byte[] body, int compression) throws IOException {
        InputStream compressed = new ByteArrayInputStream(body);
        return switch (compression) {
            case ZSTD -> new ZstdInputStream(compressed);
            case NONE -> compressed;
            default -> throw new UnreadableEventException("a transaction compressed in the unknown way " + compression);
        };
    }

    private static void read(InputStream stream, RawEvent payload, Consumer<RawEvent> events) throws IOException {
        byte[] header = stream.readNBytes(RawEvents.HEADER_BYTES);
        while (header.length > 0) {
            if (header.length < RawEvents.HEADER_BYTES) {
                throw new UnreadableEventException("a compressed transaction ends inside of an event");
            }
            EventBytes in = new EventBytes(header);
            long timestamp = in.integer(4);
            int type = in.unsignedByte();
            long serverId = in.integer(4);
            int length = Math.toIntExact(in.integer(4)) - RawEvents.HEADER_BYTES;
            byte[] body = stream.readNBytes(length);
            if (body.length < length) {
                throw new UnreadableEventException("a compressed transaction ends inside of an event");
            }
            events.accept(new RawEvent(type, timestamp, serverId, payload.endPosition(), body));
            header = stream.readNBytes(RawEvents.HEADER_BYTES);
        }
    }
}
