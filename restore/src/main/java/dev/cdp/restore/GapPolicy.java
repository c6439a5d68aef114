package dev.cdp.restore;

/** What to do when changes are missing at the moment that is asked for. */
public enum GapPolicy {
    /** Nothing is restored: the operator chooses a moment that is known. */
    REFUSE,
    /** What is affected is restored to the latest state before the gap, and everything says so. */
    ALLOW
}
