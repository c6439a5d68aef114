package dev.cdp.capture.binlog.reading;

import dev.cdp.capture.binlog.reading.CharacterSets.TextDecoder;
import dev.cdp.capture.binlog.reading.MappedColumn.Sign;
import dev.cdp.capture.source.ValueNotCarriedException;
import dev.cdp.core.TableName;
import java.nio.charset.CharacterCodingException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Chooses how a column is read. Integers, floats and bytes travel as they are; all else as the text that the server
 * prints in UTC, as in {@link SourceTypes}.
 */
final class ColumnDecoders {
    private final CharacterSets characterSets;

    ColumnDecoders(CharacterSets characterSets) {
        this.characterSets = characterSets;
    }

    /**
     * @param sourceType as the catalog prints it; tells UUID and INET from other binary columns
     * @throws ValueNotCarriedException when no value of the column can be read
     */
    ColumnDecoder of(TableName table, MappedColumn column, String sourceType) {
        boolean unsigned = column.sign() == Sign.UNSIGNED;
        int meta = column.meta();
        return switch (column.type()) {
            case MappedColumn.TINY -> integer(1, unsigned);
            case MappedColumn.SHORT -> integer(2, unsigned);
            case MappedColumn.INT24 -> integer(3, unsigned);
            case MappedColumn.LONG -> integer(4, unsigned);
            case MappedColumn.LONGLONG -> unsigned ? in -> Long.toUnsignedString(in.integer(8)) : in -> in.integer(8);
            case MappedColumn.FLOAT -> in -> Float.intBitsToFloat((int) in.integer(4));
            case MappedColumn.DOUBLE -> in -> Double.longBitsToDouble(in.integer(8));
            case MappedColumn.DECIMAL -> in -> DecimalText.decimal(in, meta >> 8, meta & 0xFF);
            case MappedColumn.BIT -> in -> in.take((meta >> 8) + ((meta & 0xFF) == 0 ? 0 : 1));
            case MappedColumn.DATE, MappedColumn.NEWDATE -> TemporalText::date;
            case MappedColumn.YEAR -> TemporalText::year;
            case MappedColumn.DATETIME2 -> in -> TemporalText.dateTime(in, meta);
            case MappedColumn.TIMESTAMP2 -> in -> TemporalText.timestamp(in, meta);
            case MappedColumn.TIME2 -> in -> TemporalText.time(in, meta);
            case MappedColumn.STRING -> string(column, sourceType);
            case MappedColumn.VARCHAR, MappedColumn.VAR_STRING -> text(column, meta < 256 ? 1 : 2);
            case MappedColumn.BLOB -> text(column, meta);
            case MappedColumn.ENUM -> enumeration(column);
            case MappedColumn.SET -> set(column);
            case MappedColumn.JSON -> in -> JsonText.read(in.take((int) in.integer(meta)));
            case MappedColumn.GEOMETRY -> in -> in.take((int) in.integer(meta));
            default -> throw new ValueNotCarriedException(table, column.name(), Uncarried.column(column), "any row");
        };
    }

    private static ColumnDecoder integer(int size, boolean unsigned) {
        return unsigned ? in -> in.integer(size) : in -> in.signedInteger(size);
    }

    private ColumnDecoder text(MappedColumn column, int lengthBytes) {
        if (column.isBinary()) {
            return in -> in.take((int) in.integer(lengthBytes));
        }
        TextDecoder decoder = characterSets.decoder(column.collation());
        return in -> decoder.decode(in.take((int) in.integer(lengthBytes)));
    }

    /** CHAR and its kin; the log leaves trailing fill bytes out. */
    private ColumnDecoder string(MappedColumn column, String sourceType) {
        int size = column.stringBytes();
        int lengthBytes = size < 256 ? 1 : 2;
        ColumnDecoder padded = in -> Arrays.copyOf(in.take((int) in.integer(lengthBytes)), size);
        return switch (sourceType.toLowerCase(Locale.ROOT)) {
            case "uuid" -> in -> AddressText.uuid((byte[]) padded.decode(in));
            case "inet6" -> in -> AddressText.inet6((byte[]) padded.decode(in));
            case "inet4" -> in -> AddressText.inet4((byte[]) padded.decode(in));
            default -> column.isBinary() ? padded : text(column, lengthBytes);
        };
    }

    /** 0 stands for a value that the column refused, and prints as nothing. */
    private ColumnDecoder enumeration(MappedColumn column) {
        List<String> labels = labels(column);
        boolean hasEmptyLabel = labels.contains("");
        return in -> {
            int index = (int) in.integer(column.meta());
            if (index == 0) {
                return hasEmptyLabel ? Uncarried.NO_LABEL : "";
            }
            return labels.get(index - 1);
        };
    }

    private ColumnDecoder set(MappedColumn column) {
        List<String> labels = labels(column);
        return in -> {
            long bits = in.integer(column.meta());
            StringBuilder text = new StringBuilder();
            for (int i = 0; i < labels.size(); i++) {
                if ((bits >>> i & 1) == 1) {
                    text.append(text.length() == 0 ? "" : ",").append(labels.get(i));
                }
            }
            return text.toString();
        };
    }

    private List<String> labels(MappedColumn column) {
        TextDecoder decoder = characterSets.decoder(column.collation());
        List<String> labels = new ArrayList<>();
        for (byte[] label : column.labels()) {
            try {
                labels.add(column.isBinary() ? CharacterSets.latin(label) : decoder.decode(label));
            } catch (CharacterCodingException e) {
                throw new UnreadableEventException("a label of column '" + column.name() + "' is no text");
            }
        }
        return labels;
    }
}
