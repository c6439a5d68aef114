package dev.cdp.capture.postgres;

import dev.cdp.capture.CheckFinding;
import dev.cdp.capture.debezium.EngineLog;
import dev.cdp.capture.debezium.PostgresLogSettings;
import dev.cdp.capture.log.LogConsumer;
import dev.cdp.capture.log.SourceLog;
import dev.cdp.capture.postgres.definition.PostgresDefinitionReader;
import dev.cdp.capture.source.BaseReading;
import dev.cdp.capture.source.ClockOffset;
import dev.cdp.capture.source.DatabaseAddress;
import dev.cdp.capture.source.HeldHistory;
import dev.cdp.capture.source.HistoryLostException;
import dev.cdp.capture.source.LogKeeping;
import dev.cdp.capture.source.SchemaVersionException;
import dev.cdp.capture.source.SourceAccessException;
import dev.cdp.capture.source.SourceDatabase;
import dev.cdp.capture.source.TableDescription;
import dev.cdp.capture.source.TableScope;
import dev.cdp.core.Carrier;
import dev.cdp.core.CdpException;
import dev.cdp.core.Engine;
import dev.cdp.core.ErrorCode;
import dev.cdp.core.Lsn;
import dev.cdp.core.SourceId;
import dev.cdp.core.SourcePosition;
import dev.cdp.core.TableName;
import dev.cdp.core.crash.CrashPoint;
import dev.cdp.core.definition.DatabaseDefinition;
import dev.cdp.core.definition.SequenceValue;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A PostgreSQL database, with {@link CdpSchema} in it. */
public final class PostgresSource implements SourceDatabase {
    private static final Logger log = LoggerFactory.getLogger(PostgresSource.class);
    // What was logged is in the log: the table itself need not keep it.
    private static final String MARK = """
            WITH logged AS (DELETE FROM cdp.ddl WHERE written_at < now() - interval '1 day')
            UPDATE cdp.marker SET counter = counter + 1, name = ?, round = ?, written_at = ? WHERE id = 1
            RETURNING counter""";

    private final SourceId id;
    private final PostgresConnections connections;
    private final String slotName;
    private final PostgresSlot slot;
    private final OwnObjects own;
    private final SlotWait slotWait = new SlotWait();
    private final TableScope scope;

    /** @param slotName of the replication slot, which is made by {@link #anchor} */
    public PostgresSource(SourceId id, DatabaseAddress address, String slotName, TableScope scope) {
        this.id = id;
        this.connections = new PostgresConnections(address);
        this.slotName = slotName;
        this.scope = scope;
        this.slot = new PostgresSlot(connections, slotName);
        this.own = new OwnObjects(id, connections);
    }

    @Override
    public Engine engine() {
        return Engine.POSTGRESQL;
    }

    @Override
    public String identity() {
        return history().toString();
    }

    private ServerHistory history() {
        return connections.withReplication("read the server's identity", connection -> {
            String system;
            int timeline;
            try (Statement statement = connection.createStatement();
                    ResultSet row = statement.executeQuery("IDENTIFY_SYSTEM")) {
                row.next();
                system = row.getString("systemid");
                timeline = row.getInt("timeline");
            }
            String database =
                    value(connection, "SELECT oid::bigint FROM pg_database WHERE datname = current_database()");
            return new ServerHistory(system, database, ancestors(connection, timeline), timeline);
        });
    }

