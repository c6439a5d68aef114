/**
 * The program {@code cdp}: the only place that knows every stage.
 *
 * <p>{@code app.cli} reads the command line and prints answers, {@code app.config} reads the configuration, {@code
 * app.moment} reads restore points. Read {@link dev.cdp.app.cli.CdpCommand} for the list of commands.
 */
@NullMarked
package dev.cdp.app;

import org.jspecify.annotations.NullMarked;
