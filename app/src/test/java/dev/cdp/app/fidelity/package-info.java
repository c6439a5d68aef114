/**
 * Takes every type, kind of row and statement through capture, archive and restore, and compares the database that comes
 * out with the one that went in. {@link dev.cdp.app.fidelity.FidelityLab} is the way through; what the tests find is
 * printed in {@code docs/fidelity.md}.
 */
@NullMarked
package dev.cdp.app.fidelity;

import org.jspecify.annotations.NullMarked;
