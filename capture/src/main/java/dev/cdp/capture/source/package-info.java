/**
 * What capture needs of a database, whatever its kind: {@link dev.cdp.capture.source.SourceDatabase}. Implementations
 * stand in packages of their own, {@code dev.cdp.capture.postgres} and {@code dev.cdp.capture.binlog}.
 */
@NullMarked
package dev.cdp.capture.source;

import org.jspecify.annotations.NullMarked;
