/**
 * What tests do to the product on purpose, and what comes of it. {@link dev.cdp.testkit.faults.TcpProxy} stands before any
 * server and fails as networks do; results are recorded, added up and printed.
 */
@NullMarked
package dev.cdp.testkit.faults;

import org.jspecify.annotations.NullMarked;
