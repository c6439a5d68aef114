/**
 * The command line. Comes in: arguments and the environment. Goes out: an answer on stdout, progress and errors on
 * stderr, an exit code.
 *
 * <p>Read {@link dev.cdp.app.cli.CdpCommand} for the list of commands and {@code Console} for how they answer.
 */
@NullMarked
package dev.cdp.app.cli;

import org.jspecify.annotations.NullMarked;
