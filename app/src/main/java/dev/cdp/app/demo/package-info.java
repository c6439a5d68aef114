/**
 * A shop of three services to protect, break and restore. Comes in: a folder. Goes out: on screen, what an operator
 * sees during and after an accident, with the proof counted.
 *
 * <p>{@link dev.cdp.app.demo.Shop} trades; {@link dev.cdp.app.demo.Invariants} says what must hold.
 */
@NullMarked
package dev.cdp.app.demo;

import org.jspecify.annotations.NullMarked;
