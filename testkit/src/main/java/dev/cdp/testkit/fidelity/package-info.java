/**
 * What comes back of a database, as the tests that compare it found: {@link dev.cdp.testkit.fidelity.FidelityResult} is one
 * finding, {@link dev.cdp.testkit.fidelity.FidelityResults} the file that they are kept in, and
 * {@link dev.cdp.testkit.fidelity.FidelityPage} prints them.
 */
@NullMarked
package dev.cdp.testkit.fidelity;

import org.jspecify.annotations.NullMarked;