    private static List<ServerHistory.Ancestor> ancestors(Connection connection, int timeline) throws SQLException {
        if (timeline == 1) { // the first one has no file
            return List.of();
        }
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("TIMELINE_HISTORY " + timeline)) {
            row.next();
            return ServerHistory.ancestors(row.getString("content"));
        }
    }

    @Override
    public BaseReading anchor() {
        upgrade();
        own.mend();
        requireCdpSchema();
        slot.drop();
        try {
            return new PostgresBaseReading(
                    connections, ExportedSnapshot.ofLastingSlot(connections, slotWait, slotName), Set.of());
        } catch (SQLException e) {
            throw SourceAccessException.of(connections.address(), "make replication slot '" + slotName + "'", e);
        }
    }

    @Override
    public Optional<String> waitsFor() {
        return slotWait.blockers()
                .map(whom ->
                        "A base snapshot waits until transactions that were open when it began have ended: " + whom);
    }

    /** What an earlier version made in the database may record less than this one relies on. */
    private void upgrade() {
        int version = connections.with("look for the schema cdp", CdpSchema::installedVersion);
        if (version > CdpSchema.VERSION) {
            throw SchemaVersionException.newer(id, version, CdpSchema.VERSION);
        }
        if (version == 0 || version == CdpSchema.VERSION) { // where it is missing, that is said later
            return;
        }
        try {
            install();
        } catch (SourceAccessException e) {
            throw SchemaVersionException.notUpgraded(id, version, CdpSchema.VERSION, e);
        }
        log.info("The schema cdp in {} was upgraded from version {} to {}", id, version, CdpSchema.VERSION);
    }

    private void requireCdpSchema() {
        String wanting = value("look for the schema cdp", """
                SELECT concat_ws(', ',
                    CASE WHEN to_regclass('cdp.ddl') IS NULL THEN 'the schema cdp is missing' END,
                    CASE WHEN NOT EXISTS (SELECT FROM pg_publication WHERE pubname = 'cdp')
                        THEN 'the publication cdp is missing' END,
                    CASE WHEN current_setting('wal_level') <> 'logical'
                        THEN format('wal_level is %s instead of logical', current_setting('wal_level')) END)""");
        if (!wanting.isEmpty()) {
            String setting = wanting.contains("wal_level")
                    ? "; wal_level needs ALTER SYSTEM SET wal_level = logical and a restart"
                    : "";
            throw new CdpException(
                    ErrorCode.SOURCE_SETTINGS_WRONG,
                    "Source '" + id + "' at " + connections.address() + " is not prepared: " + wanting,
                    "Run 'cdp source add " + id + "'" + setting);
        }
    }

    @Override
    public String requireResumable(HeldHistory held) {
        ServerHistory now = history();
        Lsn boundary = ((SourcePosition.Postgres) held.boundary()).lsn();
        now.breakSince(ServerHistory.parse(held.identity()), boundary).ifPresent(why -> {
            throw HistoryLostException.otherServer(why);
        });
        upgrade();
        own.requireUndisturbed();
        requireCdpSchema();
        slot.requireResumable(held.boundary());
        requireMarker(held.markerCounter());
        return now.toString();
    }

    /** A copy of the data files that went its own way on the same timeline has not seen our last markers. */
    private void requireMarker(long counter) {
        long written = Long.parseLong(value("read the marker", "SELECT coalesce(max(counter), 0) FROM cdp.marker"));
        if (written < counter) {
            throw HistoryLostException.otherServer(
                    "its newest marker is " + written + ", we have read marker " + counter + " before");
        }
    }

    @Override
    public BaseReading beginBase(Set<String> nativeIds) {
        try {
            String passing = "cdp_base_" + Long.toString(System.nanoTime(), Character.MAX_RADIX);
            return new PostgresBaseReading(
                    connections, ExportedSnapshot.ofPassingSlot(connections, slotWait, passing), nativeIds);
        } catch (SQLException e) {
            throw SourceAccessException.of(connections.address(), "open a base snapshot", e);
        }
    }

    @Override
    public SourceLog read(SourcePosition boundary, LogConsumer consumer) {
        return read(boundary, List.of(), consumer);
    }

    /** What is known is read, even if its name has become unreadable since: then reading stops with that error. */
    @Override
    public SourceLog read(SourcePosition boundary, Collection<TableDescription> known, LogConsumer consumer) {
        DatabaseAddress address = connections.address();
        Set<TableName> unreadable = new HashSet<>(unreadableTables());
        known.forEach(table -> unreadable.remove(table.name()));
        PostgresLogSettings settings = new PostgresLogSettings(
                id.name(),
                new PostgresLogSettings.Server(
                        address.host(),
                        address.port(),
                        address.database(),
                        address.user(),
                        address.password(),
                        "prefer"),
                slotName,
                CdpSchema.PUBLICATION,
                unreadable,
                ((SourcePosition.Postgres) boundary).lsn());
        return EngineLog.start(
                settings, new OwnTables(new UnreadableTables(boundary, unreadable, this::unreadableTables, consumer)));
    }

    private Set<TableName> unreadableTables() {
        return connections.with("look for tables that cannot be read", UnreadableTables::find);
    }

    @Override
    public Optional<TableDescription> describe(String nativeId) {
        return connections.with("describe a table", connection -> {
            try (PreparedStatement statement = connection.prepareStatement(
                    "SELECT cdp.describe(oid)::text FROM pg_class WHERE oid = ?::bigint AND cdp.can_protect(oid)")) {
                statement.setString(1, nativeId);
                try (ResultSet row = statement.executeQuery()) {
                    return row.next() ? Optional.of(TableDescriptions.one(row.getString(1))) : Optional.empty();
                }
            }
        });
    }

    @Override
    public Object decode(Carrier carrier, Object logged) {
        return PostgresValues.decode(carrier, (String) logged);
    }

    @Override
    public DatabaseDefinition definition() {
        return connections.with("read the definition", PostgresDefinitionReader::read);
    }

    @Override
    public List<SequenceValue> sequences() {
        return connections.with("read the sequences", SequenceValues::read);
    }

    @Override
    public long writeMarker(@Nullable String name, String round, Instant writtenAt) {
        return connections.with("write a marker", connection -> {
            own.requireUndisturbed(connection); // so that the marker vouches for everything before this
            try (PreparedStatement statement = connection.prepareStatement(MARK)) {
                statement.setString(1, name);
                statement.setString(2, round);
                statement.setObject(3, writtenAt.atOffset(ZoneOffset.UTC));
                try (ResultSet row = statement.executeQuery()) {
                    row.next();
                    return row.getLong(1);
                }
            }
        });
    }

    @Override
    public ClockOffset clockOffset(Clock ours) {
        return connections.with(
                "read the clock",
                connection -> ClockOffset.measure(
                        connection, "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint", ours));
    }

    @Override
    public LogKeeping lookAtLog() {
        return slot.keeping();
    }

    @Override
    public void release() {
        slot.dropOurs();
    }

    @Override
    public List<CheckFinding> check() {
        return connections.with(
                "check the settings", connection -> PostgresChecks.run(id, connection, slotName, scope));
    }

    @Override
    public List<String> installStatements() {
        return connections.with("look for the schema cdp", connection -> {
            int version = CdpSchema.installedVersion(connection);
            if (version == 0) {
                return CdpSchema.create(scope);
            }
            boolean isPresent = version > CdpSchema.VERSION
                    || version == CdpSchema.VERSION
                            && CdpSchema.isScoped(connection, scope)
                            && CdpSchema.isComplete(connection);
            return isPresent ? List.of() : CdpSchema.upgrade(scope);
        });
    }

    /** All or nothing: the statements run in one transaction. */
    @Override
    public void install() {
        List<String> statements = installStatements();
        connections.with("prepare the database", connection -> inOneTransaction(connection, statements));
    }

    @Override
    public void uninstall() {
        slot.dropOurs();
        CrashPoint.CONTROL_SLOT_DROPPED.reached();
        connections.with("remove the schema cdp", connection -> inOneTransaction(connection, CdpSchema.drop()));
    }

    private static List<String> inOneTransaction(Connection connection, List<String> statements) throws SQLException {
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement()) {
            statement.setEscapeProcessing(false);
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
        connection.commit();
        return statements;
    }

    private String value(String what, String sql) {
        return connections.with(what, connection -> value(connection, sql));
    }

    private static String value(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getString(1);
        }
    }
}
