/** Puts rows back in databases that are in use: compared with what is expected there, in one transaction, or not at all. */
@NullMarked
package dev.cdp.restore.live;

import org.jspecify.annotations.NullMarked;
