/** What the program logs and how: to stderr, warnings only for commands, as configured for the daemon. */
@NullMarked
package dev.cdp.app.logging;

import org.jspecify.annotations.NullMarked;
