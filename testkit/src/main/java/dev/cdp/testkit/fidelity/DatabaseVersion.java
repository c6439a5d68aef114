package dev.cdp.testkit.fidelity;

import java.util.Arrays;
import java.util.Comparator;

/**
 * What a result was found on.
 *
 * @param engine such as {@code PostgreSQL}
 * @param version such as {@code 18} or {@code 10.11}
 */
public record DatabaseVersion(String engine, String version) implements Comparable<DatabaseVersion> {
    // By number: 9.6 comes before 10.11.
    private static final Comparator<DatabaseVersion> ORDER = Comparator.comparing(DatabaseVersion::engine)
            .reversed()
            .thenComparing(DatabaseVersion::numbers, Arrays::compare);

    public DatabaseVersion {
        if (engine.isBlank() || !version.matches("\\d+(\\.\\d+)*")) {
            throw new IllegalArgumentException("Not a version of a database: " + engine + " " + version);
        }
    }

    private int[] numbers() {
        return Arrays.stream(version.split("\\.")).mapToInt(Integer::parseInt).toArray();
    }

    @Override
    public int compareTo(DatabaseVersion other) {
        return ORDER.compare(this, other);
    }
}
