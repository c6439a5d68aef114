package dev.cdp.core;

import java.time.Instant;

/**
 * One event in a source's change topic.
 *
 * @param epoch the unbroken history of the source this belongs to, from 1
 * @param seq the source's own count of changes: the event's number if it takes one, else the last one given
 * @param ingestTimestamp when we received it, by our clock
 */
public record ChangeRecord(int epoch, long seq, Instant ingestTimestamp, ChangeEvent event) {}
