package dev.cdp.capture.binlog;

import dev.cdp.capture.binlog.reading.CharacterSets.TextDecoder;
import dev.cdp.capture.binlog.reading.SourceTypes;
import dev.cdp.capture.binlog.reading.Uncarried;
import dev.cdp.capture.log.NotCarried;
import dev.cdp.capture.source.TableDescription.ColumnDescription;
import java.nio.charset.CharacterCodingException;
import java.sql.ResultSet;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * How one column of a table is read into a base. Text comes as the bytes that are stored, which are judged as those of
 * the log are: the server itself would put question marks where its character set has none for Unicode.
 */
interface BaseColumn {

    /** What is selected. */
    String expression();

    /** A {@link NotCarried} where the value cannot be carried exactly. */
    @Nullable
    Object value(ResultSet row, int index) throws SQLException;

    static BaseColumn asPrinted(ColumnDescription column) {
        return new Printed(column);
    }

    static BaseColumn asStored(ColumnDescription column, TextDecoder decoder) {
        return new Stored(column, decoder);
    }

    /** Numbers, bytes, and what the server prints in letters that every character set has. */
    record Printed(ColumnDescription column) implements BaseColumn {
        @Override
        public String expression() {
            return SourceTypes.projection(Names.quoted(column.name()), column.sourceType());
        }

        @Override
        public @Nullable Object value(ResultSet row, int index) throws SQLException {
            Object value =
                    switch (column.carrier()) {
                        case INT64 -> row.getLong(index);
                        case FLOAT32 -> row.getFloat(index);
                        case FLOAT64 -> row.getDouble(index);
                        case BYTES -> row.getBytes(index);
                        case BOOLEAN, TEXT -> row.getString(index);
                    };
            return row.wasNull() ? null : value;
        }
    }

    /** Text. Where an ENUM has an empty label, a byte in front tells it from the value that stands for none of them. */
    record Stored(ColumnDescription column, TextDecoder decoder) implements BaseColumn {

        private boolean hasEmptyLabel() {
            return SourceTypes.hasEmptyLabel(column.sourceType());
        }

        @Override
        public String expression() {
            String stored = "CAST(%1$s AS BINARY)";
            String told = hasEmptyLabel() ? "CONCAT(IF(%1$s + 0 = 0, X'00', X'01'), " + stored + ")" : stored;
            return told.formatted(Names.quoted(column.name()));
        }

        @Override
        public @Nullable Object value(ResultSet row, int index) throws SQLException {
            byte[] stored = row.getBytes(index);
            if (stored == null) {
                return null;
            }
            byte[] text = stored;
            if (hasEmptyLabel()) {
                if (stored[0] == 0) {
                    return Uncarried.NO_LABEL;
                }
                text = java.util.Arrays.copyOfRange(stored, 1, stored.length);
            }
            try {
                return decoder.decode(text);
            } catch (CharacterCodingException e) {
                return Uncarried.NO_TEXT;
            }
        }
    }
}
