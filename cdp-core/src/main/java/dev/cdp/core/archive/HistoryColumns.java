package dev.cdp.core.archive;

import dev.cdp.core.Carrier;
import dev.cdp.core.Column;
import dev.cdp.core.TableSchema;
import java.util.Locale;
import java.util.Set;
import org.apache.parquet.schema.GroupType;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Type;
import org.apache.parquet.schema.Types;

/**
 * Names, field ids and Parquet types of the columns in the archive's files.
 *
 * <p>Field ids: metadata below {@value #FIRST_COLUMN_ID}; a table's column of field f has {@value #FIRST_COLUMN_ID} +
 * 2f for the row, one more inside of {@code _cdp_before}. They never change, so the same ids serve Iceberg.
 */
public final class HistoryColumns {
    public static final String SEQ = "_cdp_seq";
    public static final String OP = "_cdp_op";
    public static final String COMMIT_TIMESTAMP = "_cdp_commit_timestamp";
    public static final String COMMIT_POSITION = "_cdp_commit_position";
    public static final String TX = "_cdp_tx";
    public static final String TX_SEQ = "_cdp_tx_seq";
    public static final String INGEST_TIMESTAMP = "_cdp_ingest_timestamp";
    public static final String SCHEMA_VERSION = "_cdp_schema_version";
    public static final String EPOCH = "_cdp_epoch";
    public static final String UNAVAILABLE = "_cdp_unavailable";
    public static final String BEFORE = "_cdp_before";

    /** The value of {@link #OP} of a truncate; the row's own columns are null. */
    public static final String OP_TRUNCATE = "truncate";

    static final int FIRST_COLUMN_ID = 1000;
    private static final int UNAVAILABLE_ELEMENT_ID = 11;
    private static final int BEFORE_ID = 12;
    private static final String OURS = "__source";
    private static final Set<String> RESERVED =
            Set.of("_file", "_pos", "_deleted", "_spec_id", "_partition", "_row_id", "_last_updated_sequence_number");

    private HistoryColumns() {}

    /** The name of a source's column in files: its own, unless that would collide with metadata. Unique in its table. */
    public static String columnName(Column column) {
        String lower = column.name().toLowerCase(Locale.ROOT);
        while (lower.endsWith(OURS)) { // another column may have just the name that this one would get
            lower = lower.substring(0, lower.length() - OURS.length());
        }
        boolean taken = lower.startsWith("_cdp_") || lower.startsWith("_change_") || RESERVED.contains(lower);
        return taken ? column.name() + OURS : column.name();
    }

    /** The id of the column in a row. */
    public static int rowFieldId(Column column) {
        return FIRST_COLUMN_ID + 2 * column.fieldId();
    }

    /** The id of the column inside of {@link #BEFORE}. */
    public static int beforeFieldId(Column column) {
        return rowFieldId(column) + 1;
    }

    /** The metadata columns that stand first in a history file. */
    static Types.MessageTypeBuilder metadata() {
        Types.MessageTypeBuilder message = Types.buildMessage();
        message.addField(required(PrimitiveTypeName.INT64, null, 1, SEQ));
        message.addField(required(PrimitiveTypeName.BINARY, LogicalTypeAnnotation.stringType(), 2, OP));
        message.addField(timestamp(3, COMMIT_TIMESTAMP));
        message.addField(required(PrimitiveTypeName.BINARY, LogicalTypeAnnotation.stringType(), 4, COMMIT_POSITION));
        message.addField(required(PrimitiveTypeName.INT64, null, 5, TX));
        message.addField(required(PrimitiveTypeName.INT32, null, 6, TX_SEQ));
        message.addField(timestamp(7, INGEST_TIMESTAMP));
        message.addField(required(PrimitiveTypeName.INT32, null, 8, SCHEMA_VERSION));
        message.addField(required(PrimitiveTypeName.INT32, null, 9, EPOCH));
        message.addField(Types.optionalList()
                .element(Types.required(PrimitiveTypeName.BINARY)
                        .as(LogicalTypeAnnotation.stringType())
                        .id(UNAVAILABLE_ELEMENT_ID)
                        .named("element"))
                .id(10)
                .named(UNAVAILABLE));
        return message;
    }

    /** A file of row changes: metadata, the row flat, and the row before as a struct. */
    static MessageType historySchema(TableSchema schema) {
        Types.MessageTypeBuilder message = metadata();
        schema.columns().forEach(column -> message.addField(field(column, rowFieldId(column))));
        Types.GroupBuilder<GroupType> before = Types.optionalGroup();
        schema.columns().forEach(column -> before.addField(field(column, beforeFieldId(column))));
        message.addField(before.id(BEFORE_ID).named(BEFORE));
        return message.named("history");
    }

    /** A file of a full state: the row's columns only. */
    static MessageType baseSchema(TableSchema schema) {
        Types.MessageTypeBuilder message = Types.buildMessage();
        schema.columns().forEach(column -> message.addField(field(column, rowFieldId(column))));
        return message.named("base");
    }

    /** Every column may be absent in a file, also a NOT NULL one: a truncate and a key-only image lack them. */
    private static Type field(Column column, int id) {
        Types.PrimitiveBuilder<PrimitiveType> type = Types.optional(primitive(column.carrier()));
        if (column.carrier() == Carrier.TEXT) {
            type = type.as(LogicalTypeAnnotation.stringType());
        }
        return type.id(id).named(columnName(column));
    }

    private static PrimitiveTypeName primitive(Carrier carrier) {
        return switch (carrier) {
            case BOOLEAN -> PrimitiveTypeName.BOOLEAN;
            case INT64 -> PrimitiveTypeName.INT64;
            case FLOAT32 -> PrimitiveTypeName.FLOAT;
            case FLOAT64 -> PrimitiveTypeName.DOUBLE;
            case BYTES, TEXT -> PrimitiveTypeName.BINARY;
        };
    }

    static Type timestamp(int id, String name) {
        return required(
                PrimitiveTypeName.INT64,
                LogicalTypeAnnotation.timestampType(true, LogicalTypeAnnotation.TimeUnit.MICROS),
                id,
                name);
    }

    static Type required(
            PrimitiveTypeName type,
            @org.jspecify.annotations.Nullable LogicalTypeAnnotation logical,
            int id,
            String name) {
        Types.PrimitiveBuilder<PrimitiveType> builder = Types.required(type);
        return (logical == null ? builder : builder.as(logical)).id(id).named(name);
    }
}
