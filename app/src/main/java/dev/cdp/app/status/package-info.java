/**
 * How protection is going, from the archive's ledgers and the daemon's status files; the daemon need not run.
 *
 * <p>Read {@link dev.cdp.app.status.StatusReport}.
 */
@NullMarked
package dev.cdp.app.status;

import org.jspecify.annotations.NullMarked;
