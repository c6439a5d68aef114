package dev.cdp.app.endtoend;

import dev.cdp.app.config.Configuration;
import dev.cdp.app.config.ConfigurationFile;
import dev.cdp.app.daemon.Daemon;
import dev.cdp.app.wiring.Archives;
import dev.cdp.app.wiring.Brokers;
import dev.cdp.app.wiring.Sources;
import dev.cdp.core.Engine;
import dev.cdp.core.RestorePoint;
import dev.cdp.core.Secret;
import dev.cdp.core.SourceId;
import dev.cdp.core.TableName;
import dev.cdp.core.Watermark;
import dev.cdp.core.archive.ArchiveState;
import dev.cdp.core.archive.Ledger;
import dev.cdp.core.archive.ObjectStore;
import dev.cdp.restore.Destination;
import dev.cdp.restore.Link;
import dev.cdp.restore.RestoreGroup;
import dev.cdp.restore.RestoreProgress;
import dev.cdp.restore.RestoreService;
import dev.cdp.restore.RestoreSettings;
import dev.cdp.restore.plan.RestorePlan;
import dev.cdp.restore.reading.ArchiveReader;
import dev.cdp.restore.reading.SourceHistory;
import dev.cdp.restore.target.TargetServer;
import dev.cdp.restore.verify.RestoreReport;
import dev.cdp.testkit.services.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Collectors;

/** A bank whose services stand in databases of their own, protected by a configuration file as an operator would write it. */
final class ProtectedBank {
    static final SourceId FIRST = new SourceId("first");
    static final SourceId SECOND = new SourceId("second");
    static final SourceId THIRD = new SourceId("third");

    static final Duration PATIENCE = Duration.ofSeconds(300);

    private final Path folder;
    private final SortedMap<SourceId, TestDatabase> databases;
    private final List<BankService> services = new ArrayList<>();
    private final ConfigurationFile configuration;

    /**
     * Creates the services and prepares their databases.
     *
     * @param kafkaAndArchive the YAML of the sections {@code kafka} and {@code archive}
     */
    ProtectedBank(Path folder, Map<SourceId, TestDatabase> databases, String kafkaAndArchive)
            throws IOException, SQLException {
        this.folder = folder;
        this.databases = new TreeMap<>(databases);
        for (Map.Entry<SourceId, TestDatabase> each : this.databases.entrySet()) {
            List<String> peers =
                    others(each.getKey()).stream().map(SourceId::name).toList();
            services.add(new BankService(each.getKey().name(), each.getValue(), peers));
        }
        Path file = folder.resolve("cdp.yaml");
        Files.writeString(file, """
                version: 1
                data-directory: %s
                sources:
                %s
                groups:
                  bank: { sources: %s, marker-interval: 1s }
                %s
                """.formatted(
                        folder.resolve("data"),
                        this.databases.keySet().stream().map(this::yaml).collect(Collectors.joining("\n")),
                        this.databases.keySet(),
                        kafkaAndArchive));
        configuration = ConfigurationFile.read(file, Map.of());
        for (Configuration.Source source :
                configuration.configuration().sources().values()) {
            Sources.open(source).install();
        }
    }

    private String yaml(SourceId source) {
        TestDatabase database = database(source);
        Engine engine = engine(database);
        return "  %s: { engine: %s, host: %s, port: %d, database: %s, user: %s, password: \"%s\"%s }"
                .formatted(
                        source,
                        engine.name().toLowerCase(java.util.Locale.ROOT),
                        database.host(),
                        database.port(),
                        database.name(),
                        database.user(),
                        database.password(),
                        engine == Engine.POSTGRESQL ? ", slot: cdp_" + database.name() : "");
    }

    private static Engine engine(TestDatabase database) {
        return database.jdbcUrl().startsWith("jdbc:postgresql:") ? Engine.POSTGRESQL : Engine.MARIADB;
    }

    private TestDatabase database(SourceId source) {
        TestDatabase database = databases.get(source);
        if (database == null) {
            throw new IllegalArgumentException("No service " + source);
        }
        return database;
    }

    private List<SourceId> others(SourceId source) {
        return databases.keySet().stream().filter(each -> !each.equals(source)).toList();
    }

    /** In the order of {@link #sources}. */
    List<BankService> services() {
        return List.copyOf(services);
    }

    List<SourceId> sources() {
        return List.copyOf(databases.keySet());
    }

    long steps() {
        return services.stream().mapToLong(BankService::steps).sum();
    }

    ConfigurationFile configuration() {
        return configuration;
    }

    Daemon daemon() {
        return new Daemon(configuration, Map.of(), "test", Clock.systemUTC());
    }

    ObjectStore openArchive() {
        return Archives.open(configuration.configuration().archive());
    }

