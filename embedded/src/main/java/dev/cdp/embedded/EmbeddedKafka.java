package dev.cdp.embedded;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.Reader;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.stream.IntStream;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import kafka.tools.StorageTool;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.Time;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One Kafka broker inside this process, its own controller, on 127.0.0.1. It starts as Kafka's own scripts start it:
 * format the storage, then run {@code KafkaRaftServer}. Sized for one machine: one partition for Kafka's own topics,
 * few threads, records up to {@value #LARGEST_RECORD_BYTES} bytes, and no topic that nobody asked for.
 *
 * <p>The directory holds {@code log} (Kafka's own), {@code server.properties} and {@code bootstrap}: the address, for
 * other processes. Ports once chosen are kept as long as they are free. Safe for use by several threads.
 */
public final class EmbeddedKafka implements AutoCloseable {
    /** The largest record, and the largest batch of records, that the broker takes, in bytes. */
    public static final int LARGEST_RECORD_BYTES = 64 * 1024 * 1024;

    private static final Logger log = LoggerFactory.getLogger(EmbeddedKafka.class);
    private static final String BROKER_PORT = "cdp.broker.port";
    private static final String CONTROLLER_PORT = "cdp.controller.port";
    private static final String FORWARDED_PORT = "cdp.forwarded.port.";
    /** What a broker leaves in its log directory when it stops in order, and takes away when it starts. */
    private static final String CLEAN_SHUTDOWN = ".kafka_cleanshutdown";

    private final Object lifeCycle = new Object();
    private final Path directory;
    private final KafkaRaftServer server;
    private final String bootstrapServers;
    private final List<Integer> forwardedPorts;
    private final DirectoryLock lock;
    private final StopAtExit stopAtExit;
    private boolean closed;

    private EmbeddedKafka(
            Path directory,
            KafkaRaftServer server,
            String bootstrapServers,
            List<Integer> forwardedPorts,
            DirectoryLock lock) {
        this.directory = directory;
        this.server = server;
        this.bootstrapServers = bootstrapServers;
        this.forwardedPorts = List.copyOf(forwardedPorts);
        this.lock = lock;
        this.stopAtExit = StopAtExit.register("embedded-kafka-stop", this::close);
    }

    /**
     * Starts a broker on {@code directory}, which is made ready when it is new and otherwise keeps its topics.
     *
     * @throws EmbeddedServiceException if another process uses the directory, or the broker does not come up
     */
    public static EmbeddedKafka start(Path directory) {
        return start(directory, List.of());
    }

    /**
     * Starts a broker that is also reached through forwarders on 127.0.0.1. A broker names its address to its clients, so
     * each forwarder gets a port of the broker for itself, at which that address is the forwarder's: {@link
     * #forwardedPorts}.
     *
     * @param forwarders the ports at which they are reached
     * @throws EmbeddedServiceException if another process uses the directory, or the broker does not come up
     */
    public static EmbeddedKafka start(Path directory, List<Integer> forwarders) {
        Path home = directory.toAbsolutePath();
        DirectoryLock lock = DirectoryLock.acquire(home);
        try {
            Properties settings = settings(home, forwarders);
            if (!Files.exists(addressFile(home))) {
                format(home);
            }
            KafkaRaftServer server = new KafkaRaftServer(new KafkaConfig(settings, false), Time.SYSTEM);
            startUp(server);
            String bootstrapServers = "127.0.0.1:" + settings.getProperty(BROKER_PORT);
            EmbeddedKafka kafka = new EmbeddedKafka(
                    home, server, bootstrapServers, forwardedPorts(settings, forwarders.size()), lock);
            Files.writeString(addressFile(home), bootstrapServers + "\n");
            log.info("Kafka runs on {} with its data in {}", bootstrapServers, home);
            return kafka;
        } catch (IOException failure) {
            lock.close();
            throw EmbeddedServiceException.failed("Cannot prepare Kafka in '" + home + "'", home, failure);
        } catch (EmbeddedServiceException failure) {
            lock.close();
            throw failure;
        } catch (RuntimeException failure) {
            lock.close();
            throw EmbeddedServiceException.failed(
                    "Kafka did not start in '" + home + "': " + failure.getMessage(), home, failure);
        }
    }

    /** Returns the address of the broker that was last started on {@code directory}; it may have stopped since. */
    public static Optional<String> addressIn(Path directory) {
        try {
            Path file = addressFile(directory.toAbsolutePath());
            return Files.exists(file) ? Optional.of(Files.readString(file).strip()) : Optional.empty();
        } catch (IOException failure) {
            throw EmbeddedServiceException.failed("Cannot read Kafka's address", directory, failure);
        }
    }

    private static Properties settings(Path home, List<Integer> forwarders) throws IOException {
        Properties previous = new Properties();
        Path file = settingsFile(home);
        if (Files.exists(file)) {
            try (Reader reader = Files.newBufferedReader(file)) {
                previous.load(reader);
            }
        }
        int brokerPort = choosePort(previous.getProperty(BROKER_PORT));
        int controllerPort = choosePort(previous.getProperty(CONTROLLER_PORT));
        Properties settings = settings(home, brokerPort, controllerPort);
        for (int i = 0; i < forwarders.size(); i++) {
            addForwarder(settings, "FORWARDED" + i, forwarders.get(i), FORWARDED_PORT + i);
        }
        try (Writer writer = Files.newBufferedWriter(file)) {
            settings.store(writer, "Written at every start");
        }
        return settings;
    }

    private static int choosePort(@Nullable String previous) {
        return previous == null ? FreePort.choose() : FreePort.chooseNear(Integer.parseInt(previous));
    }

    private static Properties settings(Path home, int brokerPort, int controllerPort) {
        Properties settings = new Properties();
        settings.setProperty(BROKER_PORT, Integer.toString(brokerPort));
        settings.setProperty(CONTROLLER_PORT, Integer.toString(controllerPort));
        settings.setProperty("process.roles", "broker,controller");
        settings.setProperty("node.id", "1");
        settings.setProperty("log.dirs", home.resolve("log").toString());
        settings.setProperty("controller.quorum.voters", "1@127.0.0.1:" + controllerPort);
        settings.setProperty("controller.listener.names", "CONTROLLER");
        settings.setProperty("inter.broker.listener.name", "PLAINTEXT");
        settings.setProperty(
                "listeners", "PLAINTEXT://127.0.0.1:" + brokerPort + ",CONTROLLER://127.0.0.1:" + controllerPort);
        settings.setProperty("advertised.listeners", "PLAINTEXT://127.0.0.1:" + brokerPort);
        settings.setProperty("listener.security.protocol.map", "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT");
        settings.setProperty("auto.create.topics.enable", "false");
        addLimits(settings);
        addOwnTopics(settings);
        addSession(settings, home);
        addFootprint(settings);
        return settings;
    }

    private static void addForwarder(Properties settings, String listener, int forwarder, String key) {
        int port = FreePort.choose();
        settings.setProperty(key, Integer.toString(port));
        settings.merge("listeners", "," + listener + "://127.0.0.1:" + port, EmbeddedKafka::joined);
        settings.merge("advertised.listeners", "," + listener + "://127.0.0.1:" + forwarder, EmbeddedKafka::joined);
        settings.merge("listener.security.protocol.map", "," + listener + ":PLAINTEXT", EmbeddedKafka::joined);
    }

    private static String joined(Object list, Object more) {
        return list.toString() + more;
    }

    private static List<Integer> forwardedPorts(Properties settings, int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> Integer.valueOf(settings.getProperty(FORWARDED_PORT + i)))
                .toList();
    }

    private static void addLimits(Properties settings) {
        String largest = Integer.toString(LARGEST_RECORD_BYTES);
        settings.setProperty("message.max.bytes", largest);
        settings.setProperty("replica.fetch.max.bytes", largest);
        settings.setProperty("replica.fetch.response.max.bytes", largest);
        settings.setProperty("fetch.max.bytes", largest);
        settings.setProperty("socket.request.max.bytes", Integer.toString(2 * LARGEST_RECORD_BYTES));
    }

    private static void addOwnTopics(Properties settings) {
        settings.setProperty("offsets.topic.num.partitions", "1");
        settings.setProperty("offsets.topic.replication.factor", "1");
        settings.setProperty("transaction.state.log.num.partitions", "1");
        settings.setProperty("transaction.state.log.replication.factor", "1");
        settings.setProperty("transaction.state.log.min.isr", "1");
        settings.setProperty("share.coordinator.state.topic.num.partitions", "1");
        settings.setProperty("share.coordinator.state.topic.replication.factor", "1");
        settings.setProperty("share.coordinator.state.topic.min.isr", "1");
        settings.setProperty("group.initial.rebalance.delay.ms", "0");
        settings.setProperty("broker.heartbeat.interval.ms", "300");
    }

    /**
     * After a kill the controller admits the broker again when the session of the killed one is over. Otherwise it is as
     * long as Kafka means it to be: on a busy machine heartbeats are late by seconds, and a broker without a session has
     * no partition for a while.
     */
    private static void addSession(Properties settings, Path home) {
        Path logs = home.resolve("log");
        if (Files.exists(logs) && !Files.exists(logs.resolve(CLEAN_SHUTDOWN))) {
            settings.setProperty("broker.session.timeout.ms", "2000");
        }
    }

    private static void addFootprint(Properties settings) {
        settings.setProperty("num.network.threads", "2");
        settings.setProperty("num.io.threads", "2");
        settings.setProperty("num.recovery.threads.per.data.dir", "1");
        settings.setProperty("background.threads", "2");
        settings.setProperty("log.cleaner.threads", "1");
        settings.setProperty("log.cleaner.dedupe.buffer.size", Integer.toString(4 * 1024 * 1024));
    }

    /** The broker's first successful start writes the address file, so a format that was cut short is repeated. */
    private static void format(Path home) {
        ByteArrayOutputStream output = new ByteArrayOutputStream();
        String[] arguments = {
            "format",
            "--ignore-formatted",
            "--cluster-id",
            Uuid.randomUuid().toString(),
            "--config",
            settingsFile(home).toString()
        };
        int exitCode = StorageTool.execute(arguments, new PrintStream(output, true, StandardCharsets.UTF_8));
        if (exitCode != 0) {
            throw EmbeddedServiceException.failed(
                    "Kafka's storage cannot be formatted: " + output.toString(StandardCharsets.UTF_8), home, null);
        }
    }

    private static void startUp(KafkaRaftServer server) {
        try {
            server.startup();
        } catch (RuntimeException failure) {
            server.shutdown();
            throw failure;
        }
    }

    /** Returns {@code 127.0.0.1:port}. */
    public String bootstrapServers() {
        return bootstrapServers;
    }

    /** Returns the broker's ports on 127.0.0.1 that the forwarders pass on to, in the order in which these were named. */
    public List<Integer> forwardedPorts() {
        return forwardedPorts;
    }

    private static Path addressFile(Path home) {
        return home.resolve("bootstrap");
    }

    private static Path settingsFile(Path home) {
        return home.resolve("server.properties");
    }

    /** Shuts the broker down in order and gives the directory free; the data stay. Does nothing the second time. */
    @Override
    public void close() {
        synchronized (lifeCycle) {
            if (closed) {
                return;
            }
            closed = true;
            stopAtExit.cancel();
            try {
                server.shutdown();
                server.awaitShutdown();
            } finally {
                lock.close();
            }
            log.info("Kafka in {} has stopped", directory);
        }
    }
}
