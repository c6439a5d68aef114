package dev.cdp.core.topic;

/** A place in the one partition of a change topic: the offset of the next record to read. */
public record KafkaOffset(long value) implements Comparable<KafkaOffset> {
    public static final KafkaOffset START = new KafkaOffset(0);

    @Override
    public int compareTo(KafkaOffset other) {
        return Long.compare(value, other.value);
    }
}
