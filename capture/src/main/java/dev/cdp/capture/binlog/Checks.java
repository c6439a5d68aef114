package dev.cdp.capture.binlog;

import dev.cdp.capture.CheckFinding;
import dev.cdp.capture.binlog.BinlogCatalog.Listed;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Everything that protection of a database with a binary log depends on, one finding each. */
final class Checks {
    /** Findings about a single table: the others can be protected without it. */
    static final String TABLE_PREFIX = "table";

    private final Findings findings;
    private final BinlogCatalog catalog;
    private final MarkerTable markers;

    private Checks(Findings findings, BinlogCatalog catalog, MarkerTable markers) {
        this.findings = findings;
        this.catalog = catalog;
        this.markers = markers;
    }

    static List<CheckFinding> run(
            Connection connection, BinlogServer server, BinlogCatalog catalog, MarkerTable markers)
            throws SQLException {
        Findings findings = new Findings(connection);
        Checks checks = new Checks(findings, catalog, markers);
        server.checkVersion(findings);
        checks.names();
        server.checkLog(findings, findings.text("SELECT DATABASE()"));
        checks.installation(connection);
        checks.tables(connection);
        return findings.all();
    }

    /** Statements of the log name tables as they were typed, so the server has to take case seriously. */
    private void names() throws SQLException {
        String folding = findings.text("SELECT @@lower_case_table_names");
        findings.add(
                folding.equals("0")
                        ? CheckFinding.ok("names", "Names of tables keep their case")
                        : CheckFinding.failed(
                                "names",
                                "lower_case_table_names is " + folding + " instead of 0",
                                "Such a server cannot be protected; the setting is fixed when a server is set up"));
    }

    private void installation(Connection connection) throws SQLException {
        findings.add(
                markers.isInstalled(connection)
                        ? CheckFinding.ok("installed", "The table " + markers.name() + " is there")
                        : CheckFinding.warning(
                                "installed",
                                "The table " + markers.name() + " is not there yet",
                                "'cdp source add' makes it"));
    }

    private void tables(Connection connection) throws SQLException {
        int captured = 0;
        for (Listed table : catalog.all(connection).values()) {
            String name = Names.quoted(table.description().name());
            if (table.obstacle() == null) {
                captured++;
            } else if (!table.obstacle().equals(BinlogCatalog.LEFT_OUT)) {
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
        Set<String> children =
                catalog.cascades().keySet().stream().map(Names::quoted).collect(Collectors.toCollection(TreeSet::new));
        for (String child : children) {
            findings.add(CheckFinding.warning(
                    TABLE_PREFIX + "-cascade",
                    child
                            + " is changed by its foreign keys' own actions, which the server does not log: when a referenced"
                            + " row goes or gets another key, the table cannot be restored until its next base, which"
                            + " is then taken",
                    "Use ON DELETE RESTRICT and ON UPDATE RESTRICT, and let the application change the rows"));
        }
    }
}
