package dev.cdp.capture.source;

import dev.cdp.core.SourcePosition;

/**
 * What was read of a source so far, which a server is held against before reading goes on there.
 *
 * @param identity what {@link SourceDatabase#identity} gave where this was read
 * @param boundary everything up to here was read
 * @param markerCounter of the last marker that was read, 0 before the first
 */
public record HeldHistory(String identity, SourcePosition boundary, long markerCounter) {}
