/**
 * PostgreSQL as a source. Read {@link dev.cdp.capture.postgres.PostgresSource} first; {@link
 * dev.cdp.capture.postgres.CdpSchema} is what we keep inside of the database.
 */
@NullMarked
package dev.cdp.capture.postgres;

import org.jspecify.annotations.NullMarked;
