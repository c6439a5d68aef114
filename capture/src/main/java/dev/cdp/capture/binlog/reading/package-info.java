/**
 * Reads MariaDB's binary log. Comes in: where to read and from which position. Goes out: {@link
 * dev.cdp.capture.log.LogEvent} with values as the archive carries them. Read {@link
 * dev.cdp.capture.binlog.reading.BinlogLog} first.
 *
 * <p>The connection is Debezium's binlog client; decoding is ours. Each table map event names the columns with types,
 * signs, character sets, labels and key at its own place in the log ({@code binlog_row_metadata=FULL}), so old rows are
 * never decoded with new columns, and no statement has to be parsed to read a row.
 */
@NullMarked
package dev.cdp.capture.binlog.reading;

import org.jspecify.annotations.NullMarked;
