/**
 * From a restore point to a cut: one position per source of a group, moved back until no visible effect of a declared
 * link lacks its cause. Start with {@link dev.cdp.restore.cut.CutResolver}.
 */
@NullMarked
package dev.cdp.restore.cut;

import org.jspecify.annotations.NullMarked;
