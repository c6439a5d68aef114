package dev.cdp.capture.binlog;

import dev.cdp.capture.source.HistoryLostException;
import dev.cdp.core.CdpException;
import dev.cdp.core.Engine;
import dev.cdp.core.ErrorCode;
import dev.cdp.core.GtidSet;
import dev.cdp.core.MySqlGtidSet;
import dev.cdp.core.SourcePosition;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * MySQL 8.4 and later. It cannot tell the place of a snapshot in its log, so commits are stopped for the moment in
 * which one is opened: FLUSH TABLES WITH READ LOCK waits for those under way and lets none begin, until the place has
 * been read (MySQL manual, "FLUSH Statement").
 */
final class MySqlServer implements BinlogServer {
    /** While the lock waits for a long statement, all writers wait behind it. */
    private static final int LONGEST_LOCK_WAIT_SECONDS = 5;

    private static final int LOCK_WAIT_TIMEOUT = 1205;
    private static final Pattern VERSION = Pattern.compile("(\\d+)\\.(\\d+)\\..*");

    @Override
    public Engine engine() {
        return Engine.MYSQL;
    }

    // The archive holds what is printed under these; counters are read as they are, not as they were last cached.
    @Override
    public String sessionSettings() {
        return "SET time_zone = '+00:00', sql_mode = '', max_execution_time = 0, net_write_timeout = 3600,"
                + " wait_timeout = 28800, information_schema_stats_expiry = 0";
    }

    /** Accounts sign in with caching_sha2_password, whose key the server hands out where there is no TLS. */
    @Override
    public Map<String, String> connectionProperties() {
        return Map.of("allowPublicKeyRetrieval", "true");
    }

    @Override
    public String identity(Connection connection) throws SQLException {
        return new Findings(connection).text("SELECT @@server_uuid");
    }

