package dev.cdp.core.fold;

import dev.cdp.core.TableSchema;

/** How the two sides of a declared link stand to each other at a cut, by the states of both tables. */
public final class LinkState {
    private LinkState() {}

    /**
     * @param checked different values that refer
     * @param broken of those, values that no row has on the other side
     * @param waiting values of the other side that nothing refers to yet: for an outbox, messages in flight
     */
    public record Counts(long checked, long broken, long waiting) {}

    public static Counts count(FoldDatabase database, LinkFacts.Side from, LinkFacts.Side to) {
        values(database, "link_from", from);
        values(database, "link_to", to);
        return new Counts(
                database.number("SELECT count(*) FROM link_from", 0),
                database.number("SELECT count(*) FROM link_from f ANTI JOIN link_to t ON f.v = t.v", 0),
                database.number("SELECT count(*) FROM link_to t ANTI JOIN link_from f ON f.v = t.v", 0));
    }

    private static void values(FoldDatabase database, String name, LinkFacts.Side side) {
        TableSchema schema = side.files().schema();
        int column = schema.indexOfField(side.column().fieldId());
        String state = Fold.stateQuery(database, schema.name().toString(), side.files(), side.local(), null);
        database.execute("CREATE OR REPLACE TEMP TABLE " + name + " AS SELECT DISTINCT c" + column
                + "::VARCHAR AS v FROM (" + state + ") WHERE c" + column + " IS NOT NULL");
    }
}
