package dev.cdp.restore.undo;

import dev.cdp.core.Engine;
import dev.cdp.core.SourceId;
import dev.cdp.core.TableName;
import dev.cdp.core.fold.TransactionLog;
import dev.cdp.restore.live.TableRepair;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What undoing transactions of one source means, row by row.
 *
 * @param id of exactly these rows: another plan with the same id does the same
 * @param asked the transactions to be undone, in order
 * @param dependents others that wrote the same rows later, in order; with {@link Dependents#CASCADE} they are undone too
 * @param leftOut rows that stay as they are, since others wrote them later
 * @param tables what is put back
 * @param unwritten tables that were truncated or written with no difference left
 * @param tailMissing why changes that are not archived yet are not known, null when they are
 */
public record UndoPlan(
        String id,
        SourceId source,
        Engine engine,
        List<TransactionLog.Entry> asked,
        Dependents policy,
        List<Dependent> dependents,
        long leftOut,
        List<TableRepair> tables,
        List<TableName> unwritten,
        @Nullable String tailMissing) {

    public UndoPlan {
        asked = List.copyOf(asked);
        dependents = List.copyOf(dependents);
        tables = List.copyOf(tables);
        unwritten = List.copyOf(unwritten);
    }

    /**
     * A transaction that wrote some of the rows later.
     *
     * @param rows how many, by table
     */
    public record Dependent(TransactionLog.Entry transaction, Map<TableName, Long> rows) {
        public Dependent {
            rows = Map.copyOf(rows);
        }
    }

    /** Whether later transactions stand in the way. */
    public boolean isBlocked() {
        return policy == Dependents.REFUSE && !dependents.isEmpty();
    }

    public long rowCount() {
        return tables.stream().mapToLong(table -> table.rows().size()).sum();
    }
}
