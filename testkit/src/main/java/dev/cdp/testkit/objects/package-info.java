/**
 * Databases with one of each kind of object, and what says of two of them whether they are the same: the servers' own
 * client programs, and their own catalogs over JDBC. Nothing here shares code with the product.
 *
 * <p>Read {@link dev.cdp.testkit.objects.PostgresCensus} first.
 */
@NullMarked
package dev.cdp.testkit.objects;

import org.jspecify.annotations.NullMarked;
