package dev.cdp.capture.binlog;

import static dev.cdp.capture.Check.Reach.SOURCE;
import static dev.cdp.capture.Check.Reach.TABLE;
import static dev.cdp.capture.CheckFinding.Verdict.FAILED;
import static dev.cdp.capture.CheckFinding.Verdict.OK;
import static dev.cdp.capture.CheckFinding.Verdict.WARNING;

import dev.cdp.capture.Check;
import dev.cdp.capture.CheckFinding.Verdict;

/** What protection of a database depends on, whichever server with a binary log has it. */
enum BinlogCheck implements Check {
    NAMES(
            FAILED,
            SOURCE,
            "`lower_case_table_names` is `0`: statements in the log name tables as they were typed",
            "Such a server cannot be protected: the setting is fixed when a server is set up"),
    BINLOG_FILTERS(
            FAILED,
            SOURCE,
            "no `binlog_do_db` and no `binlog_ignore_db`",
            "Remove binlog_do_db and binlog_ignore_db from the server's configuration and restart it"),
    PRIVILEGES(
            FAILED,
            SOURCE,
            "cdp's user has `SELECT`, `SHOW VIEW`, `TRIGGER` and `EVENT` on the database",
            "GRANT <privilege> ON <database>.* TO <user>;"),
    MARKER_PRIVILEGES(FAILED, SOURCE, "cdp's user may use the database `cdp`", "GRANT ALL ON cdp.* TO <user>;"),
    INSTALLED(WARNING, SOURCE, "the table of markers is there", "cdp source add <source>"),
    MARKER_VERSION(
            FAILED,
            SOURCE,
            "this version of cdp, and no newer one, made the table of markers",
            "cdp source add <source>\nit upgrades in place; what a newer version made needs that version again"),
    TABLE_ENGINE(
            FAILED, TABLE, "tables are InnoDB's: others have no transactions", "ALTER TABLE <table> ENGINE=InnoDB;"),
    TABLE_VERSIONING(
            FAILED,
            TABLE,
            "no table is system-versioned: the log does not tell rows of its history from present ones",
            "ALTER TABLE <table> DROP SYSTEM VERSIONING;\nwhich forgets the history of its rows"),
    TABLE_COMPRESSED(
            FAILED,
            TABLE,
            "no column is `COMPRESSED`",
            "ALTER TABLE <table> and MODIFY the column <column>, with all of its definition but COMPRESSED"),
    TABLE_TIMES(
            FAILED,
            TABLE,
            "no column has the format of times from before `mysql56_temporal_format`",
            "SET GLOBAL mysql56_temporal_format = ON;\nALTER TABLE <table> FORCE;"),
    TABLE_SET_LABELS(
            FAILED,
            TABLE,
            "no `SET` has an empty label, with which different values print alike",
            "ALTER TABLE <table> and MODIFY the column <column>, with a name for the empty label"),
    TABLE_ENUM_LABELS(
            WARNING,
            TABLE,
            "no `ENUM` has an empty label: the value 0, which prints like it, is refused when a row has it",
            "ALTER TABLE <table> and MODIFY the column <column>, with a name for the empty label"),
    TABLE_CASCADE(
            WARNING,
            TABLE,
            "foreign keys have no actions of their own, which the server does not log: a table they reach cannot be"
                    + " restored until its next base, which is then taken",
            "Use ON DELETE RESTRICT and ON UPDATE RESTRICT, and let the application change the rows"),
    TABLES(OK, SOURCE, "tells how many tables are protected", "");

    private final Rule rule;

    BinlogCheck(Verdict otherwise, Reach reach, String wanted, String mend) {
        this.rule = new Rule(otherwise, reach, wanted, mend);
    }

    @Override
    public Rule rule() {
        return rule;
    }
}
