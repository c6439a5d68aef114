package dev.cdp.testkit.faults;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The file that results of fault tests are appended to when {@code -Dsoak.results=<absolute path>} names one. Runs add
 * up: a later run goes on where an earlier one stopped.
 */
public final class FaultResults {
    /** The system property that names the file. */
    public static final String PROPERTY = "soak.results";

    private static final String HEADER = "kind,fault,rounds,lost,duplicated,misplaced,detected\n";

    private final Path file;

    public FaultResults(Path file) {
        this.file = file;
    }

    /** The file that this run was given; empty in a run whose results are not kept. */
    public static Optional<FaultResults> ofThisRun() {
        return Optional.ofNullable(System.getProperty(PROPERTY))
                .filter(path -> !path.isBlank())
                .map(path -> new FaultResults(Path.of(path)));
    }

    /** Keeps a result if this run's results are kept. */
    public static void record(FaultResult result) {
        ofThisRun().ifPresent(results -> results.add(result));
    }

    /** Appends one line in one write, so that several processes may share the file. */
    public void add(FaultResult result) {
        try {
            Files.createDirectories(file.toAbsolutePath().getParent());
            if (!Files.exists(file)) {
                append(HEADER);
            }
            append(result.line() + "\n");
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot keep a result in " + file, e);
        }
    }

    private void append(String text) throws IOException {
        Files.writeString(file, text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    /** Every fault once, with all its rounds, in the order of their kinds and first appearance. */
    public List<FaultResult> total() {
        Map<String, FaultResult> sums = new LinkedHashMap<>();
        try {
            if (Files.exists(file)) {
                Files.readAllLines(file).stream()
                        .filter(line -> !line.isBlank() && !HEADER.startsWith(line))
                        .map(FaultResult::parse)
                        .forEach(result -> sums.merge(result.kind() + "," + result.fault(), result, FaultResult::plus));
            }
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read " + file, e);
        }
        return sums.values().stream()
                .sorted((one, other) -> one.kind().compareTo(other.kind()))
                .toList();
    }

    /** Rounds of one fault that ran so far. */
    public int rounds(FaultKind kind, String fault) {
        return total().stream()
                .filter(result -> result.kind() == kind && result.fault().equals(fault))
                .mapToInt(FaultResult::rounds)
                .sum();
    }
}
