/**
 * Reads transaction logs with Debezium's embedded engine, and keeps Debezium's types inside. Comes in: where to read and
 * from which position. Goes out: {@link dev.cdp.capture.log.LogEvent}. Read {@link dev.cdp.capture.debezium.EngineLog}
 * first.
 *
 * <p>Offsets are ours: the engine is told where to start and what may be discarded, and stores nothing.
 */
@NullMarked
package dev.cdp.capture.debezium;

import org.jspecify.annotations.NullMarked;
