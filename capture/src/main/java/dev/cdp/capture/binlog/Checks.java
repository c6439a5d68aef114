package dev.cdp.capture.binlog;

import dev.cdp.capture.CheckFinding;
import dev.cdp.capture.binlog.BinlogCatalog.Listed;
import dev.cdp.capture.binlog.reading.SourceTypes;
import dev.cdp.capture.source.TableDescription;
import dev.cdp.capture.source.TableDescription.ColumnDescription;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Everything that protection of a database with a binary log depends on, one finding each. */
final class Checks {
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
                        ? BinlogCheck.NAMES.fine("Names of tables keep their case")
                        : BinlogCheck.NAMES.wrong("lower_case_table_names is " + folding + " instead of 0"));
    }

    private void installation(Connection connection) throws SQLException {
        int version = markers.installedVersion(connection);
        if (version == 0) {
            findings.add(BinlogCheck.INSTALLED.wrong(
                    "The table " + markers.name() + " is not there yet",
                    markers.source().name()));
            return;
        }
        findings.add(BinlogCheck.INSTALLED.fine("The table " + markers.name() + " is there"));
        if (version != MarkerTable.VERSION) {
            findings.add(BinlogCheck.MARKER_VERSION.wrong(
                    "The table " + markers.name() + " is of version " + version + " instead of " + MarkerTable.VERSION,
                    markers.source().name()));
        }
    }

    private void tables(Connection connection) throws SQLException {
        int captured = 0;
        int leftOut = 0;
        for (Listed table : catalog.all(connection).values()) {
            if (table.obstacle() == null) {
                captured++;
                labels(table.description());
            } else if (table.obstacle().equals(BinlogCatalog.LEFT_OUT)) {
                leftOut++;
            } else {
                findings.add(table.obstacle());
            }
        }
        findings.add(BinlogCheck.TABLES.fine(captured + " tables are protected"
                + (leftOut == 0 ? "" : ", " + leftOut + " are left out by the configuration")));
        cascades();
    }

    private void labels(TableDescription table) {
        for (ColumnDescription column : table.columns()) {
            if (SourceTypes.hasEmptyLabel(column.sourceType())) {
                String name = Names.quoted(table.name());
                findings.add(BinlogCheck.TABLE_ENUM_LABELS.wrong(
                        name + " has the column '" + column.name() + "', an ENUM with an empty label: a row with the"
                                + " value 0, which prints like it, is refused",
                        name,
                        Names.quoted(column.name())));
            }
        }
    }

    /** The storage engine carries such actions out below the log. */
    private void cascades() {
        Set<String> children =
                catalog.cascades().keySet().stream().map(Names::quoted).collect(Collectors.toCollection(TreeSet::new));
        for (String child : children) {
            findings.add(BinlogCheck.TABLE_CASCADE.wrong(child
                    + " is changed by its foreign keys' own actions, which the server does not log: when a referenced"
                    + " row goes or gets another key, it cannot be restored until its next base, which is then taken"));
        }
    }
}
