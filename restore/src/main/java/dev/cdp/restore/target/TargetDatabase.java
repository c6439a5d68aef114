package dev.cdp.restore.target;

import dev.cdp.core.RowImage;
import dev.cdp.core.TableSchema;
import dev.cdp.core.definition.DatabaseDefinition;
import dev.cdp.core.definition.DefinitionStatement;
import dev.cdp.core.definition.SequenceValue;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One database that a restore makes, from {@link #begin} to {@link #finish}; until then it shows that it is incomplete
 * and whose it is. Used by one thread.
 *
 * <p>All methods throw {@link TargetException}.
 */
public interface TargetDatabase extends AutoCloseable {

    /** What stands under the name before a restore. */
    enum Standing {
        ABSENT,
        EMPTY,
        /** What an interrupted run of the same plan left; beginning again drops it. */
        OWN_INCOMPLETE,
        NOT_EMPTY
    }

    /** Rows to be loaded, one after another. */
    @FunctionalInterface
    interface RowSource {
        /** @return null after the last row */
        @Nullable
        RowImage next();
    }

    /** Looks, and checks that the user may make databases; nothing is changed. */
    Standing standing(String planId);

    /** @throws TargetException when something stands under the name that is neither empty nor left by this plan */
    void requireFree(String planId);

    /**
     * Makes the database, incomplete and marked with the plan. What an interrupted run of the same plan left is
     * dropped first; nothing else ever is.
     */
    void begin(String planId, DatabaseDefinition definition);

    /** Runs statements in order, each committed by itself. */
    void run(List<DefinitionStatement> statements);

    /** Loads rows into a table that has no rows and no triggers yet. */
    void load(TableSchema table, RowSource rows);

    /** Reads every row of a table in the form in which it was loaded. */
    void read(TableSchema table, Consumer<RowImage> rows);

    /** Sets sequences and counters to values that are not handed out again. */
    void set(List<SequenceValue> values);

    /** Has the server gather statistics. */
    void analyze();

    /** Makes the database look complete; the last step. */
    void finish();

    /** What to give to the database's own client to connect. */
    String connectCommand();

    @Override
    void close();
}
