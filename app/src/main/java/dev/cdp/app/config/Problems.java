package dev.cdp.app.config;

import dev.cdp.app.config.Nodes.Place;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;

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
        return CloseNames.closest(unknown, known)
                .map(name -> "; did you mean \"" + name + "\"?")
                .orElse("");
    }
}
