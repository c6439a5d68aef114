package dev.cdp.capture.debezium;

import java.util.Map;

/**
 * The offset that an engine is given whenever it asks: at its start to know where to resume, and while it runs to know
 * what the source may discard. Thread-safe.
 */
interface EngineOffsets {

    /** What the connector reads back as its offset; empty for none. */
    Map<String, Object> current();
}
