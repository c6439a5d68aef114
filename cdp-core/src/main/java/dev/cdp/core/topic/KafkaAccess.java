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

    /**
     * For a consumer that reads to an end and no further. It does not wait for more, which a marker at the end would make it
     * do half a second each time.
     *
     * @param isolation Kafka's {@code isolation.level}
     */
    Properties readerProperties(String isolation) {
        Properties reader = clientProperties();
        reader.put("isolation.level", isolation);
        reader.put("auto.offset.reset", "none");
        reader.put("enable.auto.commit", "false");
        reader.put("fetch.max.wait.ms", "10");
        return reader;
    }

    @Override
    public String toString() {
        return bootstrapServers + " (topics " + topicPrefix + ".*)";
    }
}
