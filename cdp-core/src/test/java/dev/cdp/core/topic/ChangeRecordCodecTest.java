package dev.cdp.core.topic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cdp.core.Carrier;
import dev.cdp.core.ChangeEvent;
import dev.cdp.core.ChangeRecord;
import dev.cdp.core.Column;
import dev.cdp.core.GtidSet;
import dev.cdp.core.Lsn;
import dev.cdp.core.RowImage;
import dev.cdp.core.SourcePosition;
import dev.cdp.core.StoredObject;
import dev.cdp.core.TableId;
import dev.cdp.core.TableName;
import dev.cdp.core.TableSchema;
import dev.cdp.core.Unchanged;
import dev.cdp.core.definition.SequenceValue;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.DecoderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ChangeRecordCodecTest {
    private static final Instant NOW = Instant.parse("2026-11-21T03:14:07.123456Z");
    private static final TableSchema SCHEMA = new TableSchema(
            new TableId(3),
            2,
            new TableName("public", "Größe \"x\""),
            List.of(new Column(
                    1, "id", "bigint", Carrier.INT64, Column.Nullability.NOT_NULL, Column.Generation.WRITTEN, null)),
            List.of(1),
            TableSchema.Identity.FULL);

    static Stream<ChangeEvent> everyKindOfEvent() {
        RowImage everyCarrier = RowImage.of(
                null, Unchanged.UNCHANGED, true, Long.MIN_VALUE, -0.0f, Double.NaN, new byte[] {0, -1}, "a\u0000ü");
        SourcePosition lsn = new SourcePosition.Postgres(Lsn.parse("FFFFFFFF/FFFFFFFF"));
        SourcePosition gtid = new SourcePosition.MariaDb(GtidSet.parse("0-1-42,7-1-9"), "binlog.000003", 4711);
        String sha = "0".repeat(64);
        return Stream.of(
                new ChangeEvent.RowChange(ChangeEvent.Operation.UPDATE, new TableId(1), 4, everyCarrier, everyCarrier),
                new ChangeEvent.RowChange(ChangeEvent.Operation.INSERT, new TableId(1), 4, null, everyCarrier),
                new ChangeEvent.RowChange(
                        ChangeEvent.Operation.DELETE,
                        new TableId(1),
                        4,
                        RowImage.of(Arrays.asList(1L).toArray()),
                        null),
                new ChangeEvent.Truncate(new TableId(9)),
                new ChangeEvent.TableDropped(new TableId(9)),
                new ChangeEvent.DdlStatement("ALTER TABLE", "public.t", "alter table t add x int"),
                new ChangeEvent.Marker(7, null, "r-1", NOW),
                new ChangeEvent.Marker(8, "before deploy", "r-2", NOW),
                new ChangeEvent.TransactionEnd("0-1-42", gtid, NOW, 12),
                new ChangeEvent.SchemaChange(SCHEMA),
                new ChangeEvent.StreamStart(lsn),
                new ChangeEvent.BaseSnapshot(
                        "b-1",
                        11,
                        gtid,
                        NOW,
                        true,
                        List.of(new ChangeEvent.BaseTable(SCHEMA, 5, List.of(new StoredObject("a/b", 5, 99, sha))))),
                new ChangeEvent.DefinitionRead("{\"x\":1}"),
                new ChangeEvent.SequencesRead(
                        List.of(new SequenceValue(SequenceValue.Kind.SEQUENCE, "public", "s", 12, true))),
                new ChangeEvent.Gap(null, lsn, "slot lost", List.of(new TableName("a", "b"))));
    }

    @ParameterizedTest
    @MethodSource("everyKindOfEvent")
    void readsBackWhatItWrote(ChangeEvent event) {
        ChangeRecordCodec codec = new ChangeRecordCodec();
        ChangeRecord record = new ChangeRecord(3, 1L << 40, NOW, event);

        assertThat(codec.decode(codec.encode(record))).isEqualTo(record);
    }

    @ParameterizedTest
    @MethodSource("everyKindOfEvent")
    void avrosOwnReaderAgrees(ChangeEvent event) throws Exception {
        byte[] encoded = new ChangeRecordCodec().encode(new ChangeRecord(3, 77, NOW, event));

        var decoder = DecoderFactory.get().binaryDecoder(encoded, 10, encoded.length - 10, null);
        GenericRecord read = new GenericDatumReader<GenericRecord>(ChangeRecordCodec.SCHEMA).read(null, decoder);

        assertThat(decoder.isEnd()).isTrue();
        assertThat(read.get("seq")).isEqualTo(77L);
        assertThat(((GenericRecord) read.get("event")).getSchema().getName())
                .isEqualTo(event.getClass().getSimpleName());
    }

    @Test
    void refusesBytesOfAnotherSchema() {
        byte[] encoded =
                new ChangeRecordCodec().encode(new ChangeRecord(1, 1, NOW, new ChangeEvent.Truncate(new TableId(1))));
        encoded[5] ^= 1;

        assertThatThrownBy(() -> new ChangeRecordCodec().decode(encoded))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("Not a change record of this version");
    }
}
