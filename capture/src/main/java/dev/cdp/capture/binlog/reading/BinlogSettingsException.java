package dev.cdp.capture.binlog.reading;

import dev.cdp.core.CdpException;
import dev.cdp.core.ErrorCode;
import dev.cdp.core.TableName;

/** The binary log was written under settings that leave out what has to be known of a change. */
public final class BinlogSettingsException extends CdpException {
    private static final long serialVersionUID = 1;

    private BinlogSettingsException(String message, String next) {
        super(ErrorCode.SOURCE_SETTINGS_WRONG, message, next);
    }

    static BinlogSettingsException partialRows(TableName table) {
        return new BinlogSettingsException(
                "The binary log holds only parts of changed rows of table " + table,
                "Run SET GLOBAL binlog_row_image = 'FULL', keep sessions from changing it, then take a new base");
    }

    static BinlogSettingsException namesMissing(TableName table) {
        return new BinlogSettingsException(
                "The binary log does not name the columns of table " + table,
                "Run SET GLOBAL binlog_row_metadata = 'FULL', then take a new base: changes logged before cannot be read");
    }

    static BinlogSettingsException statementLogged(String statementStart) {
        return new BinlogSettingsException(
                "The binary log holds a change as a statement instead of as rows: " + statementStart,
                "Run SET GLOBAL binlog_format = 'ROW', keep sessions from changing it, then take a new base");
    }

    static BinlogSettingsException compressed() {
        return new BinlogSettingsException(
                "The binary log holds compressed events",
                "Run SET GLOBAL log_bin_compress = OFF, then take a new base: compressed changes are not read");
    }

    static BinlogSettingsException partialJson(TableName table) {
        return new BinlogSettingsException(
                "The binary log holds only parts of changed JSON values of table " + table,
                "Run SET GLOBAL binlog_row_value_options = '', keep sessions from changing it, then take a new base");
    }

    static BinlogSettingsException gtidsMissing() {
        return new BinlogSettingsException(
                "The binary log holds a transaction without a GTID",
                "Set gtid_mode = ON and enforce_gtid_consistency = ON, then take a new base");
    }

    static BinlogSettingsException taggedGtid() {
        return new BinlogSettingsException(
                "The binary log holds a transaction whose GTID has a tag, which this version cannot follow",
                "Keep sessions from setting gtid_next = 'AUTOMATIC:tag', then take a new base");
    }

    static BinlogSettingsException distributedTransaction(String gtid) {
        return new BinlogSettingsException(
                "Transaction " + gtid + " is a prepared XA transaction, whose outcome comes later in the log",
                "XA transactions are not protected: finish them, then take a new base");
    }

    static BinlogSettingsException incident(String at) {
        return new BinlogSettingsException(
                "The server says that its binary log lacks events, at " + at,
                "Take a new base; see the server's error log for what it could not write");
    }
}
