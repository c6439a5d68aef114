/**
 * Statements that change definitions, in one long history among writers: what the archive says of each transaction is
 * compared with what the database itself said inside of it. Read {@link dev.cdp.app.ddl.DdlHistory} first.
 */
@NullMarked
package dev.cdp.app.ddl;

import org.jspecify.annotations.NullMarked;