    /** Writes a round of markers, as {@code cdp mark} does. */
    void mark(String name) {
        String round = UUID.randomUUID().toString();
        Instant now = Instant.now();
        configuration.configuration().sources().values().forEach(source -> Sources.open(source)
                .writeMarker(name, round, now));
    }

    /** Each service's inbox follows from the other ones' outboxes. */
    RestoreGroup group() {
        List<Link> links = new ArrayList<>();
        for (SourceId receiver : databases.keySet()) {
            for (SourceId sender : others(receiver)) {
                links.add(new Link(
                        end(receiver, "inbox", BankService.inboxColumn(sender.name())), end(sender, "outbox", "id")));
            }
        }
        return new RestoreGroup("bank", sources(), links);
    }

    /** The same sources, and nothing known of what joins them. */
    RestoreGroup groupWithoutLinks() {
        return new RestoreGroup("bank", sources(), List.of());
    }

    private Link.End end(SourceId source, String table, String column) {
        return new Link.End(source, table(source, table), column);
    }

    /** A table of a service, as its database names it. */
    TableName table(SourceId source, String table) {
        TestDatabase database = database(source);
        return new TableName(engine(database) == Engine.POSTGRESQL ? "public" : database.name(), table);
    }

    RestoreService restoreService(ObjectStore archive) {
        return new RestoreService(
                RestoreSettings.usual(
                        archive, Brokers.known(configuration.configuration()).orElse(null), folder.resolve("restore")),
                Clock.systemUTC());
    }

    /** Opens what is known of all sources, with what only Kafka has yet; the caller closes it. */
    Map<SourceId, SourceHistory> openHistories(ObjectStore archive) {
        ArchiveReader reader = new ArchiveReader(
                archive, Brokers.known(configuration.configuration()).orElse(null), folder.resolve("reading"));
        Map<SourceId, SourceHistory> histories = new TreeMap<>();
        sources().forEach(source -> histories.put(source, reader.open(source)));
        return histories;
    }

    /** Restores all services beside the originals, into databases of this suffix. */
    Restored restore(ObjectStore archive, RestorePoint point, String suffix) throws SQLException {
        return restore(restoreService(archive), point, suffix);
    }

    /** Restores the latest cut with nothing but the archive, and an empty folder to work in. */
    Restored restoreAlone(ObjectStore archive, Path work, String suffix) throws SQLException {
        RestoreService alone = new RestoreService(RestoreSettings.usual(archive, null, work), Clock.systemUTC());
        return restore(alone, new RestorePoint.Latest(), suffix);
    }

    private Restored restore(RestoreService service, RestorePoint point, String suffix) throws SQLException {
        Map<SourceId, TargetServer> servers = new HashMap<>();
        Map<SourceId, Destination> destinations = new HashMap<>();
        databases.forEach((source, database) -> {
            TargetServer server = server(engine(database), database);
            servers.put(source, server);
            destinations.put(source, new Destination(server, database.name(), database.name() + suffix));
        });
        RestorePlan plan = service.plan(group(), point, destinations);
        RestoreReport report = service.restore(plan, servers, RestoreProgress.SILENT);
        Map<String, BankService.Content> contents = new HashMap<>();
        for (SourceId source : databases.keySet()) {
            contents.put(source.name(), BankService.read(renamed(database(source), suffix)));
        }
        return new Restored(plan, report, new BankState(contents));
    }

    /** Whether the archive holds the first base of every source. */
    boolean isProtected(ObjectStore archive) {
        return sources().stream().allMatch(source -> state(archive, source)
                .filter(state -> !state.bases().isEmpty())
                .isPresent());
    }

    /** Whether the archive holds everything up to the moment, also by MariaDB's whole seconds. */
    boolean reaches(ObjectStore archive, Instant moment) {
        return sources().stream().allMatch(source -> reaches(archive, source, moment));
    }

    /** The same for one source, by its own clock. */
    boolean reaches(ObjectStore archive, SourceId source, Instant moment) {
        return state(archive, source)
                .flatMap(ArchiveState::watermark)
                .map(Watermark::commitTimestamp)
                .filter(reached -> reached.isAfter(moment.plusSeconds(1)))
                .isPresent();
    }

    private static Optional<ArchiveState> state(ObjectStore archive, SourceId source) {
        return Ledger.openExisting(archive, source).map(Ledger::state);
    }

    /** @param state what was then read from the restored databases */
    record Restored(RestorePlan plan, RestoreReport report, BankState state) {}

    private static TargetServer server(Engine engine, TestDatabase database) {
        return new TargetServer(
                engine, database.host(), database.port(), database.user(), Secret.of(database.password()), Map.of());
    }

    private static TestDatabase renamed(TestDatabase database, String suffix) {
        return new TestDatabase(
                database.name() + suffix,
                database.jdbcUrl().replace("/" + database.name(), "/" + database.name() + suffix),
                database.host(),
                database.port(),
                database.user(),
                database.password());
    }
}
