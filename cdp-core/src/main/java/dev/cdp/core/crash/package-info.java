/**
 * Named places at which a process can be made to stop dead, to see that nothing is lost there. Nothing comes in and
 * nothing goes out unless the process was started with {@code -Dcdp.crash.at=…}. Read {@link
 * dev.cdp.core.crash.CrashPoint}.
 */
@NullMarked
package dev.cdp.core.crash;

import org.jspecify.annotations.NullMarked;
