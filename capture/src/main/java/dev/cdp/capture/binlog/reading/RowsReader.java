package dev.cdp.capture.binlog.reading;

import dev.cdp.capture.log.LogEvent;
import dev.cdp.capture.log.LoggedRow;
import dev.cdp.capture.log.NotCarried;
import dev.cdp.core.ChangeEvent.Operation;
import dev.cdp.core.TableName;
import java.nio.charset.CharacterCodingException;
import java.util.BitSet;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Reads the row events of one table, as one table map describes it. */
final class RowsReader {
    private final TableName table;
    private final List<String> names;
    private final List<ColumnDecoder> decoders;
    private final BitSet hidden;
    private final List<String> shown;

    /**
     * @param decoders of the columns that {@code names} names, in the same order
     * @param hidden the numbers of those that are the server's own and no part of a row
     */
    RowsReader(TableName table, List<String> names, List<ColumnDecoder> decoders, BitSet hidden) {
        this.table = table;
        this.names = List.copyOf(names);
        this.decoders = List.copyOf(decoders);
        this.hidden = (BitSet) hidden.clone();
        this.shown = IntStream.range(0, names.size())
                .filter(i -> !hidden.get(i))
                .mapToObj(names::get)
                .toList();
    }

    /** Hands over every row of a row event; a value that cannot be carried is a {@link NotCarried}. */
    void read(RawEvent event, Consumer<LogEvent> rows) {
        Operation operation = operation(event);
        EventBytes in = new EventBytes(event.body());
        in.skip(6 + 2); // table number, flags
        if (event.type() >= RawEvent.MYSQL_WRITE_ROWS) {
            in.skip((int) in.integer(2) - 2); // partitions and the like, with the length itself
        }
        int count = in.packedInteger();
        if (count != names.size()) {
            throw new UnreadableEventException(
                    "rows of " + table + " have " + count + " columns, its map has " + names.size());
        }
        requireWhole(in.bits(count));
        if (operation == Operation.UPDATE) {
            requireWhole(in.bits(count));
        }
        while (in.hasMore()) {
            LoggedRow first = row(in);
            rows.accept(
                    switch (operation) {
                        case INSERT -> new LogEvent.Row(operation, table, null, first);
                        case UPDATE -> new LogEvent.Row(operation, table, first, row(in));
                        case DELETE -> new LogEvent.Row(operation, table, first, null);
                    });
        }
    }

    private Operation operation(RawEvent event) {
        return switch (event.type()) {
            case RawEvent.WRITE_ROWS, RawEvent.MYSQL_WRITE_ROWS -> Operation.INSERT;
            case RawEvent.UPDATE_ROWS, RawEvent.MYSQL_UPDATE_ROWS -> Operation.UPDATE;
            case RawEvent.DELETE_ROWS, RawEvent.MYSQL_DELETE_ROWS -> Operation.DELETE;
            case RawEvent.PARTIAL_UPDATE_ROWS -> throw BinlogSettingsException.partialJson(table);
            default -> throw new UnreadableEventException("a row event of type " + event.type());
        };
    }

    /** A session may have changed the row image for itself. */
    private void requireWhole(BitSet logged) {
        if (logged.cardinality() != names.size()) {
            throw BinlogSettingsException.partialRows(table);
        }
    }

    private LoggedRow row(EventBytes in) {
        BitSet nulls = in.bits(names.size());
        @Nullable Object[] values = new Object[shown.size()];
        for (int i = 0, at = 0; i < names.size(); i++) {
            Object value = nulls.get(i) ? null : value(in, i);
            if (!hidden.get(i)) {
                values[at++] = value;
            }
        }
        return new LoggedRow(shown, values);
    }

    private Object value(EventBytes in, int column) {
        try {
            return decoders.get(column).decode(in);
        } catch (CharacterCodingException e) {
            return Uncarried.NO_TEXT;
        } catch (OpaqueJsonException e) {
            return Uncarried.opaque(e);
        }
    }
}
