package dev.cdp.testkit.fidelity;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What one comparison found.
 *
 * @param compared values or states that were compared
 * @param reason what differs, or why it is refused; empty when certified
 */
public record FidelityResult(DatabaseVersion on, FidelityCase of, int compared, Outcome outcome, String reason) {

    public FidelityResult {
        String all = on.engine() + of.subject() + of.place() + reason;
        if (all.contains("\n") || compared < 0 || (outcome == Outcome.CERTIFIED) != reason.isEmpty()) {
            throw new IllegalArgumentException("Not a result that can be kept: " + outcome + " '" + all + "'");
        }
        if (outcome == Outcome.CERTIFIED && compared == 0) {
            throw new IllegalArgumentException("Nothing was compared of " + of);
        }
    }

    /** No difference. */
    public static FidelityResult certified(DatabaseVersion on, FidelityCase of, int compared) {
        return new FidelityResult(on, of, compared, Outcome.CERTIFIED, "");
    }

    /** Comes back in part; the product said so. */
    public static FidelityResult flagged(DatabaseVersion on, FidelityCase of, int compared, String reason) {
        return new FidelityResult(on, of, compared, Outcome.FLAGGED, reason);
    }

    /** Is not taken; the product said so. */
    public static FidelityResult refused(DatabaseVersion on, FidelityCase of, String reason) {
        return new FidelityResult(on, of, 0, Outcome.REFUSED, reason);
    }

    String line() {
        return Stream.of(
                        on.engine(),
                        on.version(),
                        of.kind().name(),
                        of.subject(),
                        of.place(),
                        Integer.toString(compared),
                        outcome.name(),
                        reason)
                .map(FidelityResult::quoted)
                .collect(Collectors.joining(","));
    }

    private static String quoted(String cell) {
        return cell.matches("[^,\"]*") ? cell : "\"" + cell.replace("\"", "\"\"") + "\"";
    }

    static FidelityResult parse(String line) {
        List<String> cells = cells(line);
        if (cells.size() != 8) {
            throw new IllegalArgumentException("Not a result: '" + line + "'");
        }
        return new FidelityResult(
                new DatabaseVersion(cells.get(0), cells.get(1)),
                new FidelityCase(FidelityKind.valueOf(cells.get(2)), cells.get(3), cells.get(4)),
                Integer.parseInt(cells.get(5)),
                Outcome.valueOf(cells.get(6)),
                cells.get(7));
    }

    private static List<String> cells(String line) {
        List<String> cells = new ArrayList<>();
        StringBuilder cell = new StringBuilder();
        boolean inQuotes = false;
        for (int i = 0; i < line.length(); i++) {
            char here = line.charAt(i);
            if (here == ',' && !inQuotes) {
                cells.add(cell.toString());
                cell.setLength(0);
            } else if (here != '"') {
                cell.append(here);
            } else {
                if (!inQuotes && i > 0 && line.charAt(i - 1) == '"') {
                    cell.append('"'); // two of them inside of quotes stand for one
                }
                inQuotes = !inQuotes;
            }
        }
        cells.add(cell.toString());
        return cells;
    }
}
