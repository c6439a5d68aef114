/**
 * How people write moments. Comes in: what an operator typed, such as {@code "10 minutes ago"} or {@code
 * before:tx/orders/4711}. Goes out: a {@link dev.cdp.core.RestorePoint} without any "now" left in it.
 *
 * <p>Read {@link dev.cdp.app.moment.RestorePointParser}.
 */
@NullMarked
package dev.cdp.app.moment;

import org.jspecify.annotations.NullMarked;
