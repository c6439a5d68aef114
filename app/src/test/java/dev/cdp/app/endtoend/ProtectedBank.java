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
import dev.cdp.restore.target.TargetServer;
import dev.cdp.restore.verify.RestoreReport;
import dev.cdp.testkit.services.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A bank of a PostgreSQL and a MariaDB service, protected by a configuration file as an operator would write it. */
final class ProtectedBank {
    static final SourceId FIRST = new SourceId("first");
    static final SourceId SECOND = new SourceId("second");

    static final Duration PATIENCE = Duration.ofSeconds(120);

    private final Path folder;
    private final TestDatabase first;
    private final TestDatabase second;
    private final ConfigurationFile configuration;

    /** @param kafkaAndArchive the YAML of the sections {@code kafka} and {@code archive} */
    ProtectedBank(Path folder, TestDatabase first, TestDatabase second, String kafkaAndArchive) throws IOException {
        this.folder = folder;
        this.first = first;
        this.second = second;
        Path file = folder.resolve("cdp.yaml");
        Files.writeString(file, """
                version: 1
                data-directory: %s
                sources:
                  first: { engine: postgresql, host: %s, port: %d, database: %s, user: %s, password: "%s", slot: cdp_%s }
                  second: { engine: mariadb, host: %s, port: %d, database: %s, user: %s, password: "%s" }
                groups:
                  bank: { sources: [first, second], marker-interval: 1s }
                %s
                """.formatted(
                        folder.resolve("data"),
                        first.host(),
                        first.port(),
                        first.name(),
                        first.user(),
                        first.password(),
                        first.name(),
                        second.host(),
                        second.port(),
                        second.name(),
                        second.user(),
                        second.password(),
                        kafkaAndArchive));
        configuration = ConfigurationFile.read(file, Map.of());
        for (Configuration.Source source :
                configuration.configuration().sources().values()) {
            Sources.open(source).install();
        }
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

    /** Each service's inbox follows from the other one's outbox. */
    RestoreGroup group() {
        return new RestoreGroup(
                "bank",
                List.of(FIRST, SECOND),
                List.of(
                        new Link(end(SECOND, second.name(), "inbox"), end(FIRST, "public", "outbox")),
                        new Link(end(FIRST, "public", "inbox"), end(SECOND, second.name(), "outbox"))));
    }

    private static Link.End end(SourceId source, String schema, String table) {
        return new Link.End(source, new TableName(schema, table), "id");
    }

    RestoreService restoreService(ObjectStore archive) {
        return new RestoreService(
                RestoreSettings.usual(
                        archive, Brokers.known(configuration.configuration()).orElse(null), folder.resolve("restore")),
                Clock.systemUTC());
    }

    /** Restores both services beside the originals, into databases of this suffix. */
    Restored restore(ObjectStore archive, RestorePoint point, String suffix) {
        return restore(restoreService(archive), point, suffix);
    }

    /** Restores the latest cut with nothing but the archive, and an empty folder to work in. */
    Restored restoreAlone(ObjectStore archive, Path work, String suffix) {
        RestoreService alone = new RestoreService(RestoreSettings.usual(archive, null, work), Clock.systemUTC());
        return restore(alone, new RestorePoint.Latest(), suffix);
    }

    private Restored restore(RestoreService service, RestorePoint point, String suffix) {
        TestDatabase firstCopy = renamed(first, first.name() + suffix);
        TestDatabase secondCopy = renamed(second, second.name() + suffix);
        Map<SourceId, TargetServer> servers =
                Map.of(FIRST, server(Engine.POSTGRESQL, first), SECOND, server(Engine.MARIADB, second));
        RestorePlan plan = service.plan(
                group(),
                point,
                Map.of(
                        FIRST, new Destination(servers.get(FIRST), first.name(), firstCopy.name()),
                        SECOND, new Destination(servers.get(SECOND), second.name(), secondCopy.name())));
        RestoreReport report = service.restore(plan, servers, RestoreProgress.SILENT);
        return new Restored(plan, report, firstCopy, secondCopy);
    }

    /** Whether the archive holds a source's first base. */
    boolean isProtected(ObjectStore archive, SourceId source) {
        return state(archive, source).filter(state -> !state.bases().isEmpty()).isPresent();
    }

    /** Whether the archive holds everything up to the moment, also by MariaDB's whole seconds. */
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

    record Restored(RestorePlan plan, RestoreReport report, TestDatabase first, TestDatabase second) {}

    private static TargetServer server(Engine engine, TestDatabase database) {
        return new TargetServer(
                engine, database.host(), database.port(), database.user(), Secret.of(database.password()), Map.of());
    }

    private static TestDatabase renamed(TestDatabase database, String name) {
        return new TestDatabase(
                name,
                database.jdbcUrl().replace("/" + database.name(), "/" + name),
                database.host(),
                database.port(),
                database.user(),
                database.password());
    }
}
