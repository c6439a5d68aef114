package dev.cdp.app.faults;

import dev.cdp.core.Engine;
import dev.cdp.core.SourceId;
import dev.cdp.core.archive.ArchiveAccess;
import dev.cdp.core.archive.Ledger;
import dev.cdp.core.archive.ObjectStore;
import dev.cdp.testkit.objects.WitnessProgram;
import dev.cdp.testkit.services.TestDatabase;
import dev.cdp.testkit.services.TestKafka;
import dev.cdp.testkit.services.TestMariaDb;
import dev.cdp.testkit.services.TestPostgres;
import dev.cdp.testkit.services.TestS3;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * One source under load with its pipeline in child processes. Database, broker and object store live in this process
 * and stay up. A PostgreSQL source is archived into a folder, a MariaDB source into S3.
 */
final class Lab implements AutoCloseable {
    private static final AtomicInteger labs = new AtomicInteger();

    private final Path folder;
    private final Engine engine;
    private final SourceId source;
    private final TestDatabase database;
    private final ObjectStore archive;
    private final Writers writers;
    private final Journal journal = new Journal();
    private final LogWitness witness;
    private final ArchiveReading reading;
    private final Comparison comparison = new Comparison(journal);
    private final @Nullable AcknowledgementWatch watch;
    private final Map<Role, CdpProcess> processes = new EnumMap<>(Role.class);
    private final String archiveYaml;
    private int tableFilters;

    /** Prepares the database and starts the load; no stage runs yet. */
    Lab(Path parent, Engine engine, long seed) throws SQLException, IOException {
        if (engine == Engine.MARIADB) {
            WitnessProgram.require(BinlogWitness.PROGRAM);
        }
        int number = labs.incrementAndGet();
        this.engine = engine;
        this.source = new SourceId("lab-" + number);
        this.folder = Files.createDirectories(parent.resolve("lab-" + number));
        boolean isPostgres = engine == Engine.POSTGRESQL;
        this.database = isPostgres
                ? TestPostgres.version15().createDatabase("lab")
                : TestMariaDb.shared().createDatabase("lab");
        this.archiveYaml = isPostgres ? fileArchive() : s3Archive();
        this.archive =
                isPostgres ? ArchiveAccess.file(folder.resolve("archive")).open() : openS3();
        this.writers = new Writers(database, engine, journal);
        for (Role role : Role.values()) {
            configure(role);
        }
        dev.cdp.app.wiring.Sources.open(dev.cdp.app.config.ConfigurationFile.read(configuration(Role.DAEMON), Map.of())
                        .configuration()
                        .sources()
                        .get(source))
                .install();
        this.witness = isPostgres ? new TestDecodingWitness(database) : new BinlogWitness(database);
        this.reading = new ArchiveReading(archive, source, folder);
        this.watch = isPostgres ? new AcknowledgementWatch(database, slot(), archive, source) : null;
        writers.start(seed);
    }

    Engine engine() {
        return engine;
    }

    Writers writers() {
        return writers;
    }

    private String slot() {
        return "cdp_" + database.name();
    }

    private String fileArchive() {
        return "archive: { url: \"file:%s\", commit-interval: 200ms }".formatted(folder.resolve("archive"));
    }

    private String s3Archive() {
        TestS3 s3 = TestS3.shared();
        return """
                archive:
                  url: "s3://%s/cdp"
                  commit-interval: 200ms
                %s
                """.formatted(
                s3.createBucket(database.name().replace('_', '-')), s3.yaml().indent(2));
    }

    private ObjectStore openS3() throws IOException {
        configure(Role.DAEMON);
        return dev.cdp.app.wiring.Archives.open(
                dev.cdp.app.config.ConfigurationFile.read(configuration(Role.DAEMON), Map.of())
                        .configuration()
                        .archive());
    }

    private Path configuration(Role role) {
        return folder.resolve(role.name().toLowerCase() + ".yaml");
    }

