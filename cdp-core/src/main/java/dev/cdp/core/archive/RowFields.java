package dev.cdp.core.archive;

import dev.cdp.core.Column;
import dev.cdp.core.RowImage;
import dev.cdp.core.TableSchema;
import dev.cdp.core.Unchanged;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.io.api.RecordConsumer;
import org.jspecify.annotations.Nullable;

/** Writes values into Parquet fields. */
final class RowFields {
    private RowFields() {}

    /** Writes the image's values as consecutive fields; NULL and unchanged values are left out. */
    static void write(RecordConsumer out, TableSchema schema, RowImage image, int firstFieldIndex) {
        if (image.size() != schema.columns().size()) {
            throw new IllegalStateException("A row of " + image.size() + " values came for version " + schema.version()
                    + " of " + schema.name() + ", which has " + schema.columns().size() + " columns");
        }
        for (int i = 0; i < image.size(); i++) {
            Object value = image.value(i);
            if (value == null || value == Unchanged.UNCHANGED) {
                continue;
            }
            Column column = schema.columns().get(i);
            if (!column.carrier().javaType().isInstance(value)) {
                throw new IllegalStateException("Column '" + column.name() + "' of " + schema.name() + " is carried as "
                        + column.carrier() + " and got a " + value.getClass().getSimpleName());
            }
            String name = HistoryColumns.columnName(column);
            out.startField(name, firstFieldIndex + i);
            writeValue(out, column, value);
            out.endField(name, firstFieldIndex + i);
        }
    }

    private static void writeValue(RecordConsumer out, Column column, Object value) {
        switch (column.carrier()) {
            case BOOLEAN -> out.addBoolean((Boolean) value);
            case INT64 -> out.addLong((Long) value);
            case FLOAT32 -> out.addFloat((Float) value);
            case FLOAT64 -> out.addDouble((Double) value);
            case BYTES -> out.addBinary(Binary.fromConstantByteArray((byte[]) value));
            case TEXT -> out.addBinary(Binary.fromString((String) value));
        }
    }

    static void writeLong(RecordConsumer out, String name, int index, long value) {
        out.startField(name, index);
        out.addLong(value);
        out.endField(name, index);
    }

    static void writeInt(RecordConsumer out, String name, int index, int value) {
        out.startField(name, index);
        out.addInteger(value);
        out.endField(name, index);
    }

    static void writeText(RecordConsumer out, String name, int index, @Nullable String value) {
        if (value != null) {
            out.startField(name, index);
            out.addBinary(Binary.fromString(value));
            out.endField(name, index);
        }
    }

    static void writeInstant(RecordConsumer out, String name, int index, Instant value) {
        writeLong(out, name, index, ChronoUnit.MICROS.between(Instant.EPOCH, value));
    }
}
