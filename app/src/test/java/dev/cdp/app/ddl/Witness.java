package dev.cdp.app.ddl;

import dev.cdp.core.TableName;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the database said of some tables inside of one transaction, as its last act.
 *
 * @param caseNumber of the case under way
 * @param what was done, for messages
 * @param nativeId of the transaction, null when it left no trace in the log
 * @param tables every table of the cases that were looked at
 */
record Witness(int caseNumber, String what, @Nullable String nativeId, Scope scope, Map<TableName, TableState> tables) {

    /** The cases that were looked at, both inclusive. */
    record Scope(int first, int last) {
        boolean covers(int number) {
            return first <= number && number <= last;
        }
    }
}
