package dev.cdp.app.fidelity;

import static org.awaitility.Awaitility.await;

import dev.cdp.app.config.ConfigurationFile;
import dev.cdp.app.restore.RestoreBeside;
import dev.cdp.app.wiring.Sources;
import dev.cdp.archiver.ArchiverService;
import dev.cdp.archiver.ArchiverSettings;
import dev.cdp.capture.CaptureService;
import dev.cdp.capture.CaptureSettings;
import dev.cdp.capture.CaptureStatus;
import dev.cdp.capture.source.SourceDatabase;
import dev.cdp.core.DataSize;
import dev.cdp.core.Engine;
import dev.cdp.core.ExitCode;
import dev.cdp.core.RestorePoint;
import dev.cdp.core.SourceId;
import dev.cdp.core.archive.ArchiveAccess;
import dev.cdp.core.archive.ArchiveState;
import dev.cdp.core.archive.Ledger;
import dev.cdp.core.archive.LedgerEntry;
import dev.cdp.core.archive.ObjectStore;
import dev.cdp.core.fold.TableFiles;
import dev.cdp.core.topic.KafkaAccess;
import dev.cdp.restore.GapPolicy;
import dev.cdp.restore.RestoreSettings;
import dev.cdp.testkit.services.TestDatabase;
import dev.cdp.testkit.services.TestKafka;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * One database with capture and archiver beside it, and the product's own restore of what they archive. A test writes
 * rows, calls {@link #awaitArchived}, restores and compares.
 */
final class FidelityLab implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(300);
    private static final SourceId SOURCE = new SourceId("source");

    private final Path folder;
    private final Engine engine;
    private final TestDatabase database;
    private final SourceDatabase source;
    private final KafkaAccess kafka;
    private final ObjectStore store;
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    private @Nullable CaptureService capture;
    private @Nullable ArchiverService archiver;
    private List<Thread> threads = List.of();
    private int markers;
    private int restores;

    /** Prepares the database as {@code cdp source add} does; nothing is captured yet. */
    FidelityLab(Path folder, Engine engine, TestDatabase database) throws IOException {
        this.folder = Files.createDirectories(folder);
        this.engine = engine;
        this.database = database;
        this.source = source();
        this.kafka = new KafkaAccess(
                TestKafka.shared().bootstrapServers(), TestKafka.shared().freshName("fidelity"), Map.of());
        this.store = ArchiveAccess.file(folder.resolve("archive")).open();
        source.install();
    }

    private SourceDatabase source() throws IOException {
        Path file = folder.resolve("cdp.yaml");
        String slot = engine == Engine.POSTGRESQL ? ", slot: cdp_" + database.name() : "";
        Files.writeString(file, """
            version: 1
            data-directory: %s
            sources:
              %s: { engine: %s, host: %s, port: %d, database: %s, user: %s, password: "%s"%s }
            archive: { url: "file:%s" }
            """.formatted(
                        folder.resolve("data"),
                        SOURCE,
                        engine.name().toLowerCase(java.util.Locale.ROOT),
                        database.host(),
                        database.port(),
                        database.name(),
                        database.user(),
                        database.password(),
                        slot,
                        folder.resolve("archive")));
        return Sources.open(
                ConfigurationFile.read(file, Map.of()).configuration().sources().get(SOURCE));
    }

    /** For {@code check} and the like. */
    SourceDatabase database() {
        return source;
    }

    void start() {
        CaptureService newCapture = new CaptureService(
                new CaptureSettings(SOURCE, Duration.ofMillis(500), folder.resolve("base-staging"), 8 << 20, null),
                source,
                kafka,
                store,
                Clock.systemUTC());
        ArchiverService newArchiver = new ArchiverService(
                new ArchiverSettings(
                        SOURCE,
                        engine,
                        kafka,
                        folder.resolve("staging"),
                        Duration.ofMillis(200),
                        DataSize.ofMebibytes(8),
                        PATIENCE),
                store,
                Clock.systemUTC());
        capture = newCapture;
        archiver = newArchiver;
        threads = List.of(thread("capture", newCapture::run), thread("archiver", newArchiver::run));
    }

    private interface Work {
        void run() throws InterruptedException;
    }

    private Thread thread(String name, Work work) {
        Thread thread = new Thread(
                () -> {
                    try {
                        work.run();
                    } catch (InterruptedException | RuntimeException e) {
                        failure.compareAndSet(null, e);
                    }
                },
                name + "-" + database.name());
        thread.start();
        return thread;
    }

    /** Until everything that is committed in the source now is archived, and every table has its base. */
    ArchiveState awaitArchived() {
        await("reading").atMost(PATIENCE).until(() -> {
            requireNoFailure();
            return capture != null && capture.status().state() == CaptureStatus.State.STREAMING;
        });
        String marker = "marker-" + ++markers;
        source.writeMarker(marker, marker, Instant.now());
        await(marker).atMost(PATIENCE).pollInterval(Duration.ofMillis(100)).until(() -> {
            requireNoFailure();
            return state().stream()
                    .filter(state -> !state.bases().isEmpty())
                    .flatMap(state -> state.marks().stream())
                    .anyMatch(mark -> mark.name().equals(marker));
        });
        return state().orElseThrow();
    }

    /** Whether the objects of the database were read behind the last statement that changed them. */
    private static boolean isDefined(ArchiveState state) {
        long lastStatement = state.statements().stream()
                .mapToLong(LedgerEntry.Statement::seq)
                .max()
                .orElse(0);
        return state.definitions().stream().anyMatch(definition -> definition.seq() >= lastStatement);
    }

    /** The same, and until no table waits for a base of its own, and the definition behind the last statement is there. */
    ArchiveState awaitBases() {
        await("bases").atMost(PATIENCE).until(() -> {
            ArchiveState state = awaitArchived();
            return isDefined(state)
                    && TableFiles.gaps(state, state.watermark().orElseThrow().seq())
                            .isEmpty();
        });
        return awaitArchived();
    }

    private void requireNoFailure() {
        if (failure.get() != null) {
            throw new AssertionError("Capture or archiver ended", failure.get());
        }
    }

    private Optional<ArchiveState> state() {
        return Ledger.openExisting(store, SOURCE).map(Ledger::state);
    }

    /** Restores all that is archived into a new database. @param server any database of the server to restore to */
    TestDatabase restore(TestDatabase server) {
        return restore(server, new RestorePoint.Latest());
    }

    /** What capture says of itself. */
    CaptureStatus status() {
        return java.util.Objects.requireNonNull(capture).status();
    }

    /** Restores one moment into a new database. @param server any database of the server to restore to */
    TestDatabase restore(TestDatabase server, RestorePoint point) {
        return restore(server, point, GapPolicy.REFUSE, ExitCode.DONE);
    }

    /** Restores what is known of one moment, which ends as {@code expected}. */
    TestDatabase restore(TestDatabase server, RestorePoint point, GapPolicy gaps, ExitCode expected) {
        String name = database.name() + "_restored_" + ++restores;
        return new RestoreBeside(SOURCE, engine, store, folder.resolve("restore"))
                .restore(database.name(), server, point, name, gaps, expected);
    }

    /** For what reads the archive. */
    RestoreSettings reading() {
        return RestoreSettings.usual(store, kafka, folder.resolve("restore"));
    }

    void stop() throws InterruptedException {
        if (capture != null && archiver != null) {
            capture.stop();
            threads.get(0).join(PATIENCE.toMillis());
            archiver.stop();
            threads.get(1).join(PATIENCE.toMillis());
            capture = null;
            archiver = null;
        }
    }

    /** Stops, and takes everything of ours out of the database. */
    @Override
    public void close() {
        try {
            stop();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        store.close();
        source.uninstall();
    }
}
