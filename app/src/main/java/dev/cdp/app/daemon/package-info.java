/**
 * {@code cdp run}: captures and archives every source until it is told to stop. Comes in: the configuration. Goes out:
 * the archive, and files that tell other commands how it is going.
 *
 * <p>Read {@link dev.cdp.app.daemon.StatusFiles} for what it tells.
 */
@NullMarked
package dev.cdp.app.daemon;

import org.jspecify.annotations.NullMarked;
