/** {@code cdp restore} from an archive of its own, killed, cut off and out of room. */
@NullMarked
package dev.cdp.app.restore;

import org.jspecify.annotations.NullMarked;
