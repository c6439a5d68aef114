package dev.cdp.capture.postgres;

import dev.cdp.capture.CheckFinding;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/** Everything that protection of a PostgreSQL database depends on, one finding each. */
final class PostgresChecks {
    private static final int OLDEST_VERSION = 140000;
    private static final String USER_TABLES =
            " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname NOT LIKE 'pg\\_%'"
                    + " AND n.nspname NOT IN ('information_schema', 'cdp') ";
    private static final String KEYLESS = "SELECT format('%I.%I', n.nspname, c.relname)" + USER_TABLES + """
            AND c.relkind = 'r' AND c.relpersistence = 'p' AND c.relreplident <> 'f' AND (c.relreplident = 'n'
            OR NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indimmediate AND i.indisvalid
                AND CASE c.relreplident WHEN 'i' THEN i.indisreplident ELSE i.indisprimary END)) ORDER BY 1""";
    private static final String QUOTED = "SELECT format('%I.%I', n.nspname, c.relname)" + USER_TABLES + """
            AND c.relkind = 'r' AND (c.relname ~ '^"|"$' OR n.nspname ~ '^"|"$') ORDER BY 1""";
    private static final String CASE_TWINS =
            "SELECT DISTINCT format('%I.%I', n.nspname, c.relname)" + USER_TABLES + """
            AND c.relkind = 'r' AND EXISTS (SELECT FROM pg_attribute a JOIN pg_attribute b ON b.attrelid = a.attrelid
                AND b.attnum > a.attnum AND lower(b.attname) = lower(a.attname)
                WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND NOT b.attisdropped) ORDER BY 1""";
    private static final String VIRTUAL_IN_IDENTITY =
            "SELECT DISTINCT format('%I.%I', n.nspname, c.relname)" + USER_TABLES + """
            AND c.relkind = 'r' AND c.relreplident = 'f' AND EXISTS (SELECT FROM pg_attribute a
                WHERE a.attrelid = c.oid AND a.attgenerated = 'v') ORDER BY 1""";
    private static final String PRINTS_BYTES = "SELECT format('%I.%I', n.nspname, c.relname)" + USER_TABLES + """
            AND c.relkind = 'r' AND current_setting('server_version_num')::int < 160000 AND EXISTS (
                WITH RECURSIVE held AS (
                    SELECT atttypid AS oid FROM pg_attribute WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped
                    UNION SELECT part.oid FROM held JOIN pg_type t ON t.oid = held.oid CROSS JOIN LATERAL (
                        SELECT t.typbasetype UNION ALL SELECT t.typelem WHERE t.typcategory = 'A'
                        UNION ALL SELECT rngsubtype FROM pg_range WHERE t.oid IN (rngtypid, rngmultitypid)
                        UNION ALL SELECT atttypid FROM pg_attribute
                            WHERE attrelid = t.typrelid AND attnum > 0 AND NOT attisdropped) part (oid))
                SELECT FROM held WHERE oid = '"char"'::regtype) ORDER BY 1""";
    private static final String UNLOGGED = "SELECT format('%I.%I', n.nspname, c.relname)" + USER_TABLES
            + "AND c.relkind = 'r' AND c.relpersistence = 'u'";
    private static final String FOREIGN =
            "SELECT format('%I.%I', n.nspname, c.relname)" + USER_TABLES + "AND c.relkind = 'f'";

    private final Connection connection;
    private final List<CheckFinding> findings = new ArrayList<>();

    private PostgresChecks(Connection connection) {
        this.connection = connection;
    }

    static List<CheckFinding> run(Connection connection, String slot) throws SQLException {
        PostgresChecks checks = new PostgresChecks(connection);
        checks.server();
        checks.room(slot);
        checks.user();
        checks.installation(slot);
        checks.tables();
        return List.copyOf(checks.findings);
    }

    private void server() throws SQLException {
        String version = value("SHOW server_version");
        boolean known = Integer.parseInt(value("SHOW server_version_num")) >= OLDEST_VERSION;
        findings.add(
                known
                        ? CheckFinding.ok("version", "PostgreSQL " + version)
                        : CheckFinding.failed("version", "PostgreSQL " + version, "Version 14 or later is needed"));
        String level = value("SHOW wal_level");
        findings.add(
                level.equals("logical")
                        ? CheckFinding.ok("wal-level", "logical")
                        : CheckFinding.failed(
                                "wal-level",
                                "wal_level is " + level,
                                "ALTER SYSTEM SET wal_level = 'logical'; then restart the server"));
        String encoding = value("SHOW server_encoding");
        findings.add(
                encoding.equals("UTF8")
                        ? CheckFinding.ok("encoding", encoding)
                        : CheckFinding.failed(
                                "encoding", "The database is encoded in " + encoding, "Only UTF8 can be captured"));
        if (value("SELECT pg_is_in_recovery()").equals("t")) {
            findings.add(CheckFinding.failed("primary", "The server is a standby", "Name the primary instead"));
        }
        String kept = value("SHOW max_slot_wal_keep_size");
        if (!kept.equals("-1")) {
            findings.add(CheckFinding.warning(
                    "slot-limit",
                    "max_slot_wal_keep_size is " + kept + ": a longer stop of cdp loses the place in the log",
                    "ALTER SYSTEM SET max_slot_wal_keep_size = -1; SELECT pg_reload_conf()"));
        }
    }

    private void room(String slot) throws SQLException {
        limit(
                "replication-slots",
                "max_replication_slots",
                "SELECT count(*) FROM pg_replication_slots WHERE slot_name <> '" + slot.replace("'", "''") + "'");
        limit(
                "wal-senders",
                "max_wal_senders",
                "SELECT count(*) FROM pg_stat_replication WHERE application_name <> 'cdp'");
    }

