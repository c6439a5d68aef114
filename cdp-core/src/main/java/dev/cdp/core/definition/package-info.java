/** The definition of a database's objects, as statements that run: what the catalog readers produce and restore executes. */
@NullMarked
package dev.cdp.core.definition;

import org.jspecify.annotations.NullMarked;
