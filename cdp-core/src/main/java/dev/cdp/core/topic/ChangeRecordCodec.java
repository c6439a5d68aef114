package dev.cdp.core.topic;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import dev.cdp.core.ChangeEvent;
import dev.cdp.core.ChangeRecord;
import dev.cdp.core.Json;
import dev.cdp.core.RowImage;
import dev.cdp.core.SourcePosition;
import dev.cdp.core.TableId;
import dev.cdp.core.TableSchema;
import dev.cdp.core.Unchanged;
import dev.cdp.core.definition.SequenceValue;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.SchemaNormalization;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.jspecify.annotations.Nullable;

/**
 * Change records as Avro single-object encoding: two marker bytes, the schema's 64-bit fingerprint, the body. The body
 * is written and read field by field in the order of {@code change-record.avsc}; a test holds that Avro's own generic
 * reader agrees.
 *
 * <p>Not safe for use by several threads.
 */
public final class ChangeRecordCodec {
    /** The schema of the records written here. */
    public static final Schema SCHEMA = load();

    private static final long FINGERPRINT = SchemaNormalization.parsingFingerprint64(SCHEMA);
    private static final int HEADER_BYTES = 10;
    private static final short SINGLE_OBJECT = (short) 0xC301;

    /** The branches of the schema's event union, in its order. */
    private enum Kind {
        ROW_CHANGE,
        TRUNCATE,
        TABLE_DROPPED,
        DDL_STATEMENT,
        MARKER,
        TRANSACTION_END,
        SCHEMA_CHANGE,
        STREAM_START,
        BASE_SNAPSHOT,
        DEFINITION_READ,
        SEQUENCES_READ,
        GAP
    }

    private static final Kind[] KINDS = Kind.values();
    private static final ChangeEvent.Operation[] OPERATIONS = ChangeEvent.Operation.values();

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream(1024);
    private @Nullable BinaryEncoder encoder;
    private @Nullable BinaryDecoder decoder;

