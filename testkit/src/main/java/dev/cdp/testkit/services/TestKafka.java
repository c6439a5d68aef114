package dev.cdp.testkit.services;

import dev.cdp.embedded.EmbeddedKafka;
import dev.cdp.testkit.faults.TcpProxy;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;

/** The Kafka broker that all tests of this JVM share. */
public final class TestKafka implements AutoCloseable {
    private static final AtomicInteger names = new AtomicInteger();
    private static final Shared<TestKafka> shared = new Shared<>("kafka", TestKafka::new);
    private static final long LIMIT_SECONDS = 30;

    private final List<TcpProxy> proxies =
            Stream.of(Door.values()).map(door -> TcpProxy.withoutServer()).toList();
    private final EmbeddedKafka broker;

    /** A way to the broker through a proxy; its clients stay behind it, and nobody else's are touched by its faults. */
    public enum Door {
        FIRST,
        SECOND
    }

    private TestKafka(Path directory) {
        broker = EmbeddedKafka.start(
                directory, proxies.stream().map(TcpProxy::port).toList());
        for (Door door : Door.values()) {
            proxy(door).forwardTo("127.0.0.1", broker.forwardedPorts().get(door.ordinal()));
        }
    }

    public static TestKafka shared() {
        return shared.service();
    }

    /** Starts a broker in a JVM of its own, to kill; the test closes it. */
    public static KafkaProcess inOtherProcess(Path directory) {
        return KafkaProcess.start(directory);
    }

    public String bootstrapServers() {
        return broker.bootstrapServers();
    }

    /** Returns the address behind the door's proxy. */
    public String bootstrapServers(Door door) {
        return "127.0.0.1:" + proxy(door).port();
    }

    /** Returns the door's proxy; a test ends the faults that it makes there. */
    public TcpProxy proxy(Door door) {
        return proxies.get(door.ordinal());
    }

    /** Returns {@code prefix} made unlike any other name in this JVM, for topics, groups and transactional ids. */
    public String freshName(String prefix) {
        return prefix + "-" + names.incrementAndGet();
    }

    /** Creates a topic of one partition whose name starts with {@code prefix}, and returns the name. */
    public String createTopic(String prefix) {
        String topic = freshName(prefix);
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrapServers()))) {
            admin.createTopics(List.of(new NewTopic(topic, 1, (short) 1))).all().get(LIMIT_SECONDS, TimeUnit.SECONDS);
            awaitKnown(admin, topic);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted while creating topic " + topic, interrupted);
        } catch (ExecutionException | TimeoutException failure) {
            throw new IllegalStateException("Cannot create topic " + topic, failure);
        }
        return topic;
    }

    /** The controller answers first; the broker learns of the topic a moment later. */
    private static void awaitKnown(Admin admin, String topic)
            throws InterruptedException, ExecutionException, TimeoutException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIMIT_SECONDS);
        while (!admin.listTopics().names().get(LIMIT_SECONDS, TimeUnit.SECONDS).contains(topic)) {
            if (System.nanoTime() - deadline > 0) {
                throw new TimeoutException("The broker does not know topic " + topic);
            }
        }
    }

    @Override
    public void close() {
        broker.close();
        proxies.forEach(TcpProxy::close);
    }
}
