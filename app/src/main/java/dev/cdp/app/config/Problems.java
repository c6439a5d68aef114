package dev.cdp.app.config;

import dev.cdp.app.config.Nodes.Place;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** What is wrong with a file, gathered while it is read, so that all of it is reported in one go. */
final class Problems {

    /** One of them, and where. */
    record Problem(Place place, String message) {}

    private final List<Problem> errors = new ArrayList<>();
    private final List<Problem> warnings = new ArrayList<>();

    void error(Place place, String message) {
        errors.add(new Problem(place, message));
    }

    void warning(Place place, String message) {
        warnings.add(new Problem(place, message));
    }

    boolean hasErrors() {
        return !errors.isEmpty();
    }

    /** As {@code cdp.yaml:14:5  message}, in the order of the file. */
    List<String> errors(String file) {
        return lines(file, errors);
    }

    List<String> warnings(String file) {
        return lines(file, warnings);
    }

    private static List<String> lines(String file, List<Problem> problems) {
        return problems.stream()
                .sorted(Comparator.comparingInt((Problem p) -> p.place().line())
                        .thenComparingInt(p -> p.place().column()))
                .map(p -> file + ":" + p.place().line() + ":" + p.place().column() + " " + p.message())
                .distinct()
                .toList();
    }

    /** {@code ; did you mean "retention"?} when one of the known names is close, empty text otherwise. */
    static String didYouMean(String unknown, Collection<String> known) {
        Optional<String> closest = known.stream()
                .min(Comparator.comparingInt((String name) -> distance(unknown, name))
                        .thenComparing(Comparator.naturalOrder()));
        return closest.filter(name -> distance(unknown, name) <= Math.max(2, name.length() / 3))
                .map(name -> "; did you mean \"" + name + "\"?")
                .orElse("");
    }

    /** Levenshtein's edit distance. */
    private static int distance(String one, String other) {
        int[] above = new int[other.length() + 1];
        for (int j = 0; j <= other.length(); j++) {
            above[j] = j;
        }
        for (int i = 1; i <= one.length(); i++) {
            int[] row = new int[other.length() + 1];
            row[0] = i;
            for (int j = 1; j <= other.length(); j++) {
                int replace = above[j - 1] + (one.charAt(i - 1) == other.charAt(j - 1) ? 0 : 1);
                row[j] = Math.min(replace, 1 + Math.min(above[j], row[j - 1]));
            }
            above = row;
        }
        return above[other.length()];
    }
}
