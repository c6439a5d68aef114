package dev.cdp.capture.binlog;

import dev.cdp.capture.CheckFinding;
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
        findings.add(
                known
                        ? CheckFinding.ok("version", version)
                        : CheckFinding.failed("version", version, "MariaDB 10.6 or later is needed"));
    }

    @Override
    public void checkLog(Findings findings, String database) throws SQLException {
        if (!findings.setting(
                "log_bin", "1", "Set log_bin and server_id in the server's configuration and restart it")) {
            return;
        }
        findings.setting("binlog_format", "ROW", "SET GLOBAL binlog_format = 'ROW'");
        findings.setting("binlog_row_image", "FULL", "SET GLOBAL binlog_row_image = 'FULL'");
        findings.setting("binlog_row_metadata", "FULL", "SET GLOBAL binlog_row_metadata = 'FULL'");
        findings.setting("log_bin_compress", "0", "SET GLOBAL log_bin_compress = OFF");
        if (!findings.text("SELECT @@gtid_strict_mode").equals("1")) {
            findings.add(CheckFinding.warning(
                    "gtid-strict-mode",
                    "gtid_strict_mode is OFF: a mistake in replication could put transactions out of order",
                    "SET GLOBAL gtid_strict_mode = ON"));
        }
        double days = Double.parseDouble(findings.text("SELECT @@expire_logs_days"));
        findings.expiry((long) (days * SECONDS_PER_DAY), "SET GLOBAL expire_logs_days = 7");
        Privileges privileges = findings.privileges(database, "SHOW GRANTS");
        boolean reads = privileges.has("REPLICATION SLAVE") || privileges.has("REPLICATION REPLICA");
        findings.privilege("replication", reads, "REPLICATION SLAVE ON *.*");
        findings.privilege("binlog-monitor", privileges.has("BINLOG MONITOR"), "BINLOG MONITOR ON *.*");
        findings.databasePrivileges(privileges, database);
        findings.filters("SHOW MASTER STATUS");
    }
}