    /** A base snapshot takes a second one for a moment. */
    private void limit(String check, String setting, String usedQuery) throws SQLException {
        long limit = Long.parseLong(value("SHOW " + setting));
        long used = Long.parseLong(value(usedQuery));
        String what = used + " of " + limit + " in use by others";
        findings.add(
                used + 2 <= limit
                        ? CheckFinding.ok(check, what)
                        : CheckFinding.failed(
                                check,
                                what + "; cdp needs 2",
                                "ALTER SYSTEM SET " + setting + " = " + (used + 4) + "; then restart the server"));
    }

    private void user() throws SQLException {
        String user = value("SELECT quote_ident(current_user)");
        boolean superuser = value("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
                .equals("t");
        boolean replication = value("SELECT rolreplication FROM pg_roles WHERE rolname = current_user")
                .equals("t");
        findings.add(
                superuser || replication
                        ? CheckFinding.ok("replication", user + " may replicate")
                        : CheckFinding.failed(
                                "replication", user + " may not replicate", "ALTER ROLE " + user + " REPLICATION"));
        if (!superuser && value("SELECT to_regnamespace('cdp') IS NULL").equals("t")) {
            findings.add(CheckFinding.failed(
                    "event-triggers",
                    user + " may not make event triggers",
                    "Run what 'cdp source add' prints as a superuser"));
        }
        List<String> unreadable = list("SELECT format('%I.%I', n.nspname, c.relname)" + USER_TABLES
                + "AND c.relkind = 'r' AND NOT has_table_privilege(c.oid, 'SELECT') ORDER BY 1");
        for (String table : unreadable) {
            findings.add(CheckFinding.failed(
                    "privileges", user + " may not read " + table, "GRANT SELECT ON " + table + " TO " + user));
        }
    }

    private void installation(String slot) throws SQLException {
        if (value("SELECT to_regnamespace('cdp') IS NULL").equals("t")) {
            findings.add(
                    CheckFinding.warning("installed", "The schema cdp is not there yet", "'cdp source add' makes it"));
            return;
        }
        long triggers = Long.parseLong(
                value("SELECT count(*) FROM pg_event_trigger WHERE evtname IN ('cdp_ddl', 'cdp_drop', 'cdp_rewrite')"
                        + " AND evtenabled = 'A'"));
        findings.add(
                triggers == 3
                        ? CheckFinding.ok(
                                "installed", "The schema cdp, its publication and its event triggers are there")
                        : CheckFinding.failed(
                                "installed",
                                "Only " + triggers + " of 3 event triggers are enabled: schema changes go unseen",
                                "'cdp source remove', then 'cdp source add'"));
        try (PreparedStatement statement = connection.prepareStatement(
                "SELECT wal_status, pg_size_pretty(pg_current_wal_lsn() - restart_lsn) FROM pg_replication_slots"
                        + " WHERE slot_name = ?")) {
            statement.setString(1, slot);
            try (ResultSet row = statement.executeQuery()) {
                if (row.next()) {
                    boolean lost = "lost".equals(row.getString(1));
                    findings.add(
                            lost
                                    ? CheckFinding.failed(
                                            "slot",
                                            "Slot '" + slot + "' has lost log that it needed",
                                            "Start the daemon: it records a gap and takes a new base")
                                    : CheckFinding.ok("slot", "Slot '" + slot + "' keeps " + row.getString(2)));
                }
            }
        }
    }

    private void tables() throws SQLException {
        for (String table : list(KEYLESS)) {
            findings.add(CheckFinding.failed(
                    "replica-identity",
                    table + " has no usable key, so its updates and deletes are not in the log",
                    "ALTER TABLE " + table + " REPLICA IDENTITY FULL, or add a primary key"));
        }
        for (String table : list(CASE_TWINS)) {
            findings.add(CheckFinding.failed(
                    "column-names", table + " has columns that differ only by case", "Rename one of them"));
        }
        for (String table : list(QUOTED)) {
            findings.add(CheckFinding.failed(
                    "table-names",
                    table + " has a name or a schema that begins or ends with a quotation mark, and changes of it would"
                            + " be lost",
                    "Rename it"));
        }
        for (String table : list(VIRTUAL_IN_IDENTITY)) {
            findings.add(CheckFinding.failed(
                    "virtual-columns",
                    table + " has REPLICA IDENTITY FULL and virtual generated columns: PostgreSQL would refuse its"
                            + " updates if it were published",
                    "Give it a primary key and ALTER TABLE " + table + " REPLICA IDENTITY DEFAULT"));
        }
        for (String table : list(PRINTS_BYTES)) {
            findings.add(CheckFinding.failed(
                    "char-bytes",
                    table + " has a column of type \"char\": this version of PostgreSQL prints its values above 127 as"
                            + " bytes that are no text",
                    "ALTER the column's TYPE to text or char(1), or upgrade to version 16"));
        }
        for (String table : list(UNLOGGED)) {
            findings.add(CheckFinding.warning(
                    "unlogged",
                    table + " is not logged: a restore brings it back empty",
                    "ALTER TABLE " + table + " SET LOGGED"));
        }
        for (String table : list(FOREIGN)) {
            findings.add(CheckFinding.warning("foreign", table + " is a foreign table: its rows are elsewhere", ""));
        }
        if (!value("SELECT count(*) FROM pg_largeobject_metadata").equals("0")) {
            findings.add(CheckFinding.warning(
                    "large-objects",
                    "The database has large objects, which no log shows",
                    "Keep such data in bytea columns"));
        }
    }

    private String value(String sql) throws SQLException {
        return list(sql).get(0);
    }

    private List<String> list(String sql) throws SQLException {
        List<String> values = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            while (row.next()) {
                values.add(row.getString(1));
            }
        }
        return values;
    }
}
