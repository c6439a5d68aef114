/** Undoes transactions in databases that are in use. */
@NullMarked
package dev.cdp.restore.undo;

import org.jspecify.annotations.NullMarked;
