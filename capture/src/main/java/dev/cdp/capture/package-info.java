/**
 * Source database → change topic. Comes in: a source's log and a full copy of its tables. Goes out: numbered change
 * records, whole transactions closed by their ends. Read {@link dev.cdp.capture.CaptureService} first, then {@link
 * dev.cdp.capture.source.SourceDatabase} for what differs between database engines.
 */
@NullMarked
package dev.cdp.capture;

import org.jspecify.annotations.NullMarked;
