/**
 * MariaDB as a source: {@link dev.cdp.capture.binlog.BinlogSource}. Comes in: an address. Goes out: the log of one
 * database ({@code binlog}), consistent copies of its tables, its definition ({@code definition}), and what has to be
 * mended before it can be protected.
 */
@NullMarked
package dev.cdp.capture.binlog;

import org.jspecify.annotations.NullMarked;
