package dev.cdp.restore.undo;

/** What to do about transactions that wrote the same rows later. */
public enum Dependents {
    /** Nothing is undone while there are any. */
    REFUSE,
    /** They are undone as well, and those that wrote the same rows after them. */
    CASCADE,
    /** Rows that they wrote stay as they are; the others are put back. */
    NON_CONFLICTING,
    /** Their rows are put back all the same: what they wrote there is lost. */
    FORCE
}
