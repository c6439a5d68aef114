package dev.cdp.testkit.fidelity;

import java.util.Locale;

/** What became of a subject, from the best to the worst. */
public enum Outcome {
    /** Compared after a restore, without any difference. */
    CERTIFIED,
    /** Comes back, but not all of it, or not from every moment; the product says so by name. */
    FLAGGED,
    /** The product names it and does not take it. */
    REFUSED;

    /** As it is printed. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
