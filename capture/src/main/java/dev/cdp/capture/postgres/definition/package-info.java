/**
 * A PostgreSQL database's catalog in, a {@link dev.cdp.core.definition.DatabaseDefinition} out.
 *
 * <p>Read {@link dev.cdp.capture.postgres.definition.PostgresDefinitionReader} first; then {@code ObjectGraph}, which
 * puts the statements into an order that runs. Each {@code *Objects} class reads one family of objects.
 */
@NullMarked
package dev.cdp.capture.postgres.definition;

import org.jspecify.annotations.NullMarked;
