package dev.cdp.capture.postgres;

import dev.cdp.capture.log.LogConsumer;
import dev.cdp.capture.log.LogEvent;
import dev.cdp.capture.log.LoggedRow;
import dev.cdp.core.ChangeEvent.Operation;
import java.time.OffsetDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Reads the rows of our own tables as what they stand for: markers and data definition. */
final class OwnTables implements LogConsumer {
    private static final String SCHEMA = "cdp";
    private static final DateTimeFormatter TIMESTAMPTZ = new DateTimeFormatterBuilder()
            .append(DateTimeFormatter.ISO_LOCAL_DATE)
            .appendLiteral(' ')
            .append(DateTimeFormatter.ISO_LOCAL_TIME)
            .appendOffset("+HH", "+00")
            .toFormatter(java.util.Locale.ROOT);

    private final LogConsumer next;

    OwnTables(LogConsumer next) {
        this.next = next;
    }

    @Override
    public void accept(List<LogEvent> batch) throws InterruptedException {
        List<LogEvent> events = new ArrayList<>(batch.size());
        for (LogEvent event : batch) {
            if (event instanceof LogEvent.Row row && row.table().schema().equals(SCHEMA)) {
                translate(row, events);
            } else if (!(event instanceof LogEvent.Truncation truncation
                    && truncation.table().schema().equals(SCHEMA))) {
                events.add(event);
            }
        }
        next.accept(events);
    }

    private static void translate(LogEvent.Row row, List<LogEvent> events) {
        LoggedRow after = row.after();
        if (after == null) { // we clean up after ourselves
            return;
        }
        switch (row.table().name()) {
            case "marker" -> events.add(marker(after));
            case "ddl" -> {
                if (row.operation() == Operation.INSERT) {
                    events.add(ddl(after));
                }
            }
            default -> {}
        }
    }

    private static LogEvent marker(LoggedRow row) {
        String round = text(row, "round");
        if (round.equals("unrecorded")) {
            return new LogEvent.Unrecorded(text(row, "name"), "the table cdp.ddl takes no rows");
        }
        return new LogEvent.MarkerSeen(
                Long.parseLong(text(row, "counter")),
                optional(row, "name"),
                round,
                OffsetDateTime.parse(text(row, "written_at"), TIMESTAMPTZ).toInstant());
    }

    private static LogEvent ddl(LoggedRow row) {
        String unrecorded = optional(row, "unrecorded");
        if (unrecorded != null) {
            return new LogEvent.Unrecorded(text(row, "object"), unrecorded);
        }
        return new LogEvent.Ddl(
                text(row, "tag"),
                text(row, "object"),
                text(row, "sql"),
                TableDescriptions.list(text(row, "tables")),
                TableDescriptions.ids(text(row, "dropped")),
                TableDescriptions.ids(text(row, "rewritten")));
    }

    private static String text(LoggedRow row, String column) {
        return Objects.requireNonNull(optional(row, column), column);
    }

    /** Null as well in a row from before an upgrade that brought the column. */
    private static @Nullable String optional(LoggedRow row, String column) {
        int place = row.names().indexOf(column);
        return place < 0 ? null : (String) row.values()[place];
    }
}
