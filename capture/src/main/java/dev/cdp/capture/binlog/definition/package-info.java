/**
 * A MariaDB database's catalog in, a {@link dev.cdp.core.definition.DatabaseDefinition} out.
 *
 * <p>Read {@link dev.cdp.capture.binlog.definition.DefinitionReader} first. The server prints its objects with
 * SHOW CREATE; what is left to do is to take out what must run later and what would tie them to their database.
 */
@NullMarked
package dev.cdp.capture.binlog.definition;

import org.jspecify.annotations.NullMarked;
