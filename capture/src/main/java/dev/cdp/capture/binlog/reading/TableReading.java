package dev.cdp.capture.binlog.reading;

import dev.cdp.capture.log.LogEvent;
import java.util.function.Consumer;

/** What is done with the row events that follow a table map. */
@FunctionalInterface
interface TableReading {
    TableReading SKIP = (event, events) -> {};

    void read(RawEvent event, Consumer<LogEvent> events);
}
