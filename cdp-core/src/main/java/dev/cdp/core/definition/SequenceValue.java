package dev.cdp.core.definition;

/**
 * The state of a sequence or of a table's AUTO_INCREMENT counter at the moment it was read.
 *
 * @param name the sequence, or for a counter the table
 * @param lastValue the last value handed out, or the start value when {@code called} is false; for a counter the next value
 */
public record SequenceValue(Kind kind, String schema, String name, long lastValue, boolean called) {

    /** What counts. */
    public enum Kind {
        SEQUENCE,
        AUTO_INCREMENT
    }
}
