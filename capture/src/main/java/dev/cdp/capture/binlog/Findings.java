package dev.cdp.capture.binlog;

import dev.cdp.capture.Check;
import dev.cdp.capture.CheckFinding;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/** Findings about one server as they add up, and the ways to ask it. */
final class Findings {
    // Rows, and with the others the definitions of views, triggers and events.
    private static final List<String> DATABASE_PRIVILEGES = List.of("SELECT", "SHOW VIEW", "TRIGGER", "EVENT");
    private static final List<String> OWN_PRIVILEGES = List.of("SELECT", "INSERT", "UPDATE", "CREATE", "ALTER", "DROP");

    private final Connection connection;
    private final List<CheckFinding> findings = new ArrayList<>();

    Findings(Connection connection) {
        this.connection = connection;
    }

    void add(CheckFinding finding) {
        findings.add(finding);
    }

    List<CheckFinding> all() {
        return List.copyOf(findings);
    }

    /** Adds whether a global setting has the one right value; it is named like the check. */
    boolean setting(Check check, String wanted) throws SQLException {
        String name = check.id().replace('-', '_');
        String value = text("SELECT @@GLOBAL." + name);
        boolean right = value.equalsIgnoreCase(wanted);
        add(
                right
                        ? check.fine(value.isEmpty() ? "not set" : value)
                        : check.wrong(name + " is " + value + " instead of " + (wanted.isEmpty() ? "empty" : wanted)));
        return right;
    }

    /** Adds for how long the server keeps its log. */
    void expiry(Check check, long seconds) {
        if (seconds == 0) {
            add(check.fine("Binary logs are kept"));
        } else if (seconds < 86_400) {
            add(check.wrong("Binary logs are removed after " + seconds + " s: a longer stop of cdp leaves a gap"));
        } else {
            add(check.fine("Binary logs are kept for " + seconds + " s"));
        }
    }

    /** The user that is signed in, as GRANT names it. */
    String account() throws SQLException {
        return "'" + text("SELECT CURRENT_USER()").replace("@", "'@'") + "'";
    }

    /** @param grantsStatement prints the user's rights, one grant a row */
    Privileges privileges(String database, String grantsStatement) throws SQLException {
        return new Privileges(list(grantsStatement), database);
    }

    /** Adds whether the user may do something on the whole server. */
    void privilege(Check check, boolean held, String privilege) throws SQLException {
        String account = account();
        add(held ? check.fine(account + " has " + privilege) : check.wrong(account + " lacks " + privilege, account));
    }

    /** Adds the rights that reading a database and its definition needs, and writing markers. */
    void databasePrivileges(String database, String grantsStatement) throws SQLException {
        String account = account();
        Privileges privileges = privileges(database, grantsStatement);
        for (String needed : DATABASE_PRIVILEGES) {
            add(
                    privileges.has(needed)
                            ? BinlogCheck.PRIVILEGES.fine(account + " has " + needed + " on " + database)
                            : BinlogCheck.PRIVILEGES.wrong(
                                    account + " lacks " + needed + " on " + database,
                                    needed,
                                    Names.quoted(database),
                                    account));
        }
        Privileges own = privileges(MarkerTable.DATABASE, grantsStatement);
        if (!OWN_PRIVILEGES.stream().allMatch(own::has)) {
            add(BinlogCheck.MARKER_PRIVILEGES.wrong(
                    account + " may not do everything in the database " + MarkerTable.DATABASE, account));
        }
    }

    /** Adds a failure when the server is told to leave databases out of its log. */
    void filters(String statusStatement) {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(statusStatement)) {
            if (!row.next()) {
                return;
            }
            String only = row.getString("Binlog_Do_DB");
            String without = row.getString("Binlog_Ignore_DB");
            if (!only.isEmpty() || !without.isEmpty()) {
                add(BinlogCheck.BINLOG_FILTERS.wrong("The server leaves databases out of its log (only: '" + only
                        + "', without: '" + without + "')"));
            }
        } catch (SQLException e) { // for want of a privilege, which is a finding of its own
            add(BinlogCheck.BINLOG_FILTERS.wrong(
                    "Cannot tell whether the log leaves databases out: " + e.getMessage()));
        }
    }

    /** Of MariaDB's; empty where the server does not know it. */
    String variable(String name) throws SQLException {
        return text(
                "SELECT VARIABLE_VALUE FROM information_schema.GLOBAL_VARIABLES WHERE VARIABLE_NAME = '" + name + "'");
    }

    /** Of MariaDB's. */
    String status(String name) throws SQLException {
        return text("SELECT VARIABLE_VALUE FROM information_schema.GLOBAL_STATUS WHERE VARIABLE_NAME = '" + name + "'");
    }

    String text(String sql) throws SQLException {
        List<String> rows = list(sql);
        return rows.isEmpty() ? "" : rows.get(0);
    }

    List<String> list(String sql) throws SQLException {
        List<String> rows = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            while (row.next()) {
                String value = row.getString(1);
                rows.add(value == null ? "" : value);
            }
        }
        return rows;
    }
}
