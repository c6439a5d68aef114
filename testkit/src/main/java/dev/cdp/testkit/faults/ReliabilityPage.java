package dev.cdp.testkit.faults;

import dev.cdp.core.crash.CrashPoint;
import dev.cdp.testkit.faults.FaultResult.Harm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Puts the table of all results into {@code docs/reliability.md}, between two marks; the rest of the page stays. A crash
 * point that no round has reached yet has a row too.
 */
public final class ReliabilityPage {
    static final String BEGIN = "<!-- table: generated from docs/reliability.csv -->\n";
    static final String END = "<!-- end of table -->\n";

    private ReliabilityPage() {}

    /** Arguments: the results, and the page to renew. */
    public static void main(String[] arguments) throws IOException {
        Path page = Path.of(arguments[1]);
        List<FaultResult> results = new FaultResults(Path.of(arguments[0])).total();
        Files.writeString(page, renewed(Files.readString(page), results));
    }

    /** The page with the table of these results in place of the one it has. */
    public static String renewed(String page, List<FaultResult> results) {
        int begin = page.indexOf(BEGIN);
        int end = page.indexOf(END);
        if (begin < 0 || end < begin) {
            throw new IllegalArgumentException("The page lacks the marks around its table");
        }
        return page.substring(0, begin + BEGIN.length()) + table(results) + page.substring(end);
    }

    private static String table(List<FaultResult> results) {
        StringBuilder table = new StringBuilder("""

                | kind | fault | rounds | target | lost | duplicated | misplaced | detected |
                |---|---|---:|---:|---:|---:|---:|---:|
                """);
        withCrashPointsNeverReached(results).forEach(result -> table.append(row(result)));
        return table.append('\n').toString();
    }

    /** A result as the page shows it. */
    static String row(FaultResult result) {
        return "| %s | %s | %d | %d | %d | %d | %d | %s |%n"
                .formatted(
                        result.kind().title(),
                        result.fault(),
                        result.rounds(),
                        result.kind().targetRounds(),
                        result.harm().lost(),
                        result.harm().duplicated(),
                        result.harm().misplaced(),
                        detected(result));
    }

    private static List<FaultResult> withCrashPointsNeverReached(List<FaultResult> results) {
        List<FaultResult> all = new ArrayList<>();
        for (CrashPoint point : CrashPoint.values()) {
            boolean isRestore = point.id().startsWith("restore.");
            FaultKind kind = isRestore ? FaultKind.RESTORE : FaultKind.CRASH_POINT;
            all.add(results.stream()
                    .filter(result -> result.fault().equals(point.id()))
                    .reduce(FaultResult::plus)
                    .orElse(FaultResult.survived(kind, point.id(), 0, Harm.NONE)));
        }
        results.stream()
                .filter(result -> all.stream().noneMatch(each -> each.fault().equals(result.fault())))
                .forEach(all::add);
        return all;
    }

    private static String detected(FaultResult result) {
        if (result.detected().isEmpty()) {
            return "";
        }
        return result.rounds() == 0 ? "0 %" : 100 * result.detected().getAsInt() / result.rounds() + " %";
    }
}
