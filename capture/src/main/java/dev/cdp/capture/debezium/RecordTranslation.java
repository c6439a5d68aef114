package dev.cdp.capture.debezium;

import dev.cdp.capture.log.LogEvent;
import java.util.List;
import org.apache.kafka.connect.source.SourceRecord;

/** Turns one connector's records into log events. Holds state between records; used by one thread. */
interface RecordTranslation {

    /** Adds what {@code record} says to {@code events}; nothing for heartbeats and the like. */
    void translate(SourceRecord record, List<LogEvent> events);
}
