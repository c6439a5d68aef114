package dev.cdp.core;

/**
 * Stands where the source did not log a column because the change left it as it was (PostgreSQL: an unchanged
 * out-of-line value). Never a value of the database itself.
 */
public enum Unchanged {
    UNCHANGED
}
