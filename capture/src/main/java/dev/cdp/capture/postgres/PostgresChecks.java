package dev.cdp.capture.postgres;

import dev.cdp.capture.CheckFinding;
import dev.cdp.capture.source.TableScope;
import dev.cdp.core.SourceId;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** Everything that protection of a PostgreSQL database depends on, with what is not protected by name. */
final class PostgresChecks {
    private static final int OLDEST_VERSION = 140000;

    private final SourceId source;
    private final Connection connection;
    private final Catalog catalog;
    private final String user;
    private final boolean isSuperuser;
    private final List<CheckFinding> findings = new ArrayList<>();

    private PostgresChecks(SourceId source, Connection connection) throws SQLException {
        this.source = source;
        this.connection = connection;
        this.catalog = new Catalog(connection);
        this.user = catalog.value("SELECT quote_ident(current_user)");
        this.isSuperuser = catalog.holds("SELECT rolsuper FROM pg_roles WHERE rolname = current_user");
    }

    /** The catalog, asked for single values. */
    record Catalog(Connection connection) {
        String value(String sql) throws SQLException {
            return rows(sql).get(0).get(0);
        }

        boolean holds(String sql) throws SQLException {
            return value(sql).equals("t");
        }

        List<List<String>> rows(String sql) throws SQLException {
            List<List<String>> rows = new ArrayList<>();
            try (PreparedStatement statement = connection.prepareStatement(sql);
                    ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    List<String> values = new ArrayList<>();
                    for (int i = 1; i <= row.getMetaData().getColumnCount(); i++) {
                        values.add(row.getString(i));
                    }
                    rows.add(values);
                }
            }
            return rows;
        }
    }

    static List<CheckFinding> run(SourceId source, Connection connection, String slot, TableScope scope)
            throws SQLException {
        PostgresChecks checks = new PostgresChecks(source, connection);
        checks.server();
        checks.room(slot);
        checks.user();
        checks.findings.addAll(TableChecks.run(checks.catalog, scope, checks.user));
        if (checks.isUsable()) {
            checks.installation(scope);
        }
        checks.slot(slot);
        return List.copyOf(checks.findings);
    }

    private void server() throws SQLException {
        String version = catalog.value("SHOW server_version");
        int number = Integer.parseInt(catalog.value("SHOW server_version_num"));
        add(PostgresCheck.VERSION, number >= OLDEST_VERSION, "PostgreSQL " + version);
        String level = catalog.value("SHOW wal_level");
        add(PostgresCheck.WAL_LEVEL, level.equals("logical"), "wal_level is " + level);
        String encoding = catalog.value("SHOW server_encoding");
        add(PostgresCheck.ENCODING, encoding.equals("UTF8"), "The database is encoded in " + encoding);
        if (catalog.holds("SELECT pg_is_in_recovery()")) {
            findings.add(PostgresCheck.PRIMARY.wrong("The server is a standby"));
        } else if (catalog.value("SHOW default_transaction_read_only").equals("on")) {
            findings.add(PostgresCheck.READ_ONLY.wrong(
                    "default_transaction_read_only is on for " + user + ": markers cannot be written", user));
        }
        String kept = catalog.value("SHOW max_slot_wal_keep_size");
        if (!kept.equals("-1")) {
            findings.add(PostgresCheck.SLOT_LIMIT.wrong(
                    "max_slot_wal_keep_size is " + kept + ": a longer stop of cdp loses the place in the log"));
        }
        String idle = setting("idle_replication_slot_timeout");
        if (!idle.isEmpty() && !idle.equals("0")) {
            findings.add(PostgresCheck.SLOT_TIMEOUT.wrong(
                    "idle_replication_slot_timeout is " + idle + ": a longer stop of cdp loses the place in the log"));
        }
        if (setting("event_triggers").equals("off")) {
            findings.add(PostgresCheck.EVENT_TRIGGERS_SETTING.wrong(
                    "event_triggers is off: changes of definition go unseen"));
        }
    }

    /** Empty where the server does not know it. */
    private String setting(String name) throws SQLException {
        return catalog.value("SELECT coalesce(current_setting('" + name + "', true), '')");
    }

    private void add(PostgresCheck check, boolean holds, String what) {
        findings.add(holds ? check.fine(what) : check.wrong(what));
    }

    private void room(String slot) throws SQLException {
        limit(
                PostgresCheck.REPLICATION_SLOTS,
                "max_replication_slots",
                "SELECT count(*) FROM pg_replication_slots WHERE slot_name <> '" + slot.replace("'", "''") + "'");
        limit(
                PostgresCheck.WAL_SENDERS,
                "max_wal_senders",
                "SELECT count(*) FROM pg_stat_replication WHERE application_name <> 'cdp'");
    }

    private void limit(PostgresCheck check, String setting, String usedQuery) throws SQLException {
        long limit = Long.parseLong(catalog.value("SHOW " + setting));
        long used = Long.parseLong(catalog.value(usedQuery));
        String what = used + " of " + limit + " in use by others";
        findings.add(
                used + 2 <= limit ? check.fine(what) : check.wrong(what + "; cdp needs 2", Long.toString(used + 4)));
    }

    private void user() throws SQLException {
        boolean replicates =
                isSuperuser || catalog.holds("SELECT rolreplication FROM pg_roles WHERE rolname = current_user");
        findings.add(
                replicates
                        ? PostgresCheck.REPLICATION.fine(user + " may replicate")
                        : PostgresCheck.REPLICATION.wrong(user + " may not replicate", user));
    }

    /** Whether the schema cdp is there, and we may look into it. */
    private boolean isUsable() throws SQLException {
        if (catalog.holds("SELECT to_regnamespace('cdp') IS NULL")) {
            findings.add(PostgresCheck.INSTALLED.wrong("The schema cdp is not there yet", source.name()));
            if (!isSuperuser) {
                findings.add(PostgresCheck.SUPERUSER.wrong(user + " may not make event triggers", source.name()));
            }
            return false;
        }
        findings.add(PostgresCheck.INSTALLED.fine("The schema cdp is there"));
        boolean isAllowed = catalog.holds("""
                SELECT has_schema_privilege('cdp', 'USAGE') AND NOT EXISTS (SELECT FROM pg_class
                    WHERE relnamespace = 'cdp'::regnamespace AND relkind = 'r'
                        AND NOT (has_table_privilege(oid, 'SELECT') AND has_table_privilege(oid, 'UPDATE')
                            AND has_table_privilege(oid, 'DELETE')))""");
        if (!isAllowed) {
            findings.add(PostgresCheck.OWN_PRIVILEGES.wrong(user + " may not use all of the schema cdp", user));
        }
        return isAllowed;
    }

    private void installation(TableScope scope) throws SQLException {
        int version = CdpSchema.installedVersion(connection);
        if (version > CdpSchema.VERSION) {
            findings.add(PostgresCheck.NEWER_SCHEMA.wrong(
                    "The schema cdp is of version " + version + ", this is version " + CdpSchema.VERSION,
                    source.name()));
        } else if (version < CdpSchema.VERSION) {
            findings.add(PostgresCheck.SCHEMA_VERSION.wrong(
                    "The schema cdp is of version " + version + " instead of " + CdpSchema.VERSION, source.name()));
        } else {
            findings.add(PostgresCheck.SCHEMA_VERSION.fine("The schema cdp is of version " + version));
            present(scope);
        }
    }

    /** What only a schema of our own version can be asked. */
    private void present(TableScope scope) throws SQLException {
        if (!CdpSchema.isScoped(connection, scope)) {
            findings.add(PostgresCheck.SCOPE.wrong(
                    "The configuration includes or excludes other tables than when the database was prepared",
                    source.name()));
        }
        String disturbed = catalog.value("SELECT cdp.disturbed()");
        findings.add(
                disturbed == null
                        ? PostgresCheck.OWN_OBJECTS.fine("Publication and event triggers are as cdp made them")
                        : PostgresCheck.OWN_OBJECTS.wrong("Somebody changed what cdp made: " + disturbed));
        for (List<String> table : catalog.rows(TableChecks.UNPUBLISHED)) {
            findings.add(PostgresCheck.UNPUBLISHED.wrong(
                    table.get(0) + " is not in the publication, so its changes are not in the log", source.name()));
        }
        findings.add(PostgresCheck.TABLES.fine(catalog.value(TableChecks.PROTECTED)));
    }

    private void slot(String slot) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "SELECT wal_status = 'lost', pg_size_pretty(pg_current_wal_lsn() - restart_lsn)"
                        + " FROM pg_replication_slots WHERE slot_name = ? AND NOT pg_is_in_recovery()")) {
            statement.setString(1, slot);
            try (ResultSet row = statement.executeQuery()) {
                if (row.next()) {
                    findings.add(
                            row.getBoolean(1)
                                    ? PostgresCheck.SLOT.wrong("Slot '" + slot + "' has lost log that it needed")
                                    : PostgresCheck.SLOT.fine("Slot '" + slot + "' keeps " + row.getString(2)));
                }
            }
        }
    }
}
