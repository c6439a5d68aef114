package dev.cdp.app.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.cdp.app.config.ConfigurationFile;
import dev.cdp.app.wiring.Sources;
import dev.cdp.archiver.ArchiverService;
import dev.cdp.archiver.ArchiverSettings;
import dev.cdp.archiver.ArchiverStatus;
import dev.cdp.capture.CaptureService;
import dev.cdp.capture.CaptureSettings;
import dev.cdp.capture.CaptureStatus;
import dev.cdp.capture.source.SourceDatabase;
import dev.cdp.core.DataSize;
import dev.cdp.core.RowImage;
import dev.cdp.core.SourceId;
import dev.cdp.core.archive.ArchiveAccess;
import dev.cdp.core.archive.ArchiveState;
import dev.cdp.core.archive.Ledger;
import dev.cdp.core.archive.ObjectStore;
import dev.cdp.core.fold.Fold;
import dev.cdp.core.fold.FoldDatabase;
import dev.cdp.core.fold.FoldedRows;
import dev.cdp.core.fold.TableFiles;
import dev.cdp.core.topic.KafkaAccess;
import dev.cdp.testkit.services.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Capture and archiver of one source, started and stopped by a test that takes something away from under them. */
final class GapLab {
    /** How soon a gap must be known, and how long a loaded machine may take for anything. */
    static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Path folder;
    private final SourceDatabase source;
    private final KafkaAccess kafka;
    private final SourceId id;
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    private @Nullable CaptureService capture;
    private @Nullable ArchiverService archiver;
    private List<Thread> threads = List.of();
    private int markers;

    GapLab(SourceId id, SourceDatabase source, KafkaAccess kafka, Path folder) {
        this.id = id;
        this.source = source;
        this.kafka = kafka;
        this.folder = folder;
    }

    /** A MariaDB database as an operator would name it in a configuration file. */
    static SourceDatabase mariaDb(SourceId id, TestDatabase database, Path folder) throws IOException {
        Path file = folder.resolve("cdp.yaml");
        Files.writeString(file, """
                version: 1
                data-directory: %s
                sources:
                  %s: { engine: mariadb, host: %s, port: %d, database: %s, user: %s, password: "%s" }
                archive: { url: "file:%s" }
                """.formatted(
                        folder.resolve("data"),
                        id,
                        database.host(),
                        database.port(),
                        database.name(),
                        database.user(),
                        database.password(),
                        folder.resolve("archive")));
        return Sources.open(
                ConfigurationFile.read(file, Map.of()).configuration().sources().get(id));
    }

    Path archiveFolder() {
        return folder.resolve("archive");
    }

    void start() {
        failure.set(null);
        ObjectStore store = ArchiveAccess.file(archiveFolder()).open();
        CaptureService newCapture = new CaptureService(
                new CaptureSettings(id, Duration.ofMillis(300), folder.resolve("base-staging"), 1 << 20, null),
                source,
                kafka,
                store,
                Clock.systemUTC());
        ArchiverService newArchiver = new ArchiverService(
                new ArchiverSettings(
                        id,
                        source.engine(),
                        kafka,
                        folder.resolve("staging"),
                        Duration.ofMillis(100),
                        DataSize.ofMebibytes(1),
                        PATIENCE),
                store,
                Clock.systemUTC());
        capture = newCapture;
        archiver = newArchiver;
        threads = List.of(thread("capture", newCapture::run), thread("archiver", newArchiver::run));
    }

    /** So that what is captured waits to be archived. */
    void startCaptureOnly() {
        start();
        archiver.stop();
    }

    /** Until everything that is committed in the source now stands in the change topic. */
    void awaitCaptured() {
        await("reading").atMost(PATIENCE).until(() -> {
            requireNoFailure();
            return capture.status().state() == CaptureStatus.State.STREAMING;
        });
        long before = capture.status().seq();
        source.writeMarker(null, "captured", Instant.now());
        await("captured").atMost(PATIENCE).until(() -> capture.status().seq() > before + 2); // two heartbeats follow
    }

    void awaitEpoch(int epoch) {
        await("epoch " + epoch).atMost(PATIENCE).until(() -> {
            requireNoFailure();
            return capture.status().epoch() == epoch && capture.status().state() == CaptureStatus.State.STREAMING;
        });
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
                name + "-" + id);
        thread.start();
        return thread;
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

    /** What capture or archiver ended with, if one did. */
    @Nullable
    Throwable failure() {
        return failure.get();
    }

    /** Until everything that is committed in the source now is archived in its present epoch. */
    ArchiveState awaitArchived() {
        String marker = "marker-" + ++markers;
        await("reading").atMost(PATIENCE).until(() -> {
            requireNoFailure();
            return capture.status().state() == CaptureStatus.State.STREAMING;
        });
        source.writeMarker(marker, marker, Instant.now());
        await(marker).atMost(PATIENCE).pollInterval(Duration.ofMillis(100)).until(() -> {
            requireNoFailure();
            return ledger().isPresent()
                    && state().marks().stream().anyMatch(mark -> mark.name().equals(marker));
        });
        return state();
    }

    private void requireNoFailure() {
        if (failure.get() != null) {
            throw new AssertionError("Capture or archiver ended", failure.get());
        }
    }

    /** Until a gap is in the ledger, at most a minute after the call. */
    ArchiveState awaitGap(int count) {
        Instant begin = Instant.now();
        await("gap " + count).atMost(PATIENCE).until(() -> {
            requireNoFailure();
            return state().gaps().size() >= count;
        });
        System.out.printf(
                "%s: gap recorded after %d ms%n",
                id, Duration.between(begin, Instant.now()).toMillis());
        return state();
    }

    ArchiverStatus archiverStatus() {
        return archiver.status();
    }

    ArchiveState state() {
        return ledger().orElseThrow();
    }

    private Optional<ArchiveState> ledger() {
        try (ObjectStore store = ArchiveAccess.file(archiveFolder()).open()) {
            return Ledger.openExisting(store, id).map(Ledger::state);
        }
    }

    /** The rows of the table {@code t} at a cut, each as its printed values, in the order of its key. */
    List<String> rows(ArchiveState state, long seq) {
        List<String> rows = new ArrayList<>();
        TableFiles files = TableFiles.at(state, seq).stream()
                .filter(each -> each.schema().name().name().equals("t"))
                .findFirst()
                .orElseThrow();
        try (FoldDatabase database = FoldDatabase.open(
                        new FoldDatabase.Limits(DataSize.ofMebibytes(128), 1, folder.resolve("spill")));
                FoldedRows folded = Fold.open(
                        database, "t", files, object -> archiveFolder().resolve(object.key()), Fold.Order.BY_KEY)) {
            for (RowImage row = folded.next(); row != null; row = folded.next()) {
                rows.add(String.join(
                        "|", row.toList().stream().map(String::valueOf).toList()));
            }
        }
        return rows;
    }

    List<String> newestRows() {
        ArchiveState state = state();
        assertThat(state.watermark()).isPresent();
        return rows(state, state.watermark().orElseThrow().seq());
    }
}
