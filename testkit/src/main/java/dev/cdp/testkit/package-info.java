/**
 * Histories for tests. {@link dev.cdp.testkit.SyntheticSource} writes by hand, or draws from a seed, what capture would
 * have sent; its live rows are what a restore of everything has to yield.
 */
@NullMarked
package dev.cdp.testkit;

import org.jspecify.annotations.NullMarked;
