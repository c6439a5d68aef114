package dev.cdp.capture.binlog;

import dev.cdp.core.CdpException;
import dev.cdp.core.Engine;
import dev.cdp.core.ErrorCode;
import dev.cdp.core.GtidSet;
import dev.cdp.core.SourcePosition;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** MariaDB. It tells the place of a snapshot in its log without a lock. */
final class MariaDbServer implements BinlogServer {
    private static final int SECONDS_PER_DAY = 86_400;
    private static final String GRANTS = "SHOW GRANTS";

    @Override
    public Engine engine() {
        return Engine.MARIADB;
    }

    // The archive holds what is printed under these. The last three keep a long copy from being cut off.
    @Override
    public String sessionSettings() {
        return "SET time_zone = '+00:00', sql_mode = '', max_statement_time = 0, net_write_timeout = 3600,"
                + " wait_timeout = 28800";
    }

    @Override
    public Map<String, String> connectionProperties() {
        return Map.of();
    }

    /** Nothing that stays: a server's id can be changed, and the history is told by the table of markers. */
    @Override
    public String identity(Connection connection) {
        return "mariadb";
    }

    @Override
    public SourcePosition openSnapshot(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("START TRANSACTION WITH CONSISTENT SNAPSHOT");
            Map<String, String> status = new HashMap<>();
            try (ResultSet row = statement.executeQuery("SHOW STATUS LIKE 'binlog_snapshot_%'")) {
                while (row.next()) {
                    status.put(row.getString(1).toLowerCase(Locale.ROOT), row.getString(2));
                }
            }
            String file = status.getOrDefault("binlog_snapshot_file", "");
            if (file.isEmpty()) {
                throw new CdpException(
                        ErrorCode.SOURCE_SETTINGS_WRONG,
                        "The server keeps no binary log",
                        "Set log_bin in the server's configuration and restart it");
            }
            long offset = Long.parseLong(status.getOrDefault("binlog_snapshot_position", ""));
            String gtids = new Findings(connection).text("SELECT BINLOG_GTID_POS('" + file + "', " + offset + ")");
            return new SourcePosition.MariaDb(GtidSet.parse(gtids), file, offset);
        }
    }

    /** The server refuses to read such a table (ER_TABLE_DEF_CHANGED). */
    @Override
    public DefinitionWatch definitionWatch() {
        return DefinitionWatch.SERVER;
    }

    @Override
    public void requireReadable(Connection connection, SourcePosition boundary) throws SQLException {
        MariaDbPlaces.requireReadable(connection, (SourcePosition.MariaDb) boundary);
    }

    @Override
    public Optional<GtidSet> written(Connection connection) throws SQLException {
        return Optional.of(MariaDbPlaces.written(connection));
    }

    @Override
    public String computedColumn() {
        return "IS_GENERATED = 'ALWAYS'";
    }

    @Override
    public void checkVersion(Findings findings) throws SQLException {
        String version = findings.text("SELECT VERSION()");
        boolean known = version.contains("MariaDB") && Integer.parseInt(version.split("\\.")[0]) >= 10;
        findings.add(known ? MariaDbCheck.VERSION.fine(version) : MariaDbCheck.VERSION.wrong(version));
    }

    @Override
    public void checkLog(Findings findings, String database) throws SQLException {
        if (!findings.setting(MariaDbCheck.LOG_BIN, "1")) {
            return;
        }
        findings.setting(MariaDbCheck.BINLOG_FORMAT, "ROW");
        findings.setting(MariaDbCheck.BINLOG_ROW_IMAGE, "FULL");
        findings.setting(MariaDbCheck.BINLOG_ROW_METADATA, "FULL");
        findings.setting(MariaDbCheck.LOG_BIN_COMPRESS, "0");
        findings.setting(MariaDbCheck.GTID_STRICT_MODE, "1");
        findings.setting(MariaDbCheck.SYNC_BINLOG, "1");
        newerSettings(findings);
        double days = Double.parseDouble(findings.text("SELECT @@expire_logs_days"));
        findings.expiry(MariaDbCheck.BINLOG_EXPIRY, (long) (days * SECONDS_PER_DAY));
        Privileges privileges = findings.privileges(database, GRANTS);
        boolean reads = privileges.has("REPLICATION SLAVE") || privileges.has("REPLICATION REPLICA");
        findings.privilege(MariaDbCheck.REPLICATION, reads, "REPLICATION SLAVE");
        findings.privilege(MariaDbCheck.BINLOG_MONITOR, privileges.has("BINLOG MONITOR"), "BINLOG MONITOR");
        findings.databasePrivileges(database, GRANTS);
        findings.filters("SHOW MASTER STATUS");
        replica(findings, privileges);
    }

    /** Those that not every version has. */
    private static void newerSettings(Findings findings) throws SQLException {
        if (findings.variable("BINLOG_ALTER_TWO_PHASE").equals("ON")) {
            findings.add(MariaDbCheck.BINLOG_ALTER_TWO_PHASE.wrong(
                    "binlog_alter_two_phase is ON: the log cannot be read where a table is altered"));
        }
        String size = findings.variable("MAX_BINLOG_TOTAL_SIZE");
        if (!size.isEmpty() && !size.equals("0")) {
            findings.add(MariaDbCheck.BINLOG_TOTAL_SIZE.wrong(
                    "Binary logs are removed beyond " + size + " bytes: a longer stop of cdp leaves a gap"));
        }
    }

    /** A replica that is stopped is seen only by a user who may look. */
    private static void replica(Findings findings, Privileges privileges) throws SQLException {
        boolean isReplica = !findings.status("SLAVES_RUNNING").equals("0")
                || privileges.has("REPLICA MONITOR")
                        && !findings.list("SHOW ALL SLAVES STATUS").isEmpty();
        if (isReplica && findings.text("SELECT @@log_slave_updates").equals("0")) {
            findings.add(MariaDbCheck.LOG_REPLICA_UPDATES.wrong(
                    "The server is a replica with log_slave_updates OFF: what it takes over is not in its log"));
        }
    }
}
