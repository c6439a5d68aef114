package dev.cdp.capture.binlog;

import static dev.cdp.capture.Check.Reach.SOURCE;
import static dev.cdp.capture.CheckFinding.Verdict.FAILED;
import static dev.cdp.capture.CheckFinding.Verdict.WARNING;

import dev.cdp.capture.Check;
import dev.cdp.capture.CheckFinding.Verdict;

/** What is particular to MySQL; the rest is {@link BinlogCheck}. */
enum MySqlCheck implements Check {
    VERSION(FAILED, "MySQL 8.4 or later", "Upgrade the server"),
    LOG_BIN(FAILED, "the server keeps a binary log", "Start the server without skip_log_bin"),
    BINLOG_FORMAT(FAILED, "whole rows are logged, not statements", "SET PERSIST binlog_format = 'ROW';"),
    BINLOG_ROW_IMAGE(
            FAILED, "rows are logged with all columns, before and after", "SET PERSIST binlog_row_image = 'FULL';"),
    BINLOG_ROW_METADATA(
            FAILED,
            "the log names columns, types, signs, character sets and labels; rows logged before it did cannot be read",
            "SET PERSIST binlog_row_metadata = 'FULL';"),
    BINLOG_ROW_VALUE_OPTIONS(
            FAILED,
            "whole JSON values are logged, not what changed in them",
            "SET PERSIST binlog_row_value_options = '';"),
    GTID_MODE(
            FAILED,
            "`gtid_mode` is `ON`: places in the log are sets of GTIDs",
            "SET PERSIST enforce_gtid_consistency = ON;\nSET PERSIST gtid_mode = OFF_PERMISSIVE;\n"
                    + "SET PERSIST gtid_mode = ON_PERMISSIVE;\nSET PERSIST gtid_mode = ON;"),
    GTID_TAGS(
            FAILED,
            "no GTID has a tag",
            "Such a server cannot be protected: what it has committed under tags stays in its GTID sets"),
    LOG_REPLICA_UPDATES(
            FAILED,
            "a server that is a replica logs what it takes over",
            "Set log_replica_updates in the server's configuration and restart it"),
    SHOW_GIPK_IN_CREATE_TABLE_AND_INFORMATION_SCHEMA(
            FAILED,
            "invisible generated keys are columns like others",
            "SET PERSIST show_gipk_in_create_table_and_information_schema = ON;"),
    BINLOG_EXPIRY(
            WARNING,
            "the log is kept for a day or more: one that expires while cdp is down leaves a gap",
            "SET PERSIST binlog_expire_logs_seconds = 604800;"),
    REPLICATION(FAILED, "cdp's user may read the log", "GRANT REPLICATION SLAVE ON *.* TO <user>;"),
    REPLICATION_CLIENT(
            FAILED, "cdp's user may ask for places in the log", "GRANT REPLICATION CLIENT ON *.* TO <user>;"),
    RELOAD(FAILED, "cdp's user may hold commits up while a base begins", "GRANT RELOAD ON *.* TO <user>;"),
    ROUTINES(WARNING, "cdp's user may see the bodies of other users' routines", "GRANT SHOW_ROUTINE ON *.* TO <user>;"),
    JSON(
            WARNING,
            "no JSON columns: values that JSON text has no type for (decimals, dates and times put there by CAST) come"
                    + " back as the numbers and strings they print as",
            "Nothing, if the application writes JSON as text");

    private final Rule rule;

    MySqlCheck(Verdict otherwise, String wanted, String mend) {
        this.rule = new Rule(otherwise, SOURCE, wanted, mend);
    }

    @Override
    public Rule rule() {
        return rule;
    }
}
