package dev.cdp.app.wiring;

import dev.cdp.app.config.Configuration;
import dev.cdp.core.topic.KafkaAccess;
import dev.cdp.embedded.EmbeddedKafka;
import java.nio.file.Path;
import java.util.Optional;

/** Where Kafka is. */
public final class Brokers {
    private Brokers() {}

    /** The folder of the embedded broker. */
    public static Path embeddedFolder(Configuration configuration) {
        return configuration.dataDirectory().resolve("kafka");
    }

    public static KafkaAccess access(Configuration configuration, String bootstrapServers) {
        return new KafkaAccess(
                bootstrapServers,
                configuration.kafka().topicPrefix(),
                configuration.kafka().properties());
    }

    /** The configured cluster, or the address of the embedded broker that was last started; it may be down. */
    public static Optional<KafkaAccess> known(Configuration configuration) {
        return Optional.ofNullable(configuration.kafka().bootstrapServers())
                .or(() -> EmbeddedKafka.addressIn(embeddedFolder(configuration)))
                .map(servers -> access(configuration, servers));
    }
}
