/** Proof that a target holds what was folded: {@link dev.cdp.restore.verify.RowDigest}, {@link dev.cdp.restore.verify.RestoreReport}. */
@NullMarked
package dev.cdp.restore.verify;

import org.jspecify.annotations.NullMarked;
