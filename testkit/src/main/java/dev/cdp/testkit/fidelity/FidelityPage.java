package dev.cdp.testkit.fidelity;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Puts the tables of all results into {@code docs/fidelity.md}, between two marks; the rest of the page stays. One table
 * for each engine and kind: a row for each subject, a column for each version.
 */
public final class FidelityPage {
    static final String BEGIN = "<!-- tables: generated from docs/fidelity.csv -->\n";
    static final String END = "<!-- end of tables -->\n";

    private FidelityPage() {}

    /** Arguments: the results, and the page to renew. */
    public static void main(String[] arguments) throws IOException {
        Path page = Path.of(arguments[1]);
        FidelityResults results = new FidelityResults(Path.of(arguments[0]));
        results.tidy();
        Files.writeString(page, renewed(Files.readString(page), results.newest()));
    }

    /** The page with the tables of these results in place of those it has. */
    public static String renewed(String page, List<FidelityResult> results) {
        int begin = page.indexOf(BEGIN);
        int end = page.indexOf(END);
        if (begin < 0 || end < begin) {
            throw new IllegalArgumentException("The page lacks the marks around its tables");
        }
        return page.substring(0, begin + BEGIN.length()) + tables(results) + page.substring(end);
    }

    private static String tables(List<FidelityResult> results) {
        StringBuilder tables = new StringBuilder();
        grouped(results, result -> result.on().engine()).forEach((engine, ofEngine) -> {
            for (FidelityKind kind : FidelityKind.values()) {
                List<FidelityResult> some = ofEngine.stream()
                        .filter(result -> result.of().kind() == kind)
                        .toList();
                if (!some.isEmpty()) {
                    tables.append("\n## ").append(engine).append(": ").append(kind.title());
                    tables.append("\n\n").append(table(kind, some));
                }
            }
        });
        return tables.append('\n').toString();
    }

    private static String table(FidelityKind kind, List<FidelityResult> results) {
        List<DatabaseVersion> versions =
                List.copyOf(results.stream().map(FidelityResult::on).collect(Collectors.toCollection(TreeSet::new)));
        StringBuilder table =
                new StringBuilder("Places: ").append(places(results)).append(".\n\n| ");
        table.append(kind.subject());
        versions.forEach(version -> table.append(" | ").append(version.version()));
        table.append(" |\n|---").append("|---".repeat(versions.size())).append("|\n");
        grouped(results, result -> result.of().subject()).forEach((subject, ofSubject) -> {
            Map<DatabaseVersion, List<FidelityResult>> cells = grouped(ofSubject, FidelityResult::on);
            table.append("| `").append(escaped(subject)).append('`');
            versions.forEach(version -> table.append(" | ").append(cell(cells.getOrDefault(version, List.of()))));
            table.append(" |\n");
        });
        return table.toString();
    }

    private static String places(List<FidelityResult> results) {
        return results.stream().map(result -> result.of().place()).distinct().collect(Collectors.joining(", "));
    }

    /** How much was compared; behind it, by name, what is not certified. */
    private static String cell(List<FidelityResult> results) {
        if (results.isEmpty()) {
            return "not tried";
        }
        List<String> parts = new ArrayList<>();
        int certified = results.stream()
                .filter(result -> result.outcome() == Outcome.CERTIFIED)
                .mapToInt(FidelityResult::compared)
                .sum();
        if (certified > 0) {
            parts.add("certified " + certified);
        }
        results.stream()
                .filter(result -> result.outcome() != Outcome.CERTIFIED)
                .sorted(Comparator.comparing(FidelityResult::outcome))
                .collect(Collectors.groupingBy(
                        result -> result.outcome().word() + ": " + escaped(result.reason()),
                        LinkedHashMap::new,
                        Collectors.mapping(result -> result.of().place(), Collectors.joining(", "))))
                .forEach((what, where) -> parts.add("**" + what + "** (" + where + ")"));
        return String.join("; ", parts);
    }

    private static String escaped(String text) {
        return text.replace("|", "\\|");
    }

    private static <K> Map<K, List<FidelityResult>> grouped(
            List<FidelityResult> results, Function<FidelityResult, K> key) {
        return results.stream().collect(Collectors.groupingBy(key, LinkedHashMap::new, Collectors.toList()));
    }
}
