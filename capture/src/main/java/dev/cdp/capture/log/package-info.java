/**
 * What capture reads from a source's transaction log, whatever the database and the library that reads it. Comes in:
 * batches of {@link dev.cdp.capture.log.LogEvent} in commit order. Read {@link dev.cdp.capture.log.SourceLog} first.
 */
@NullMarked
package dev.cdp.capture.log;

import org.jspecify.annotations.NullMarked;
