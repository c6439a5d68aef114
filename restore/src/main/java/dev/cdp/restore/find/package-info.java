/**
 * Reading the past without restoring it. {@link dev.cdp.restore.find.ChangeFinder} finds transactions and the life of a
 * row in archives and tails, {@link dev.cdp.restore.find.StateComparison} what differs between two restore points.
 */
@NullMarked
package dev.cdp.restore.find;

import org.jspecify.annotations.NullMarked;
