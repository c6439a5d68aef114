package dev.cdp.app.ddl;

import static org.awaitility.Awaitility.await;

import dev.cdp.app.config.ConfigurationFile;
import dev.cdp.app.daemon.Daemon;
import dev.cdp.app.daemon.Stage;
import dev.cdp.app.wiring.Sources;
import dev.cdp.core.SourceId;
import dev.cdp.core.archive.ArchiveAccess;
import dev.cdp.core.archive.ArchiveState;
import dev.cdp.core.archive.Ledger;
import dev.cdp.core.archive.ObjectStore;
import dev.cdp.testkit.services.TestDatabase;
import dev.cdp.testkit.services.TestKafka;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One database with a daemon that captures and archives it. */
final class ProtectedDatabase implements AutoCloseable {
    static final Duration PATIENCE = Duration.ofMinutes(4);
    static final SourceId SOURCE = new SourceId("shop");

    private final Path folder;
    private @Nullable Daemon daemon;
    private @Nullable Thread running;

    /** @param engine as a configuration names it */
    ProtectedDatabase(Path folder, String engine, TestDatabase database) throws IOException {
        this.folder = folder;
        Files.writeString(configuration(), """
            version: 1
            data-directory: %s
            sources:
              shop: { engine: %s, host: %s, port: %d, database: %s, user: %s, password: "%s" }
            groups:
              shop: { sources: [shop], marker-interval: 1s }
            kafka: { bootstrap-servers: "%s", topic-prefix: %s }
            archive: { url: "file:%s", commit-interval: 2s }
            """.formatted(
                        folder.resolve("data"),
                        engine,
                        database.host(),
                        database.port(),
                        database.name(),
                        database.user(),
                        database.password(),
                        TestKafka.shared().bootstrapServers(),
                        TestKafka.shared().freshName("ddl"),
                        archive()));
        read().configuration().sources().values().forEach(source -> Sources.open(source)
                .install());
    }

    private ConfigurationFile read() {
        return ConfigurationFile.read(configuration(), Map.of());
    }

    private Path configuration() {
        return folder.resolve("cdp.yaml");
    }

    Path archive() {
        return folder.resolve("archive");
    }

    Path scratch() {
        return folder.resolve("scratch");
    }

    /** Does nothing while it runs. */
    void start() {
        if (daemon != null) {
            return;
        }
        Daemon started = new Daemon(read(), Map.of(), "test", EnumSet.allOf(Stage.class), Clock.systemUTC());
        Thread thread = new Thread(
                () -> {
                    try {
                        started.run();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                },
                "daemon");
        thread.start();
        daemon = started;
        running = thread;
    }

    void stop() throws InterruptedException {
        if (daemon != null && running != null) {
            daemon.stop();
            running.join();
            daemon = null;
        }
    }

    void awaitBase() {
        await("the first base").atMost(PATIENCE).until(() -> {
            requireRunning();
            try (ObjectStore store = ArchiveAccess.file(archive()).open()) {
                return Ledger.openExisting(store, SOURCE)
                        .map(ledger -> !ledger.state().bases().isEmpty())
                        .orElse(false);
            }
        });
    }

    /** @throws AssertionError when capture or archiving has ended by itself */
    void requireRunning() {
        Path status = folder.resolve("data/status/source-shop.json");
        try {
            String text = Files.exists(status) ? Files.readString(status) : "";
            if (text.replace(" ", "").contains("\"state\":\"failed\"")) {
                throw new AssertionError("The source failed: " + text);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    ArchiveState state() {
        try (ObjectStore store = ArchiveAccess.file(archive()).open()) {
            return Ledger.openExisting(store, SOURCE)
                    .map(Ledger::state)
                    .orElseThrow(() -> new AssertionError("No ledger yet"));
        }
    }

    @Override
    public void close() {
        try {
            stop();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        read().configuration().sources().values().forEach(source -> Sources.open(source)
                .uninstall()); // or its slot stands in the way of the next source of that name
    }
}
