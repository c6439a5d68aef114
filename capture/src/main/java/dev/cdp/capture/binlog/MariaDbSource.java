package dev.cdp.capture.binlog;

import dev.cdp.capture.CheckFinding;
import dev.cdp.capture.binlog.definition.MariaDbDefinitionReader;
import dev.cdp.capture.binlog.reading.BinlogLog;
import dev.cdp.capture.binlog.reading.BinlogScope;
import dev.cdp.capture.binlog.reading.BinlogSettings;
import dev.cdp.capture.binlog.reading.CharacterSets;
import dev.cdp.capture.binlog.reading.VoidParts;
import dev.cdp.capture.log.LogConsumer;
import dev.cdp.capture.log.SourceLog;
import dev.cdp.capture.source.BaseReading;
import dev.cdp.capture.source.DatabaseAddress;
import dev.cdp.capture.source.HeldHistory;
import dev.cdp.capture.source.HistoryLostException;
import dev.cdp.capture.source.LogKeeping;
import dev.cdp.capture.source.SourceAccessException;
import dev.cdp.capture.source.SourceDatabase;
import dev.cdp.capture.source.TableDescription;
import dev.cdp.capture.source.TableScope;
import dev.cdp.core.Carrier;
import dev.cdp.core.CdpException;
import dev.cdp.core.Engine;
import dev.cdp.core.ErrorCode;
import dev.cdp.core.SourceId;
import dev.cdp.core.SourcePosition;
import dev.cdp.core.TableName;
import dev.cdp.core.crash.CrashPoint;
import dev.cdp.core.definition.DatabaseDefinition;
import dev.cdp.core.definition.SequenceValue;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A MariaDB database, with a {@link MarkerTable} beside it on its server. */
public final class MariaDbSource implements SourceDatabase {
    // Ids of readers must differ from those of servers, which are small numbers as a rule.
    private static final long FIRST_REPLICA_ID = 1L << 30;

    private final SourceId id;
    private final MariaDbConnections connections;
    private final MariaDbCatalog catalog;
    private final MarkerTable markers;
    private final VoidParts voidParts = new VoidParts();

    public MariaDbSource(SourceId id, DatabaseAddress address, TableScope scope) {
        this.id = id;
        this.connections = new MariaDbConnections(address);
        this.catalog = new MariaDbCatalog(connections, scope);
        this.markers = new MarkerTable(id);
    }

    @Override
    public Engine engine() {
        return Engine.MARIADB;
    }

    @Override
    public String identity() {
        return connections.with("read the server's identity", connection -> {
            try (Statement statement = connection.createStatement();
                    ResultSet row = statement.executeQuery("SELECT @@server_id")) {
                row.next();
                return row.getString(1) + "/" + connections.address().database() + "/" + markers.history(connection);
            }
        });
    }

    @Override
    public List<CheckFinding> check() {
        return connections.with("look at the settings", connection -> MariaDbChecks.run(connection, catalog, markers));
    }

    @Override
    public List<String> installStatements() {
        return connections.with(
                "look for the table of markers",
                connection -> markers.isInstalled(connection) ? List.of() : markers.installStatements());
    }

    @Override
    public void install() {
        connections.with("install the table of markers", connection -> {
            try (Statement statement = connection.createStatement()) {
                for (String sql : markers.installStatements()) {
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
        return beginBase(Set.of());
    }

    private void requirePrepared() {
        if (!installStatements().isEmpty()) {
            throw notPrepared("the table " + markers.name() + " is missing", "Run 'cdp source add " + id + "'");
        }
        check().stream()
                .filter(finding -> finding.verdict() == CheckFinding.Verdict.FAILED)
                .filter(finding -> !finding.check().startsWith(MariaDbChecks.TABLE_PREFIX))
                .findFirst()
                .ifPresent(finding -> {
                    throw notPrepared(finding.what(), finding.mend());
                });
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
            BinlogPlaces.requireReadable(connection, (SourcePosition.MariaDb) held.boundary());
            return true;
        });
        return identity;
    }

    @Override
    public BaseReading beginBase(Set<String> nativeIds) {
        try {
            return MariaDbBaseReading.open(connections, catalog, nativeIds);
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
        CharacterSets characterSets = connections.with("read the character sets", CharacterSets::read);
        BinlogSettings settings = new BinlogSettings(
                id.name(),
                connections.address(),
                new BinlogScope(connections.address().database(), markers.name()),
                FIRST_REPLICA_ID + (markers.name().hashCode() & FIRST_REPLICA_ID - 1),
                voidParts,
                (SourcePosition.MariaDb) boundary);
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
        return connections.with("read the definition", MariaDbDefinitionReader::read);
    }

    @Override
    public List<SequenceValue> sequences() {
        return connections.with("read the sequences", MariaDbDefinitionReader::sequences);
    }

    @Override
    public long writeMarker(@Nullable String name, String round, Instant writtenAt) {
        return connections.with("write a marker", connection -> markers.write(connection, name, round, writtenAt));
    }

    /** Nothing: a binary log is kept for as long as the server is set to, whoever reads it. */
    @Override
    public LogKeeping lookAtLog() {
        return new LogKeeping(0, "", "");
    }
}