    @Override
    public SourcePosition openSnapshot(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET SESSION lock_wait_timeout = " + LONGEST_LOCK_WAIT_SECONDS);
            lock(statement);
            try {
                statement.execute("START TRANSACTION WITH CONSISTENT SNAPSHOT");
                return position(statement);
            } finally {
                statement.execute("UNLOCK TABLES"); // ends the lock, not the transaction
                statement.execute("SET SESSION lock_wait_timeout = DEFAULT");
            }
        }
    }

    private static void lock(Statement statement) throws SQLException {
        try {
            statement.execute("FLUSH TABLES WITH READ LOCK");
        } catch (SQLException e) {
            if (e.getErrorCode() != LOCK_WAIT_TIMEOUT) {
                throw e;
            }
            throw new CdpException(
                    ErrorCode.SOURCE_UNREACHABLE,
                    "A snapshot cannot be opened: some statement has been running for longer than "
                            + LONGEST_LOCK_WAIT_SECONDS + " s, and commits cannot be stopped for a moment meanwhile",
                    "Nothing: it is tried again. SHOW PROCESSLIST names the statement",
                    e);
        }
    }

    private static SourcePosition position(Statement statement) throws SQLException {
        try (ResultSet row = statement.executeQuery("SHOW BINARY LOG STATUS")) {
            if (!row.next()) {
                throw new CdpException(
                        ErrorCode.SOURCE_SETTINGS_WRONG,
                        "The server keeps no binary log",
                        "Set log_bin in the server's configuration and restart it");
            }
            return new SourcePosition.MySql(
                    gtids(row.getString("Executed_Gtid_Set")), row.getString("File"), row.getLong("Position"));
        }
    }

    private static MySqlGtidSet gtids(String printed) {
        try {
            return MySqlGtidSet.parse(printed);
        } catch (IllegalArgumentException e) {
            throw new CdpException(
                    ErrorCode.SOURCE_SETTINGS_WRONG,
                    "The server's GTIDs cannot be followed: " + e.getMessage(),
                    "See 'cdp check'",
                    e);
        }
    }

    /** A column that is added or dropped at once (ALGORITHM=INSTANT) does not make a snapshot of its table unreadable. */
    @Override
    public DefinitionWatch definitionWatch() {
        return DefinitionWatch.US;
    }

    @Override
    public void requireReadable(Connection connection, SourcePosition boundary) throws SQLException {
        Findings server = new Findings(connection);
        requireReadable(
                gtids(server.text("SELECT @@GLOBAL.gtid_executed")),
                gtids(server.text("SELECT @@GLOBAL.gtid_purged")),
                (SourcePosition.MySql) boundary);
    }

    /** Not watched while reading goes on: {@link #requireReadable} compares at the next start. */
    @Override
    public Optional<GtidSet> written(Connection connection) {
        return Optional.empty();
    }

    /**
     * The same for what a server says of itself.
     *
     * @param written every transaction that it ever committed
     * @param purged those of them that its log holds no more
     */
    static void requireReadable(MySqlGtidSet written, MySqlGtidSet purged, SourcePosition.MySql boundary) {
        if (!written.includes(boundary.gtids())) {
            throw HistoryLostException.otherServer(
                    "it has committed the transactions '" + written + "', not all of '" + boundary.nativeText() + "'");
        }
        if (!boundary.gtids().includes(purged)) {
            throw HistoryLostException.placeGone(
                    boundary,
                    "the server removed transactions from its log that were not read: gtid_purged is '" + purged + "'");
        }
    }

    @Override
    public String computedColumn() {
        return "GENERATION_EXPRESSION <> ''";
    }

    @Override
    public void checkVersion(Findings findings) throws SQLException {
        String version = findings.text("SELECT VERSION()");
        findings.add(isKnown(version) ? MySqlCheck.VERSION.fine(version) : MySqlCheck.VERSION.wrong(version));
    }

    static boolean isKnown(String version) {
        Matcher parts = VERSION.matcher(version);
        if (version.contains("MariaDB") || !parts.matches()) {
            return false;
        }
        int major = Integer.parseInt(parts.group(1));
        return major > 8 || major == 8 && Integer.parseInt(parts.group(2)) >= 4;
    }

    @Override
    public void checkLog(Findings findings, String database) throws SQLException {
        if (!findings.setting(MySqlCheck.LOG_BIN, "1")) {
            return;
        }
        settings(findings);
        tags(findings);
        long seconds =
                findings.text("SELECT @@GLOBAL.binlog_expire_logs_auto_purge").equals("1")
                        ? Long.parseLong(findings.text("SELECT @@GLOBAL.binlog_expire_logs_seconds"))
                        : 0;
        findings.expiry(MySqlCheck.BINLOG_EXPIRY, seconds);
        user(findings, database);
        findings.filters("SHOW BINARY LOG STATUS");
        json(findings);
    }

    private static void settings(Findings findings) throws SQLException {
        findings.setting(MySqlCheck.BINLOG_FORMAT, "ROW");
        findings.setting(MySqlCheck.BINLOG_ROW_IMAGE, "FULL");
        findings.setting(MySqlCheck.BINLOG_ROW_METADATA, "FULL");
        findings.setting(MySqlCheck.BINLOG_ROW_VALUE_OPTIONS, "");
        findings.setting(MySqlCheck.GTID_MODE, "ON");
        findings.setting(MySqlCheck.LOG_REPLICA_UPDATES, "1");
        findings.setting(MySqlCheck.SHOW_GIPK_IN_CREATE_TABLE_AND_INFORMATION_SCHEMA, "1");
    }

    private static void tags(Findings findings) throws SQLException {
        try {
            MySqlGtidSet.parse(findings.text("SELECT @@GLOBAL.gtid_executed"));
            findings.add(MySqlCheck.GTID_TAGS.fine("No GTID has a tag"));
        } catch (IllegalArgumentException e) {
            findings.add(MySqlCheck.GTID_TAGS.wrong(String.valueOf(e.getMessage())));
        }
    }

    private static void user(Findings findings, String database) throws SQLException {
        String roles = findings.text("SELECT CURRENT_ROLE()");
        String grants = "SHOW GRANTS" + (roles.equals("NONE") ? "" : " FOR CURRENT_USER() USING " + roles);
        Privileges privileges = findings.privileges(database, grants);
        findings.privilege(MySqlCheck.REPLICATION, privileges.has("REPLICATION SLAVE"), "REPLICATION SLAVE");
        findings.privilege(MySqlCheck.REPLICATION_CLIENT, privileges.has("REPLICATION CLIENT"), "REPLICATION CLIENT");
        boolean locks = privileges.has("RELOAD") || privileges.has("FLUSH_TABLES");
        findings.privilege(MySqlCheck.RELOAD, locks, "RELOAD");
        findings.databasePrivileges(database, grants);
        findings.privilege(MySqlCheck.ROUTINES, privileges.has("SHOW_ROUTINE"), "SHOW_ROUTINE");
    }

    private static void json(Findings findings) throws SQLException {
        int tables = findings.list("SELECT DISTINCT TABLE_NAME FROM information_schema.COLUMNS"
                        + " WHERE TABLE_SCHEMA = DATABASE() AND DATA_TYPE = 'json'")
                .size();
        if (tables > 0) {
            findings.add(MySqlCheck.JSON.wrong(tables + " tables have JSON columns"));
        }
    }
}
