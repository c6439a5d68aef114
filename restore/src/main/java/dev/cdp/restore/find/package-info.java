/** Who changed what, and when: {@link dev.cdp.restore.find.ChangeFinder} looks through archives and tails. */
@NullMarked
package dev.cdp.restore.find;

import org.jspecify.annotations.NullMarked;
