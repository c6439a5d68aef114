package dev.cdp.testkit.fidelity;

/** A table of the page. */
public enum FidelityKind {
    TYPE("Types", "type"),
    ROW("Rows", "rows"),
    STATEMENT("Statements", "statement");

    private final String title;
    private final String subject;

    FidelityKind(String title, String subject) {
        this.title = title;
        this.subject = subject;
    }

    /** The heading above the table. */
    String title() {
        return title;
    }

    /** What stands in its first column. */
    String subject() {
        return subject;
    }
}
