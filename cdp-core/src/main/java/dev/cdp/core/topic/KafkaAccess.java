package dev.cdp.core.topic;

import dev.cdp.core.SourceId;
import java.util.Map;
import java.util.Properties;

/**
 * How to reach Kafka and what our topics are called there.
 *
 * @param topicPrefix first part of every topic name
 * @param properties further client properties, such as security settings; never printed
 */
public record KafkaAccess(String bootstrapServers, String topicPrefix, Map<String, String> properties) {

    public KafkaAccess {
        properties = Map.copyOf(properties);
    }

    /** The one ordered topic of a source's changes. */
    public String changesTopic(SourceId source) {
        return topicPrefix + "." + source + ".changes";
    }

    /** The compacted topic that holds capture's own progress, written in the transactions of the changes. */
    public String stateTopic(SourceId source) {
        return topicPrefix + "." + source + ".capture-state";
    }

    /** A fresh copy of the client properties, for one client. */
    Properties clientProperties() {
        Properties client = new Properties();
        client.putAll(properties);
        client.put("bootstrap.servers", bootstrapServers);
        return client;
    }

    @Override
    public String toString() {
        return bootstrapServers + " (topics " + topicPrefix + ".*)";
    }
}
