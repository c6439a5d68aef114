package dev.cdp.app.daemon;

import dev.cdp.app.config.Configuration;
import dev.cdp.app.config.ConfigurationFile;
import dev.cdp.app.wiring.Archives;
import dev.cdp.app.wiring.Brokers;
import dev.cdp.app.wiring.Sources;
import dev.cdp.archiver.ArchiverService;
import dev.cdp.archiver.ArchiverSettings;
import dev.cdp.capture.CaptureService;
import dev.cdp.capture.CaptureSettings;
import dev.cdp.capture.source.SourceDatabase;
import dev.cdp.core.CdpException;
import dev.cdp.core.ErrorCode;
import dev.cdp.core.archive.ObjectStore;
import dev.cdp.core.crash.CrashPoint;
import dev.cdp.core.topic.KafkaAccess;
import dev.cdp.embedded.EmbeddedKafka;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs one pipeline per configured source until it is stopped, writes status files every second, and follows changes
 * of the configuration file: sources come, go and change without a restart; a bad file is refused and the last good
 * one stays in effect. {@link #run} belongs to one thread; {@link #stop} may be called from any.
 */
public final class Daemon {
    private static final Logger log = LoggerFactory.getLogger(Daemon.class);
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final Duration TICK = Duration.ofSeconds(1);
    private static final Duration MARKER_INTERVAL = Duration.ofSeconds(5);
    /** How long storage or Kafka may be away: a weekend. What was captured waits in Kafka. */
    private static final Duration RETRY_FOR = Duration.ofDays(3);

    private final Clock clock;
    private final WatchedConfiguration watched;
    private final String version;
    private final Set<Stage> stages;
    private final Function<Configuration.Source, SourceDatabase> sources;
    private final CountDownLatch stopping = new CountDownLatch(1);
    private final CountDownLatch stopped = new CountDownLatch(1);
    private final Pipelines pipelines = new Pipelines();

    public Daemon(ConfigurationFile file, Map<String, String> environment, String version, Clock clock) {
        this(file, environment, version, EnumSet.allOf(Stage.class), clock);
    }

    /** A daemon for some stages; the others run in other processes, on the same Kafka cluster and archive. */
    public Daemon(
            ConfigurationFile file, Map<String, String> environment, String version, Set<Stage> stages, Clock clock) {
        this(file, environment, version, stages, clock, Sources::open);
    }

    /** @param sources opens a source without contacting it */
    Daemon(
            ConfigurationFile file,
            Map<String, String> environment,
            String version,
            Set<Stage> stages,
            Clock clock,
            Function<Configuration.Source, SourceDatabase> sources) {
        this.stages = Set.copyOf(stages);
        this.sources = sources;
        this.watched = new WatchedConfiguration(file, environment);
        this.version = version;
        this.clock = clock;
    }

    /**
     * Protects every source until {@link #stop}.
     *
     * @throws CdpException when the daemon itself cannot work; a source's trouble stays with the source
     */
    public void run() throws InterruptedException {
        Configuration configuration = watched.configuration();
        try {
            requireSharedBroker(configuration);
            protect(configuration);
        } finally {
            stopped.countDown();
        }
    }

    private void protect(Configuration configuration) throws InterruptedException {
        try (DataDirectory directory = DataDirectory.acquire(configuration.dataDirectory());
                OptionalBroker broker = OptionalBroker.start(configuration);
                ObjectStore archive = Archives.open(configuration.archive())) {
            CrashPoint.CONTROL_DAEMON_OPENED.reached();
            KafkaAccess kafka = Brokers.access(configuration, broker.bootstrapServers());
            StatusFiles files = new StatusFiles(directory.path());
            Instant startedAt = clock.instant();
            log.info(
                    "Protecting {} with archive {} and Kafka {}",
                    configuration.sources().keySet(),
                    archive.location(),
                    kafka.bootstrapServers());
            try {
                do {
                    watched.refresh();
                    pipelines.follow(
                            watched.configuration(),
                            (current, source) -> start(current, source, kafka, archive),
                            files::remove);
                    files.write(new StatusFiles.DaemonStatus(
                            ProcessHandle.current().pid(), version, startedAt, clock.instant()));
                    pipelines.all().forEach(pipeline -> files.write(pipeline.status(clock)));
                    CrashPoint.CONTROL_STATUS_WRITTEN.reached();
                } while (!stopping.await(TICK.toMillis(), TimeUnit.MILLISECONDS));
            } finally {
                log.info("Stopping");
                pipelines.stop();
                pipelines.all().forEach(pipeline -> files.write(pipeline.status(clock)));
            }
        }
    }

    private void requireSharedBroker(Configuration configuration) {
        if (stages.size() < Stage.values().length && configuration.kafka().bootstrapServers() == null) {
            throw new CdpException(
                    ErrorCode.USAGE_WRONG,
                    "One stage alone needs a Kafka cluster that the other one shares; the embedded broker is this"
                            + " process's own",
                    "Set kafka.bootstrap-servers, or run without --only");
        }
    }

    /** Ends {@link #run} and waits until everything is closed. */
    public void stop() {
        stopping.countDown();
        try {
            if (!stopped.await(2 * PATIENCE.toSeconds() + 20, TimeUnit.SECONDS)) {
                log.warn("The daemon did not stop in time");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private SourcePipeline start(
            Configuration configuration, Configuration.Source source, KafkaAccess kafka, ObjectStore archive) {
        Path staging = configuration
                .dataDirectory()
                .resolve("staging")
                .resolve(source.id().name());
        CaptureSettings captureSettings = new CaptureSettings(
                source.id(),
                configuration
                        .groupOf(source.id())
                        .map(Configuration.Group::markerInterval)
                        .orElse(MARKER_INTERVAL),
                staging.resolve("capture"),
                configuration.archive().targetFileSize().bytes(),
                source.logBudget());
        ArchiverSettings archiverSettings = new ArchiverSettings(
                source.id(),
                source.server().engine(),
                kafka,
                staging.resolve("archiver"),
                configuration.archive().commitInterval(),
                configuration.archive().targetFileSize(),
                RETRY_FOR);
        return SourcePipeline.start(
                source,
                new CaptureService(captureSettings, sources.apply(source), kafka, archive, clock),
                new ArchiverService(archiverSettings, archive, clock),
                stages);
    }

    /** The embedded broker, where no cluster is configured. */
    private record OptionalBroker(@Nullable EmbeddedKafka embedded, String bootstrapServers) implements AutoCloseable {
        static OptionalBroker start(Configuration configuration) {
            String configured = configuration.kafka().bootstrapServers();
            if (configured != null) {
                return new OptionalBroker(null, configured);
            }
            EmbeddedKafka kafka = EmbeddedKafka.start(Brokers.embeddedFolder(configuration));
            return new OptionalBroker(kafka, kafka.bootstrapServers());
        }

        @Override
        public void close() {
            if (embedded != null) {
                embedded.close();
            }
        }
    }
}
