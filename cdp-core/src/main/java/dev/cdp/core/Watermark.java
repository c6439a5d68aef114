package dev.cdp.core;

import java.time.Instant;

/**
 * How far the archive of one source is complete: it holds every transaction committed at or before {@code position}.
 *
 * @param epoch the history that {@code seq} counts in
 * @param seq of the last transaction held; 0 before the first
 * @param commitTimestamp by the source's clock; tells an operator how old the archive is, and orders nothing
 */
public record Watermark(SourceId source, int epoch, long seq, SourcePosition position, Instant commitTimestamp) {}
