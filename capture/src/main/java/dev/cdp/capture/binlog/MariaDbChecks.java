package dev.cdp.capture.binlog;

import dev.cdp.capture.CheckFinding;
import dev.cdp.capture.binlog.MariaDbCatalog.Listed;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Everything that protection of a MariaDB database depends on, one finding each. */
final class MariaDbChecks {
    /** Findings about a single table: the others can be protected without it. */
    static final String TABLE_PREFIX = "table";

    private static final Duration SHORTEST_EXPIRY = Duration.ofDays(1);
    private static final int SECONDS_PER_DAY = 86_400;
    // Rows, and with the others the definitions of views, triggers and events.
    private static final List<String> DATABASE_PRIVILEGES = List.of("SELECT", "SHOW VIEW", "TRIGGER", "EVENT");

    private final Connection connection;
    private final MariaDbCatalog catalog;
    private final MarkerTable markers;
    private final List<CheckFinding> findings = new ArrayList<>();

    private MariaDbChecks(Connection connection, MariaDbCatalog catalog, MarkerTable markers) {
        this.connection = connection;
        this.catalog = catalog;
        this.markers = markers;
    }

    static List<CheckFinding> run(Connection connection, MariaDbCatalog catalog, MarkerTable markers)
            throws SQLException {
        MariaDbChecks checks = new MariaDbChecks(connection, catalog, markers);
        checks.version();
        checks.names();
        if (checks.log()) {
            checks.user();
            checks.filters();
        }
        checks.installation();
        checks.tables();
        return List.copyOf(checks.findings);
    }

    private void version() throws SQLException {
        String version = text("SELECT VERSION()");
        boolean known = version.contains("MariaDB") && Integer.parseInt(version.split("\\.")[0]) >= 10;
        findings.add(
                known
                        ? CheckFinding.ok("version", version)
                        : CheckFinding.failed("version", version, "MariaDB 10.6 or later is needed"));
    }

    /** Statements of the log name tables as they were typed, so the server has to take case seriously. */
    private void names() throws SQLException {
        String folding = text("SELECT @@lower_case_table_names");
        findings.add(
                folding.equals("0")
                        ? CheckFinding.ok("names", "Names of tables keep their case")
                        : CheckFinding.failed(
                                "names",
                                "lower_case_table_names is " + folding + " instead of 0",
                                "Such a server cannot be protected; the setting is fixed when a server is set up"));
    }

    /** @return whether there is a log to look at further */
    private boolean log() throws SQLException {
        if (!setting("log_bin", "1", "Set log_bin and server_id in the server's configuration and restart it")) {
            return false;
        }
        setting("binlog_format", "ROW", "SET GLOBAL binlog_format = 'ROW'");
        setting("binlog_row_image", "FULL", "SET GLOBAL binlog_row_image = 'FULL'");
        setting("binlog_row_metadata", "FULL", "SET GLOBAL binlog_row_metadata = 'FULL'");
        setting("log_bin_compress", "0", "SET GLOBAL log_bin_compress = OFF");
        if (!text("SELECT @@gtid_strict_mode").equals("1")) {
            findings.add(CheckFinding.warning(
                    "gtid-strict-mode",
                    "gtid_strict_mode is OFF: a mistake in replication could put transactions out of order",
                    "SET GLOBAL gtid_strict_mode = ON"));
        }
        expiry();
        return true;
    }

    private boolean setting(String name, String wanted, String mend) throws SQLException {
        String value = text("SELECT @@GLOBAL." + name);
        String check = name.replace('_', '-');
        boolean right = value.equalsIgnoreCase(wanted);
        findings.add(
                right
                        ? CheckFinding.ok(check, value)
                        : CheckFinding.failed(check, name + " is " + value + " instead of " + wanted, mend));
        return right;
    }

