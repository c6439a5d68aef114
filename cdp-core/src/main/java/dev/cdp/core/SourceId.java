package dev.cdp.core;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.regex.Pattern;

/** The name an operator gave to one protected database; it stands in topics, object keys and commands. */
public record SourceId(@JsonValue String name) implements Comparable<SourceId> {
    private static final Pattern FORM = Pattern.compile("[a-z][a-z0-9_-]{0,39}");

    @JsonCreator
    public SourceId {
        if (!FORM.matcher(name).matches()) {
            throw new IllegalArgumentException("Not a source name: '" + name
                    + "'; expected 1 to 40 of a-z, 0-9, '_' and '-', starting with a letter");
        }
    }

    @Override
    public int compareTo(SourceId other) {
        return name.compareTo(other.name);
    }

    @Override
    public String toString() {
        return name;
    }
}