    public byte[] encode(ChangeRecord record) {
        bytes.reset();
        byte[] header = ByteBuffer.allocate(HEADER_BYTES)
                .putShort(SINGLE_OBJECT)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(FINGERPRINT)
                .array();
        bytes.writeBytes(header);
        encoder = EncoderFactory.get().directBinaryEncoder(bytes, encoder);
        try {
            encoder.writeInt(record.epoch());
            encoder.writeLong(record.seq());
            writeInstant(encoder, record.ingestTimestamp());
            writeEvent(encoder, record.event());
            encoder.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    /** @throws IllegalArgumentException when the bytes are not a change record of a known schema */
    public ChangeRecord decode(byte[] record) {
        ByteBuffer header = ByteBuffer.wrap(record);
        if (record.length < HEADER_BYTES
                || header.getShort() != SINGLE_OBJECT
                || header.order(ByteOrder.LITTLE_ENDIAN).getLong() != FINGERPRINT) {
            throw new IllegalArgumentException("Not a change record of this version: " + record.length
                    + " bytes, expected the Avro fingerprint " + Long.toHexString(FINGERPRINT));
        }
        decoder = DecoderFactory.get().binaryDecoder(record, HEADER_BYTES, record.length - HEADER_BYTES, decoder);
        try {
            ChangeRecord decoded =
                    new ChangeRecord(decoder.readInt(), decoder.readLong(), readInstant(decoder), readEvent(decoder));
            if (!decoder.isEnd()) {
                throw new IllegalArgumentException(
                        "A change record of " + record.length + " bytes has bytes left over");
            }
            return decoded;
        } catch (IOException e) {
            throw new IllegalArgumentException("A change record of " + record.length + " bytes is damaged", e);
        }
    }

    private static void writeEvent(BinaryEncoder out, ChangeEvent event) throws IOException {
        if (event instanceof ChangeEvent.RowChange change) {
            out.writeIndex(Kind.ROW_CHANGE.ordinal());
            out.writeEnum(change.operation().ordinal());
            out.writeInt(change.table().value());
            out.writeInt(change.schemaVersion());
            writeImage(out, change.before());
            writeImage(out, change.after());
        } else if (event instanceof ChangeEvent.Truncate truncate) {
            out.writeIndex(Kind.TRUNCATE.ordinal());
            out.writeInt(truncate.table().value());
        } else if (event instanceof ChangeEvent.TableDropped dropped) {
            out.writeIndex(Kind.TABLE_DROPPED.ordinal());
            out.writeInt(dropped.table().value());
        } else if (event instanceof ChangeEvent.DdlStatement ddl) {
            out.writeIndex(Kind.DDL_STATEMENT.ordinal());
            out.writeString(ddl.tag());
            out.writeString(ddl.object());
            out.writeString(ddl.sql());
        } else if (event instanceof ChangeEvent.Marker marker) {
            writeMarker(out, marker);
        } else if (event instanceof ChangeEvent.TransactionEnd end) {
            out.writeIndex(Kind.TRANSACTION_END.ordinal());
            out.writeString(end.nativeId());
            out.writeString(end.position().toString());
            writeInstant(out, end.commitTimestamp());
            out.writeLong(end.eventCount());
        } else if (event instanceof ChangeEvent.SchemaChange change) {
            writeText(out, Kind.SCHEMA_CHANGE, Json.write(change.schema()));
        } else if (event instanceof ChangeEvent.StreamStart start) {
            writeText(out, Kind.STREAM_START, start.boundary().toString());
        } else if (event instanceof ChangeEvent.BaseSnapshot snapshot) {
            writeText(out, Kind.BASE_SNAPSHOT, Json.write(snapshot));
        } else if (event instanceof ChangeEvent.DefinitionRead definition) {
            writeText(out, Kind.DEFINITION_READ, definition.json());
        } else if (event instanceof ChangeEvent.SequencesRead sequences) {
            writeText(out, Kind.SEQUENCES_READ, Json.write(sequences.values()));
        } else if (event instanceof ChangeEvent.Gap gap) {
            writeText(out, Kind.GAP, Json.write(gap));
        } else {
            throw new IllegalStateException("No encoding for " + event.getClass());
        }
    }

    private static ChangeEvent readEvent(BinaryDecoder in) throws IOException {
        return switch (KINDS[in.readIndex()]) {
            case ROW_CHANGE ->
                new ChangeEvent.RowChange(
                        OPERATIONS[in.readEnum()],
                        new TableId(in.readInt()),
                        in.readInt(),
                        readImage(in),
                        readImage(in));
            case TRUNCATE -> new ChangeEvent.Truncate(new TableId(in.readInt()));
            case TABLE_DROPPED -> new ChangeEvent.TableDropped(new TableId(in.readInt()));
            case DDL_STATEMENT -> new ChangeEvent.DdlStatement(in.readString(), in.readString(), in.readString());
            case MARKER -> readMarker(in);
            case TRANSACTION_END ->
                new ChangeEvent.TransactionEnd(
                        in.readString(), SourcePosition.parse(in.readString()), readInstant(in), in.readLong());
            case SCHEMA_CHANGE -> new ChangeEvent.SchemaChange(Json.read(in.readString(), TableSchema.class));
            case STREAM_START -> new ChangeEvent.StreamStart(SourcePosition.parse(in.readString()));
            case BASE_SNAPSHOT -> Json.read(in.readString(), ChangeEvent.BaseSnapshot.class);
            case DEFINITION_READ -> new ChangeEvent.DefinitionRead(in.readString());
            case SEQUENCES_READ -> new ChangeEvent.SequencesRead(readSequences(in.readString()));
            case GAP -> Json.read(in.readString(), ChangeEvent.Gap.class);
        };
    }

    private static void writeText(BinaryEncoder out, Kind kind, String text) throws IOException {
        out.writeIndex(kind.ordinal());
        out.writeString(text);
    }

    private static List<SequenceValue> readSequences(String json) {
        try {
            return Json.mapper().readValue(json, new TypeReference<List<SequenceValue>>() {});
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("Not a list of sequence values: " + e.getOriginalMessage(), e);
        }
    }

    private static void writeMarker(BinaryEncoder out, ChangeEvent.Marker marker) throws IOException {
        out.writeIndex(Kind.MARKER.ordinal());
        out.writeLong(marker.counter());
        String name = marker.name();
        out.writeIndex(name == null ? 0 : 1);
        if (name != null) {
            out.writeString(name);
        }
        out.writeString(marker.round());
        writeInstant(out, marker.writtenAt());
    }

    private static ChangeEvent.Marker readMarker(BinaryDecoder in) throws IOException {
        long counter = in.readLong();
        String name = in.readIndex() == 0 ? null : in.readString();
        return new ChangeEvent.Marker(counter, name, in.readString(), readInstant(in));
    }

    private static void writeImage(BinaryEncoder out, @Nullable RowImage image) throws IOException {
        out.writeIndex(image == null ? 0 : 1);
        if (image == null) {
            return;
        }
        out.writeArrayStart();
        out.setItemCount(image.size());
        for (int i = 0; i < image.size(); i++) {
            out.startItem();
            writeValue(out, image.value(i));
        }
        out.writeArrayEnd();
    }

    private static void writeValue(BinaryEncoder out, @Nullable Object value) throws IOException {
        if (value == null) {
            out.writeIndex(0);
        } else if (value instanceof String text) {
            out.writeIndex(7);
            out.writeString(text);
        } else if (value instanceof Long number) {
            out.writeIndex(3);
            out.writeLong(number);
        } else if (value instanceof Boolean bool) {
            out.writeIndex(2);
            out.writeBoolean(bool);
        } else if (value instanceof Double number) {
            out.writeIndex(5);
            out.writeDouble(number);
        } else if (value instanceof Float number) {
            out.writeIndex(4);
            out.writeFloat(number);
        } else if (value instanceof byte[] raw) {
            out.writeIndex(6);
            out.writeBytes(raw);
        } else if (value == Unchanged.UNCHANGED) {
            out.writeIndex(1);
        } else {
            throw new IllegalArgumentException(
                    "No carrier for a " + value.getClass().getName());
        }
    }

    private static @Nullable RowImage readImage(BinaryDecoder in) throws IOException {
        if (in.readIndex() == 0) {
            return null;
        }
        long count = in.readArrayStart();
        @Nullable Object[] values = new Object[0];
        int filled = 0;
        while (count > 0) { // an array may stand in several blocks
            values = java.util.Arrays.copyOf(values, Math.addExact(filled, Math.toIntExact(count)));
            for (; filled < values.length; filled++) {
                values[filled] = readValue(in);
            }
            count = in.arrayNext();
        }
        return RowImage.of(values);
    }

    private static @Nullable Object readValue(BinaryDecoder in) throws IOException {
        int branch = in.readIndex();
        return switch (branch) {
            case 0 -> null;
            case 1 -> Unchanged.UNCHANGED;
            case 2 -> in.readBoolean();
            case 3 -> in.readLong();
            case 4 -> in.readFloat();
            case 5 -> in.readDouble();
            case 6 -> readBytes(in);
            case 7 -> in.readString();
            default -> throw new IOException("No value branch " + branch);
        };
    }

    private static byte[] readBytes(BinaryDecoder in) throws IOException {
        ByteBuffer buffer = in.readBytes(null);
        byte[] raw = new byte[buffer.remaining()];
        buffer.get(raw);
        return raw;
    }

    private static void writeInstant(BinaryEncoder out, Instant instant) throws IOException {
        out.writeLong(ChronoUnit.MICROS.between(Instant.EPOCH, instant));
    }

    private static Instant readInstant(BinaryDecoder in) throws IOException {
        return Instant.EPOCH.plus(in.readLong(), ChronoUnit.MICROS);
    }

    private static Schema load() {
        try (InputStream resource = ChangeRecordCodec.class.getResourceAsStream("change-record.avsc")) {
            if (resource == null) {
                throw new IllegalStateException("change-record.avsc is missing from the class path");
            }
            return new Schema.Parser().parse(resource);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
