package dev.cdp.core;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/**
 * One incarnation of a table in a source: given at first sight, kept through renames, ended by DROP and never reused.
 */
public record TableId(@JsonValue int value) implements Comparable<TableId> {

    @JsonCreator
    public TableId {
        if (value < 1) {
            throw new IllegalArgumentException("Table ids start at 1: " + value);
        }
    }

    @Override
    public int compareTo(TableId other) {
        return Integer.compare(value, other.value);
    }

    @Override
    public String toString() {
        return Integer.toString(value);
    }
}