    private void configure(Role role) throws IOException {
        boolean isPostgres = engine == Engine.POSTGRESQL;
        Path file = configuration(role);
        Path written = folder.resolve("written.yaml");
        Files.writeString(written, """
                version: 1
                data-directory: %s
                sources:
                  %s:
                    engine: %s
                    host: %s
                    port: %d
                    database: %s
                    user: %s
                    password: "%s"
                    tables: { exclude: [ "nowhere.t%d" ] }
                    %s
                groups: { lab: { sources: [ %s ], marker-interval: 1s } }
                kafka: { bootstrap-servers: "%s" }
                %s
                """.formatted(
                        folder.resolve("data-" + role.name().toLowerCase()),
                        source,
                        isPostgres ? "postgresql" : "mariadb",
                        database.host(),
                        database.port(),
                        database.name(),
                        database.user(),
                        database.password(),
                        tableFilters,
                        isPostgres ? "slot: " + slot() : "",
                        source,
                        TestKafka.shared().bootstrapServers(),
                        archiveYaml));
        Files.move(written, file, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    }

    /** Changes a setting of the source that means nothing, so that a daemon has to make its pipeline anew. */
    void changeConfiguration() throws IOException {
        tableFilters++;
        configure(Role.DAEMON);
    }

    /** Has these run, unarmed, and nothing else. */
    void run(Role... wanted) throws IOException, InterruptedException {
        List<Role> all = List.of(wanted);
        for (Role role : Role.values()) {
            CdpProcess process = processes.get(role);
            if (process != null && !all.contains(role)) {
                process.kill();
                processes.remove(role);
            }
        }
        for (Role role : all) {
            CdpProcess process = processes.get(role);
            if (process == null || !process.isAlive()) {
                start(role, null);
            }
        }
    }

    /** Kills the role's process if there is one, and starts it again, armed. */
    CdpProcess restart(Role role, @Nullable String armed) throws IOException, InterruptedException {
        CdpProcess before = processes.remove(role);
        if (before != null) {
            before.kill();
        }
        return start(role, armed);
    }

    private CdpProcess start(Role role, @Nullable String armed) throws IOException {
        Path log = folder.resolve(role.name().toLowerCase() + ".log");
        CdpProcess process = new CdpProcess(configuration(role), log, armed, role.command());
        processes.put(role, process);
        return process;
    }

    CdpProcess process(Role role) {
        return processes.get(role);
    }

    /** Whether the first full copy is in the archive. */
    boolean isProtected() {
        return Ledger.openExisting(archive, source)
                .filter(ledger -> !ledger.state().bases().isEmpty())
                .isPresent();
    }

    /** The number of the ledger's newest entry, 0 before the first. */
    long ledgerEntries() {
        return Ledger.openExisting(archive, source)
                .map(ledger -> ledger.state().entryNumber())
                .orElse(0L);
    }

    /** Compares what came since the last call. @return whether the archive has all that was committed before the call */
    boolean compare(Map<Integer, Long> committed) throws SQLException, IOException, InterruptedException {
        List<SeenTransaction> archived = reading.read();
        comparison.logged(witness.read());
        comparison.archived(archived, reading.basePlace());
        Map<Integer, Long> reached = comparison.reached();
        return committed.entrySet().stream()
                .allMatch(each -> reached.getOrDefault(each.getKey(), 0L) >= each.getValue());
    }

    Journal journal() {
        return journal;
    }

    Comparison comparison() {
        return comparison;
    }

    /** What is wrong beyond single changes. */
    List<String> faults() {
        List<String> faults = new ArrayList<>(reading.faults());
        Optional.ofNullable(watch).ifPresent(each -> faults.addAll(each.violations()));
        return faults;
    }

    /** How often the slot was held against the ledger. */
    long acknowledgementSamples() {
        return watch == null ? 0 : watch.samples();
    }

    String lastWords() {
        StringBuilder words = new StringBuilder();
        processes.forEach((role, process) -> words.append("--- ")
                .append(role)
                .append(process.isAlive() ? " (alive)\n" : " (gone)\n")
                .append(process.lastWords())
                .append('\n'));
        return words.toString();
    }

    @Override
    public void close() throws SQLException {
        processes.values().forEach(CdpProcess::close);
        writers.close();
        if (watch != null) {
            watch.close();
        }
        reading.close();
        archive.close();
        if (witness instanceof TestDecodingWitness slot) {
            slot.drop();
            database.execute("SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE database = '"
                    + database.name() + "' AND NOT active");
        }
    }
}
