/**
 * The configuration file. Comes in: {@code cdp.yaml} and the environment. Goes out: {@link
 * dev.cdp.app.config.Configuration}, complete and checked, or every problem with its line and column.
 *
 * <p>Read {@link dev.cdp.app.config.ConfigurationFile} first; {@code Schema} lists every setting once.
 */
@NullMarked
package dev.cdp.app.config;

import org.jspecify.annotations.NullMarked;
