/**
 * The vocabulary every stage speaks: sources, tables, positions, changes, watermarks, cuts.
 *
 * <p>Read {@link dev.cdp.core.ChangeEvent}, {@link dev.cdp.core.SourcePosition}, {@link dev.cdp.core.Watermark} and
 * {@link dev.cdp.core.Cut} first. Nothing here does input or output.
 */
@NullMarked
package dev.cdp.core;

import org.jspecify.annotations.NullMarked;
