package dev.cdp.testkit.faults;

/** A family of faults, and how many rounds of each member it takes to be trusted. */
public enum FaultKind {
    CRASH_POINT("crash point", 25),
    OUTSIDE("signal from outside", 25),
    RESUME("restart in a transaction", 200),
    GAP("gap", 1),
    ZOMBIE("zombie", 200),
    UNKNOWN_OUTCOME("unknown outcome", 500),
    STORAGE("storage and network", 25),
    DAMAGE("damaged object", 500),
    RESTORE("restore interrupted", 25),
    DEFECT("seeded defect", 1);

    private final String title;
    private final int targetRounds;

    FaultKind(String title, int targetRounds) {
        this.title = title;
        this.targetRounds = targetRounds;
    }

    /** As it is printed. */
    public String title() {
        return title;
    }

    /** Rounds that a fault of this kind should have seen. */
    public int targetRounds() {
        return targetRounds;
    }
}