    private void expiry() throws SQLException {
        long seconds = (long) (Double.parseDouble(text("SELECT @@expire_logs_days")) * SECONDS_PER_DAY);
        if (seconds == 0) {
            findings.add(CheckFinding.ok("binlog-expiry", "Binary logs are kept"));
        } else if (seconds < SHORTEST_EXPIRY.toSeconds()) {
            findings.add(CheckFinding.warning(
                    "binlog-expiry",
                    "Binary logs are removed after " + seconds + " s: a longer stop of cdp leaves a gap",
                    "SET GLOBAL expire_logs_days = 7"));
        } else {
            findings.add(CheckFinding.ok("binlog-expiry", "Binary logs are kept for " + seconds + " s"));
        }
    }

    private void user() throws SQLException {
        String account = "'" + text("SELECT CURRENT_USER()").replace("@", "'@'") + "'";
        String database = text("SELECT DATABASE()");
        Privileges privileges = new Privileges(list("SHOW GRANTS"), database);
        boolean reads = privileges.has("REPLICATION SLAVE") || privileges.has("REPLICATION REPLICA");
        privilege("replication", reads, account, "REPLICATION SLAVE ON *.*");
        privilege("binlog-monitor", privileges.has("BINLOG MONITOR"), account, "BINLOG MONITOR ON *.*");
        for (String needed : DATABASE_PRIVILEGES) {
            privilege("privileges", privileges.has(needed), account, needed + " ON " + Names.quoted(database) + ".*");
        }
    }

    private void privilege(String check, boolean held, String account, String privilege) {
        findings.add(
                held
                        ? CheckFinding.ok(check, account + " has " + privilege)
                        : CheckFinding.failed(
                                check, account + " lacks " + privilege, "GRANT " + privilege + " TO " + account));
    }

    /** Databases that the server is told to leave out of its log. */
    private void filters() throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SHOW MASTER STATUS")) {
            if (!row.next()) {
                return;
            }
            String only = row.getString("Binlog_Do_DB");
            String without = row.getString("Binlog_Ignore_DB");
            if (!only.isEmpty() || !without.isEmpty()) {
                findings.add(CheckFinding.failed(
                        "binlog-filters",
                        "The server leaves databases out of its log (only: '" + only + "', without: '" + without + "')",
                        "Remove binlog_do_db and binlog_ignore_db from the server's configuration and restart it"));
            }
        } catch (SQLException e) {
            findings.add(CheckFinding.warning(
                    "binlog-filters", "Cannot tell whether the log leaves databases out: " + e.getMessage(), ""));
        }
    }

    private void installation() throws SQLException {
        findings.add(
                markers.isInstalled(connection)
                        ? CheckFinding.ok("installed", "The table " + markers.name() + " is there")
                        : CheckFinding.warning(
                                "installed",
                                "The table " + markers.name() + " is not there yet",
                                "'cdp source add' makes it"));
    }

    private void tables() throws SQLException {
        int captured = 0;
        for (Listed table : catalog.all(connection).values()) {
            String name = Names.quoted(table.description().name());
            if (table.obstacle() == null) {
                captured++;
            } else if (!table.obstacle().equals(MariaDbCatalog.LEFT_OUT)) {
                findings.add(CheckFinding.failed(
                        TABLE_PREFIX,
                        name + " is not protected: " + table.obstacle(),
                        "ALTER TABLE " + name + " so that this no longer holds, such as ENGINE=InnoDB"));
            }
        }
        findings.add(CheckFinding.ok("tables", captured + " tables are protected"));
        cascades();
    }

    /** The storage engine carries such actions out below the log. */
    private void cascades() {
        Set<String> children = catalog.cascades().stream()
                .map(cascade -> Names.quoted(cascade.child()))
                .collect(Collectors.toCollection(TreeSet::new));
        for (String child : children) {
            findings.add(CheckFinding.warning(
                    TABLE_PREFIX + "-cascade",
                    child
                            + " is changed by its foreign keys' own actions, which MariaDB does not log: when a referenced"
                            + " row goes or gets another key, the table cannot be restored until its next base, which"
                            + " is then taken",
                    "Use ON DELETE RESTRICT and ON UPDATE RESTRICT, and let the application change the rows"));
        }
    }

    private String text(String sql) throws SQLException {
        List<String> rows = list(sql);
        return rows.isEmpty() ? "" : rows.get(0);
    }

    private List<String> list(String sql) throws SQLException {
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
