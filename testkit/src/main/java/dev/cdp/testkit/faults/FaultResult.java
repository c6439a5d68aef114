package dev.cdp.testkit.faults;

import java.util.OptionalInt;

/**
 * What some rounds of one fault did.
 *
 * @param fault unique in its kind; no commas
 * @param detected in how many rounds the fault was noticed; empty for a fault that must simply be survived
 */
public record FaultResult(FaultKind kind, String fault, int rounds, Harm harm, OptionalInt detected) {

    /** Changes missing from, repeated in and misplaced in what the product kept, in all rounds together. */
    public record Harm(long lost, long duplicated, long misplaced) {
        public static final Harm NONE = new Harm(0, 0, 0);

        Harm plus(Harm other) {
            return new Harm(lost + other.lost, duplicated + other.duplicated, misplaced + other.misplaced);
        }
    }

    public FaultResult {
        if (fault.isBlank() || fault.contains(",") || fault.contains("|") || fault.contains("\n") || rounds < 0) {
            throw new IllegalArgumentException("Not a fault that can be recorded: '" + fault + "', " + rounds);
        }
    }

    /** Rounds of a fault after which nothing may be missing, twice or misplaced. */
    public static FaultResult survived(FaultKind kind, String fault, int rounds, Harm harm) {
        return new FaultResult(kind, fault, rounds, harm, OptionalInt.empty());
    }

    /** Rounds of a fault that has to be noticed: named, refused, or recorded as a gap. */
    public static FaultResult noticed(FaultKind kind, String fault, int rounds, int detected) {
        return new FaultResult(kind, fault, rounds, Harm.NONE, OptionalInt.of(detected));
    }

    FaultResult plus(FaultResult more) {
        OptionalInt both = detected.isEmpty() && more.detected.isEmpty()
                ? OptionalInt.empty()
                : OptionalInt.of(detected.orElse(0) + more.detected.orElse(0));
        return new FaultResult(kind, fault, rounds + more.rounds, harm.plus(more.harm), both);
    }

    String line() {
        return String.join(
                ",",
                kind.name(),
                fault,
                Integer.toString(rounds),
                Long.toString(harm.lost()),
                Long.toString(harm.duplicated()),
                Long.toString(harm.misplaced()),
                detected.isPresent() ? Integer.toString(detected.getAsInt()) : "");
    }

    static FaultResult parse(String line) {
        String[] cells = line.split(",", -1);
        if (cells.length != 7) {
            throw new IllegalArgumentException("Not a result: '" + line + "'");
        }
        return new FaultResult(
                FaultKind.valueOf(cells[0]),
                cells[1],
                Integer.parseInt(cells[2]),
                new Harm(Long.parseLong(cells[3]), Long.parseLong(cells[4]), Long.parseLong(cells[5])),
                cells[6].isEmpty() ? OptionalInt.empty() : OptionalInt.of(Integer.parseInt(cells[6])));
    }
}
