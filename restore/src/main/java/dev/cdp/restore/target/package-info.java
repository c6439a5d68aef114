/**
 * The databases restores write into: {@link dev.cdp.restore.target.TargetDatabase}, one implementation per engine. No
 * other package speaks JDBC.
 */
@NullMarked
package dev.cdp.restore.target;

import org.jspecify.annotations.NullMarked;
