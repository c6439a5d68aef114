package dev.cdp.capture.binlog.reading;

import dev.cdp.core.TableName;

/**
 * What of a server's binary log is ours.
 *
 * @param database whose tables are captured
 * @param markers the table of our own markers, which stands outside of that database
 */
public record BinlogScope(String database, TableName markers) {}
