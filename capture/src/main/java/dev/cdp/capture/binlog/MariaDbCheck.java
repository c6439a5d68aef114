package dev.cdp.capture.binlog;

import static dev.cdp.capture.Check.Reach.SOURCE;
import static dev.cdp.capture.CheckFinding.Verdict.FAILED;
import static dev.cdp.capture.CheckFinding.Verdict.WARNING;

import dev.cdp.capture.Check;
import dev.cdp.capture.CheckFinding.Verdict;

/** What is particular to MariaDB; the rest is {@link BinlogCheck}. */
enum MariaDbCheck implements Check {
    VERSION(FAILED, "MariaDB 10.6 or later", "Upgrade the server"),
    LOG_BIN(
            FAILED,
            "the server keeps a binary log",
            "Set log_bin and server_id in the server's configuration and restart it"),
    BINLOG_FORMAT(FAILED, "whole rows are logged, not statements", set("binlog_format", "'ROW'")),
    BINLOG_ROW_IMAGE(FAILED, "rows are logged with all columns, before and after", set("binlog_row_image", "'FULL'")),
    BINLOG_ROW_METADATA(
            FAILED,
            "the log names columns, types, signs, character sets and labels; rows logged before it did cannot be read",
            set("binlog_row_metadata", "'FULL'")),
    LOG_BIN_COMPRESS(FAILED, "events are not compressed", set("log_bin_compress", "OFF")),
    BINLOG_ALTER_TWO_PHASE(
            FAILED,
            "`ALTER TABLE` stands once in the log, not at its beginning and its end",
            set("binlog_alter_two_phase", "OFF")),
    GTID_STRICT_MODE(
            WARNING,
            "`gtid_strict_mode` is `ON`: a mistake in replication could put transactions out of order",
            set("gtid_strict_mode", "ON")),
    SYNC_BINLOG(
            WARNING,
            "`sync_binlog` is `1`: otherwise, after a crash of the machine, the log can lack what the database has",
            set("sync_binlog", "1")),
    BINLOG_EXPIRY(
            WARNING,
            "the log is kept for a day or more: one that expires while cdp is down leaves a gap",
            set("expire_logs_days", "7")),
    BINLOG_TOTAL_SIZE(
            WARNING,
            "`max_binlog_total_size` is `0` (11.4): the log does not go for its size either",
            set("max_binlog_total_size", "0")),
    LOG_REPLICA_UPDATES(
            FAILED,
            "a server that is a replica logs what it takes over",
            "Set log_slave_updates in the server's configuration and restart it"),
    REPLICATION(FAILED, "cdp's user may read the log", "GRANT REPLICATION SLAVE ON *.* TO <user>;"),
    BINLOG_MONITOR(FAILED, "cdp's user may ask for places in the log", "GRANT BINLOG MONITOR ON *.* TO <user>;");

    private final Rule rule;

    MariaDbCheck(Verdict otherwise, String wanted, String mend) {
        this.rule = new Rule(otherwise, SOURCE, wanted, mend);
    }

    private static String set(String variable, String value) {
        return "SET GLOBAL " + variable + " = " + value + ";\nand the same in the server's configuration";
    }

    @Override
    public Rule rule() {
        return rule;
    }
}
