/** What a restore will do, written down before anything is done: {@link dev.cdp.restore.plan.RestorePlan}. */
@NullMarked
package dev.cdp.restore.plan;

import org.jspecify.annotations.NullMarked;
