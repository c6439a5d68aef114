/**
 * Real servers for tests, started on first use, shared by all tests of one JVM and gone with it. Each test takes a
 * database, a topic prefix or a bucket of its own, so that tests need not clean up; a test that stops or kills a server
 * starts one of its own in a temporary directory ({@link dev.cdp.embedded}).
 *
 * <p>Read {@link dev.cdp.testkit.services.TestPostgres} first; the others look alike.
 */
@NullMarked
package dev.cdp.testkit.services;

import org.jspecify.annotations.NullMarked;
