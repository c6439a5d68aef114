package dev.cdp.testkit.fidelity;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The file that results are appended to when {@code -Dfidelity.results=<absolute path>} names one. What is found again
 * takes the place of what was found before, so that runs on other versions add to it.
 */
public final class FidelityResults {
    /** The system property that names the file. */
    public static final String PROPERTY = "fidelity.results";

    private static final String HEADER = "engine,version,kind,subject,place,compared,outcome,reason\n";

    private final Path file;

    public FidelityResults(Path file) {
        this.file = file;
    }

    /** Keeps a result if this run's results are kept. */
    public static void record(FidelityResult result) {
        ofThisRun().ifPresent(results -> results.add(result));
    }

    private static Optional<FidelityResults> ofThisRun() {
        return Optional.ofNullable(System.getProperty(PROPERTY))
                .filter(path -> !path.isBlank())
                .map(path -> new FidelityResults(Path.of(path)));
    }

    /** Appends one line in one write, so that several processes may share the file. */
    public void add(FidelityResult result) {
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

    /** Every case once, as it was found last; by engine and version, each in the order of first appearance. */
    public List<FidelityResult> newest() {
        Map<List<Object>, FidelityResult> found = new LinkedHashMap<>();
        try {
            if (Files.exists(file)) {
                Files.readAllLines(file).stream()
                        .filter(line -> !line.isBlank() && !HEADER.startsWith(line))
                        .map(FidelityResult::parse)
                        .forEach(result -> found.put(List.of(result.on(), result.of()), result));
            }
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read " + file, e);
        }
        List<FidelityResult> results = new ArrayList<>(found.values());
        results.sort(Comparator.comparing(FidelityResult::on));
        return results;
    }

    /** Leaves nothing in the file that was found anew. */
    void tidy() throws IOException {
        StringBuilder all = new StringBuilder(HEADER);
        newest().forEach(result -> all.append(result.line()).append('\n'));
        Files.writeString(file, all);
    }
}
