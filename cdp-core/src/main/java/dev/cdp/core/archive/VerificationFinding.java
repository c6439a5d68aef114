package dev.cdp.core.archive;

import dev.cdp.core.TableName;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One thing that is wrong with an archive.
 *
 * @param key of the object concerned
 * @param table whose rows it holds, null when it is not about one table
 * @param earliest start of the commit times that are concerned, null when unknown
 * @param latest end of them
 */
public record VerificationFinding(
        Kind kind,
        String key,
        @Nullable TableName table,
        @Nullable Instant earliest,
        @Nullable Instant latest,
        String what) {

    /** What is wrong. */
    public enum Kind {
        /** An object that the ledger names, or an entry of the ledger itself, is not there. */
        MISSING,
        /** An object is there and is not what the ledger says. */
        DIFFERENT,
        /** A ledger entry does not follow the one before it. */
        UNCHAINED,
        /** Changes between two ledger entries are in neither, and no gap says so. */
        INCOMPLETE
    }

    @Override
    public String toString() {
        String times = earliest == null ? "" : ", changes of " + earliest + " to " + latest;
        return what + ": " + key + (table == null ? "" : ", table " + table) + times;
    }
}
