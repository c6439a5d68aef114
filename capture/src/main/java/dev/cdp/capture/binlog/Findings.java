package dev.cdp.capture.binlog;

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

    /** Adds whether a global setting has the one right value. */
    boolean setting(String name, String wanted, String mend) throws SQLException {
        String value = text("SELECT @@GLOBAL." + name);
        String check = name.replace('_', '-');
        boolean right = value.equalsIgnoreCase(wanted);
        add(
                right
                        ? CheckFinding.ok(check, value.isEmpty() ? "not set" : value)
                        : CheckFinding.failed(
                                check,
                                name + " is " + value + " instead of " + (wanted.isEmpty() ? "empty" : wanted),
                                mend));
        return right;
    }

    /** Adds for how long the server keeps its log. */
    void expiry(long seconds, String mend) {
        if (seconds == 0) {
            add(CheckFinding.ok("binlog-expiry", "Binary logs are kept"));
        } else if (seconds < 86_400) {
            add(CheckFinding.warning(
                    "binlog-expiry",
                    "Binary logs are removed after " + seconds + " s: a longer stop of cdp leaves a gap",
                    mend));
        } else {
            add(CheckFinding.ok("binlog-expiry", "Binary logs are kept for " + seconds + " s"));
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

    void privilege(String check, boolean held, String privilege) throws SQLException {
        String account = account();
        add(
                held
                        ? CheckFinding.ok(check, account + " has " + privilege)
                        : CheckFinding.failed(
                                check, account + " lacks " + privilege, "GRANT " + privilege + " TO " + account));
    }

    /** Adds the rights that reading a database and its definition needs. */
    void databasePrivileges(Privileges privileges, String database) throws SQLException {
        for (String needed : DATABASE_PRIVILEGES) {
            privilege("privileges", privileges.has(needed), needed + " ON " + Names.quoted(database) + ".*");
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
                add(CheckFinding.failed(
                        "binlog-filters",
                        "The server leaves databases out of its log (only: '" + only + "', without: '" + without + "')",
                        "Remove binlog_do_db and binlog_ignore_db from the server's configuration and restart it"));
            }
        } catch (SQLException e) {
            add(CheckFinding.warning(
                    "binlog-filters", "Cannot tell whether the log leaves databases out: " + e.getMessage(), ""));
        }
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
