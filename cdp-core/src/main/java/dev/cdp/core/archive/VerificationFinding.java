package dev.cdp.core.archive;

import dev.cdp.core.TableName;
import java.time.Instant;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One thing that is wrong with an archive, and the restores it stands in the way of.
 *
 * @param key of the object concerned
 * @param tables whose rows it holds; empty when it concerns every table of the source
 * @param from restores to moments before it do not need the object; null when it is not known
 * @param to restores to moments after it do not need the object; null when every later one does
 */
public record VerificationFinding(
        Kind kind,
        String key,
        List<TableName> tables,
        @Nullable Instant from,
        @Nullable Instant to,
        String what) {

    /** What is wrong. */
    public enum Kind {
        /** An object that the ledger names, or an entry of the ledger itself, is not there. */
        MISSING,
        /** An object is there and is not what the ledger says, or a ledger entry is not what was written. */
        DIFFERENT,
        /** An object or ledger entry stands in the place of another. */
        SWAPPED,
        /** A ledger entry does not follow the one before it: it is of another history. */
        UNCHAINED,
        /** Changes between two ledger entries are in neither, and no gap says so. */
        INCOMPLETE,
        /** The ledger was longer than it is. */
        ROLLED_BACK,
        /** Something that is made from the ledger differs from it. No restore needs it; it is passed over or made anew. */
        DERIVED
    }

    public VerificationFinding {
        tables = List.copyOf(tables);
    }

    /** Something derived that differs. */
    public static VerificationFinding derived(String key, String what) {
        return new VerificationFinding(Kind.DERIVED, key, List.of(), null, null, what);
    }

    /** A witness of a longer ledger. */
    public static VerificationFinding rolledBack(String key, @Nullable Instant from, String what) {
        return new VerificationFinding(Kind.ROLLED_BACK, key, List.of(), from, null, what);
    }

    @Override
    public String toString() {
        if (kind == Kind.DERIVED) {
            return what + ": " + key + ", which no restore needs";
        }
        String names = tables.isEmpty()
                ? "every table"
                : (tables.size() == 1 ? "table " : "tables ")
                        + tables.stream().map(TableName::toString).collect(Collectors.joining(", "));
        return what + ": " + key + ", " + names + ", restores to " + moments();
    }

    private String moments() {
        if (from == null) {
            return to == null ? "any moment" : "moments up to " + to;
        }
        return "moments from " + from + (to == null ? " on" : " to " + to);
    }
}
