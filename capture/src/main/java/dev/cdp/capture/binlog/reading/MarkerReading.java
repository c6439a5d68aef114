package dev.cdp.capture.binlog.reading;

import dev.cdp.capture.log.LogEvent;
import dev.cdp.capture.log.LoggedRow;
import java.time.Instant;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Reads our marker table, whose one row is replaced by each marker. */
final class MarkerReading implements TableReading {
    private final RowsReader rows;

    MarkerReading(RowsReader rows) {
        this.rows = rows;
    }

    @Override
    public void read(RawEvent event, Consumer<LogEvent> events) {
        rows.read(event, logged -> {
            LoggedRow row = ((LogEvent.Row) logged).after();
            if (row != null) {
                events.accept(marker(row));
            }
        });
    }

    private static LogEvent marker(LoggedRow row) {
        return new LogEvent.MarkerSeen(
                (Long) required(row, "counter"),
                (String) value(row, "name"),
                (String) required(row, "round"),
                Instant.parse((String) required(row, "written_at")));
    }

    private static Object required(LoggedRow row, String column) {
        return Objects.requireNonNull(value(row, column), column);
    }

    private static @Nullable Object value(LoggedRow row, String column) {
        int index = row.names().indexOf(column);
        if (index < 0) {
            throw new UnreadableEventException("the marker table has no column '" + column + "'");
        }
        return row.values()[index];
    }
}
