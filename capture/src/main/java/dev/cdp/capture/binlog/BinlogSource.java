package dev.cdp.capture.binlog;

import dev.cdp.capture.Check;
import dev.cdp.capture.CheckFinding;
import dev.cdp.capture.binlog.definition.DefinitionReader;
import dev.cdp.capture.binlog.reading.BinlogLog;
import dev.cdp.capture.binlog.reading.BinlogScope;
import dev.cdp.capture.binlog.reading.BinlogSettings;
import dev.cdp.capture.binlog.reading.CharacterSets;
import dev.cdp.capture.binlog.reading.PreparedTransactions;
import dev.cdp.capture.binlog.reading.VoidParts;
import dev.cdp.capture.log.LogConsumer;
import dev.cdp.capture.log.SourceLog;
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
import dev.cdp.core.GtidSet;
import dev.cdp.core.SourceId;
import dev.cdp.core.SourcePosition;
import dev.cdp.core.TableName;
import dev.cdp.core.crash.CrashPoint;
import dev.cdp.core.definition.DatabaseDefinition;
import dev.cdp.core.definition.SequenceValue;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * A database of MariaDB or MySQL, with a {@link MarkerTable} beside it on its server. What the two do differently is in
 * {@link BinlogServer}.
 */
public final class BinlogSource implements SourceDatabase {
    // Ids of readers must differ from those of servers, which are small numbers as a rule.
    private static final long FIRST_REPLICA_ID = 1L << 30;

    private final SourceId id;
    private final BinlogServer server;
    private final Connections connections;
    private final BinlogCatalog catalog;
    private final MarkerTable markers;
    private final VoidParts voidParts = new VoidParts();
    private final PreparedTransactions prepared = new PreparedTransactions();
    private final AtomicReference<GtidSet> lastWritten = new AtomicReference<>(GtidSet.EMPTY);

    private BinlogSource(SourceId id, DatabaseAddress address, TableScope scope, BinlogServer server) {
        this.id = id;
        this.server = server;
        this.connections = new Connections(address, server);
        this.catalog = new BinlogCatalog(connections, server, scope);
        this.markers = new MarkerTable(id);
    }

    public static BinlogSource mariaDb(SourceId id, DatabaseAddress address, TableScope scope) {
        return new BinlogSource(id, address, scope, new MariaDbServer());
    }

    public static BinlogSource mySql(SourceId id, DatabaseAddress address, TableScope scope) {
        return new BinlogSource(id, address, scope, new MySqlServer());
    }

    @Override
    public Engine engine() {
        return server.engine();
    }

    @Override
    public String identity() {
        return connections.with("read the server's identity", connection -> {
            if (markers.installedVersion(connection) == 0) {
                throw markersMissing();
            }
            String database = connections.address().database();
            return server.identity(connection) + "/" + database + "/" + markers.history(connection);
        });
    }

    @Override
    public List<CheckFinding> check() {
        return connections.with("look at the settings", connection -> Checks.run(connection, server, catalog, markers));
    }

    @Override
    public List<String> installStatements() {
        int version = connections.with("look for the table of markers", markers::installedVersion);
        if (version == 0) {
            return markers.installStatements();
        }
        return version < MarkerTable.VERSION ? markers.upgradeStatements() : List.of();
    }

    @Override
    public void install() {
        connections.with("install the table of markers", connection -> {
            List<String> statements = new ArrayList<>(markers.installStatements()); // an earlier run may have stopped
            int version = markers.installedVersion(connection);
            if (version > 0 && version < MarkerTable.VERSION) {
                statements.addAll(markers.upgradeStatements());
            }
            try (Statement statement = connection.createStatement()) {
                for (String sql : statements) {
                    statement.execute(sql);
                    CrashPoint.CONTROL_INSTALL_STATEMENT_RUN.reached();
                }
                return true;
            }
        });
    }

    @Override
    public void uninstall() {
        connections.with("remove the table of markers", connection -> {
            markers.uninstall(connection);
            return true;
        });
    }

    @Override
    public BaseReading anchor() {
        requirePrepared();
        lastWritten.set(GtidSet.EMPTY);
        voidParts.clear();
        return beginBase(Set.of());
    }

    private void requirePrepared() {
        requirePresentMarkers();
        check().stream()
                .filter(finding -> finding.verdict() == CheckFinding.Verdict.FAILED)
                .filter(finding -> finding.of().rule().reach() == Check.Reach.SOURCE)
                .findFirst()
                .ifPresent(finding -> {
                    throw notPrepared(finding.what(), finding.mend());
                });
    }

