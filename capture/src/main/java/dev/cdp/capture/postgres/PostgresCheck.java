package dev.cdp.capture.postgres;

import static dev.cdp.capture.Check.Reach.SOURCE;
import static dev.cdp.capture.Check.Reach.TABLE;
import static dev.cdp.capture.CheckFinding.Verdict.FAILED;
import static dev.cdp.capture.CheckFinding.Verdict.OK;
import static dev.cdp.capture.CheckFinding.Verdict.WARNING;

import dev.cdp.capture.Check;
import dev.cdp.capture.CheckFinding.Verdict;

/** What protection of a PostgreSQL database depends on. */
enum PostgresCheck implements Check {
    VERSION(FAILED, SOURCE, "version 14 or later", "Upgrade the server"),
    WAL_LEVEL(
            FAILED,
            SOURCE,
            "`wal_level` is `logical`",
            "ALTER SYSTEM SET wal_level = 'logical';\nthen restart the server"),
    ENCODING(FAILED, SOURCE, "the database is encoded in UTF8", "Move the data to a database that is"),
    PRIMARY(FAILED, SOURCE, "the server is no standby", "Name the primary in the configuration"),
    READ_ONLY(
            FAILED,
            SOURCE,
            "transactions of cdp's user may write, for markers",
            "ALTER ROLE <user> SET default_transaction_read_only = off;"),
    SLOT_LIMIT(
            WARNING,
            SOURCE,
            "`max_slot_wal_keep_size` is `-1`",
            "ALTER SYSTEM SET max_slot_wal_keep_size = -1;\nSELECT pg_reload_conf();"),
    SLOT_TIMEOUT(
            WARNING,
            SOURCE,
            "`idle_replication_slot_timeout` is `0` (18)",
            "ALTER SYSTEM SET idle_replication_slot_timeout = 0;\nSELECT pg_reload_conf();"),
    REPLICATION_SLOTS(
            FAILED,
            SOURCE,
            "two free replication slots, the second one for base snapshots",
            "ALTER SYSTEM SET max_replication_slots = <number>;\nthen restart the server"),
    WAL_SENDERS(
            FAILED,
            SOURCE,
            "two free WAL senders",
            "ALTER SYSTEM SET max_wal_senders = <number>;\nthen restart the server"),
    REPLICATION(FAILED, SOURCE, "cdp's user may replicate", "ALTER ROLE <user> REPLICATION;"),
    SUPERUSER(
            FAILED,
            SOURCE,
            "only a superuser can prepare a database, because of event triggers",
            "As a superuser, run what this prints: cdp source add <source> --print"),
    OWN_PRIVILEGES(
            FAILED,
            SOURCE,
            "cdp's user may use the schema `cdp`, whoever made it",
            "GRANT USAGE ON SCHEMA cdp TO <user>;\n"
                    + "GRANT SELECT, UPDATE, DELETE ON ALL TABLES IN SCHEMA cdp TO <user>;"),
    INSTALLED(WARNING, SOURCE, "the database is prepared", "cdp source add <source>"),
    SCHEMA_VERSION(
            FAILED,
            SOURCE,
            "this version of cdp prepared the database",
            "As a superuser: cdp source add <source>\nit upgrades in place, and nothing is lost meanwhile"),
    NEWER_SCHEMA(
            FAILED,
            SOURCE,
            "no newer version of cdp prepared the database",
            "Run that version again; or 'cdp source remove <source>', then 'cdp source add' with this one: a new base"),
    SCOPE(
            FAILED,
            SOURCE,
            "the database knows which tables the configuration includes",
            "As a superuser: cdp source add <source>"),
    EVENT_TRIGGERS_SETTING(
            FAILED,
            SOURCE,
            "`event_triggers` is `on` (17)",
            "ALTER SYSTEM RESET event_triggers;\nSELECT pg_reload_conf();\nor where ALTER ROLE or ALTER DATABASE set it"),
    OWN_OBJECTS(
            FAILED,
            SOURCE,
            "publication and event triggers are as cdp made them",
            "Start the daemon: it puts them back, records a gap and takes a new base"),
    SLOT(
            FAILED,
            SOURCE,
            "the replication slot has lost nothing",
            "Start the daemon: it records a gap and takes a new base"),
    SCHEMA_PRIVILEGES(FAILED, TABLE, "cdp's user may use every schema", "GRANT USAGE ON SCHEMA <schema> TO <user>;"),
    PRIVILEGES(FAILED, TABLE, "cdp's user may read every table and sequence", "GRANT SELECT ON <table> TO <user>;"),
    ROW_SECURITY(FAILED, TABLE, "row-level security hides no rows from cdp's user", "ALTER ROLE <user> BYPASSRLS;"),
    REPLICA_IDENTITY(
            FAILED,
            TABLE,
            "every table has a key that is not deferrable, or its replica identity is `FULL`",
            "ALTER TABLE <table> REPLICA IDENTITY FULL;\nor add a primary key"),
    COLUMNS(
            FAILED,
            TABLE,
            "every table has a column that is not computed",
            "ALTER TABLE <table> ADD COLUMN id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY;"),
    COLUMN_NAMES(
            FAILED,
            TABLE,
            "no two columns of a table differ only by case",
            "ALTER TABLE <table> RENAME COLUMN <column> TO <new-name>;"),
    TABLE_NAMES(
            FAILED,
            TABLE,
            "no name of a table or schema begins or ends with a quotation mark",
            "ALTER <object> RENAME TO <new-name>;"),
    VIRTUAL_COLUMNS(
            FAILED,
            TABLE,
            "no virtual generated column in a full replica identity (18)",
            "ALTER TABLE <table> REPLICA IDENTITY DEFAULT;\nand give it a primary key, if it has none"),
    CHAR_BYTES(
            FAILED,
            TABLE,
            "no column holds `\"char\"`, whose values above 127 are printed as bytes that are no text (14, 15)",
            "ALTER TABLE <table> ALTER COLUMN <column> TYPE text USING <column>::text;\nor upgrade to version 16"),
    UNPUBLISHED(
            FAILED,
            TABLE,
            "every table that can be protected is in the publication",
            "As a superuser: cdp source add <source>"),
    UNLOGGED(WARNING, TABLE, "no table is unlogged: a restore brings it back empty", "ALTER TABLE <table> SET LOGGED;"),
    FOREIGN_TABLES(
            WARNING,
            TABLE,
            "no table is foreign: its rows are elsewhere",
            "Protect the database that has its rows, or leave it so"),
    LARGE_OBJECTS(
            WARNING,
            TABLE,
            "there are no large objects, which no log shows",
            "Keep such data in columns of type bytea"),
    TABLES(OK, SOURCE, "tells how many tables are protected", "");

    private final Rule rule;

    PostgresCheck(Verdict otherwise, Reach reach, String wanted, String mend) {
        this.rule = new Rule(otherwise, reach, wanted, mend);
    }

    @Override
    public Rule rule() {
        return rule;
    }
}