    private void requirePresentMarkers() {
        int version = connections.with("look for the table of markers", markers::installedVersion);
        if (version == 0) {
            throw markersMissing();
        }
        if (version > MarkerTable.VERSION) {
            throw SchemaVersionException.newer(id, version, MarkerTable.VERSION);
        }
        if (version < MarkerTable.VERSION) {
            try {
                install();
            } catch (SourceAccessException e) {
                throw SchemaVersionException.notUpgraded(id, version, MarkerTable.VERSION, e);
            }
        }
    }

    private CdpException markersMissing() {
        return notPrepared("the table " + markers.name() + " is missing", "Run 'cdp source add " + id + "'");
    }

    private CdpException notPrepared(String what, String next) {
        return new CdpException(
                ErrorCode.SOURCE_SETTINGS_WRONG,
                "Source '" + id + "' at " + connections.address() + " is not prepared: " + what,
                next);
    }

    @Override
    public String requireResumable(HeldHistory held) {
        String identity = identity();
        if (!identity.equals(held.identity())) {
            throw HistoryLostException.otherServer("it was " + held.identity() + ", it is " + identity);
        }
        requirePrepared();
        connections.with("look at the binary log", connection -> {
            lastWritten.set(GtidSet.EMPTY);
            markers.requireCounted(connection, held.markerCounter());
            server.requireReadable(connection, held.boundary());
            return true;
        });
        return identity;
    }

    @Override
    public BaseReading beginBase(Set<String> nativeIds) {
        try {
            return BinlogBaseReading.open(connections, server, catalog, nativeIds);
        } catch (SQLException e) {
            throw SourceAccessException.of(connections.address(), "open a base snapshot", e);
        }
    }

    @Override
    public SourceLog read(SourcePosition boundary, LogConsumer consumer) {
        return read(boundary, List.of(), consumer);
    }

    @Override
    public SourceLog read(SourcePosition boundary, Collection<TableDescription> known, LogConsumer consumer) {
        CharacterSets characterSets = catalog.characterSets();
        voidParts.begin(boundary);
        BinlogSettings settings = new BinlogSettings(
                id.name(),
                connections.address(),
                new BinlogScope(connections.address().database(), markers.name()),
                FIRST_REPLICA_ID + (markers.name().hashCode() & FIRST_REPLICA_ID - 1),
                voidParts,
                prepared,
                boundary);
        return BinlogLog.start(settings, characterSets, catalog, known, consumer);
    }

    @Override
    public Optional<TableDescription> describe(String nativeId) {
        return catalog.describe(new TableName(connections.address().database(), nativeId));
    }

    /** Values come from the log as the archive carries them. */
    @Override
    public Object decode(Carrier carrier, Object logged) {
        if (!carrier.javaType().isInstance(logged)) {
            throw new IllegalStateException("The log gave a "
                    + logged.getClass().getSimpleName() + " for a column that is carried as " + carrier);
        }
        return logged;
    }

    @Override
    public DatabaseDefinition definition() {
        return connections.with(
                "read the definition", connection -> DefinitionReader.read(connection, server.engine()));
    }

    @Override
    public List<SequenceValue> sequences() {
        return connections.with("read the sequences", DefinitionReader::sequences);
    }

    @Override
    public long writeMarker(@Nullable String name, String round, Instant writtenAt) {
        return connections.with("write a marker", connection -> markers.write(connection, name, round, writtenAt));
    }

    @Override
    public ClockOffset clockOffset(Clock ours) {
        return connections.with(
                "read the clock",
                connection -> ClockOffset.measure(
                        connection, "SELECT CAST(UNIX_TIMESTAMP(NOW(6)) * 1000000 AS SIGNED)", ours));
    }

    /** Nothing: a binary log is kept for as long as the server is set to, whoever reads it. */
    @Override
    public LogKeeping lookAtLog() {
        GtidSet written =
                connections.with("look at the binary log", server::written).orElse(GtidSet.EMPTY);
        GtidSet before = lastWritten.getAndSet(written);
        if (!written.includes(before)) {
            lastWritten.set(GtidSet.EMPTY);
            throw new CdpException(
                    ErrorCode.SOURCE_UNREACHABLE,
                    "The binary log of source '" + id + "' went back from '" + before + "' to '" + written + "'",
                    "Nothing: reading starts again, and what is missing gets recorded");
        }
        return new LogKeeping(0, identity(), "");
    }
}
