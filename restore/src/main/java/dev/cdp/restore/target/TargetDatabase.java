package dev.cdp.restore.target;

import dev.cdp.core.RowImage;
import dev.cdp.core.TableName;
import dev.cdp.core.TableSchema;
import dev.cdp.core.definition.DatabaseDefinition;
import dev.cdp.core.definition.DefinitionStatement.Phase;
import dev.cdp.core.definition.SequenceValue;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One database that a restore makes, from {@link #begin} to {@link #finish}. Until then it has another name, shows whose
 * it is, and holds a journal of what has been done in it, so that another run goes on where one was interrupted. Used by
 * one thread.
 *
 * <p>All methods throw {@link TargetException}.
 */
public interface TargetDatabase extends AutoCloseable {

    /** What stands under the name before a restore. */
    enum Standing {
        ABSENT,
        EMPTY,
        /** What an interrupted run of the same plan left, to go on with. */
        OWN_INCOMPLETE,
        NOT_EMPTY
    }

    /** Rows to be loaded, one after another. */
    @FunctionalInterface
    interface RowSource {
        /** @return null after the last row */
        @Nullable
        RowImage next();

        /** Whether single rows may be of many megabytes. */
        default boolean hasLargeRows() {
            return false;
        }
    }

    /**
     * Looks, and checks that the user may make databases; nothing is changed.
     *
     * @param plan names the plan and what it says, so that no other plan goes on with what this one left
     */
    Standing standing(String plan);

    /** @throws TargetException when something stands under the name that is neither empty nor left by this plan */
    void requireFree(String plan);

    /**
     * Makes the database, incomplete and marked with the plan, or goes on with what an interrupted run of the same plan
     * left. Ends that run's sessions, should the server still have them.
     *
     * @throws TargetException also when somebody else has changed what was left
     */
    void begin(String plan, DatabaseDefinition definition);

    /** Opens the complete database of this name, instead of {@link #begin}, to read it and nothing else. */
    void openComplete();

    /** Runs the statements of a phase that no earlier run has run. */
    void run(Phase phase);

    /** The columns of a table as the definition made it, without computed ones. */
    List<String> columns(TableName table);

    /** What an earlier run has loaded into a table; empty when it has to be loaded. */
    Optional<TableContent> loaded(TableName table);

    /**
     * Loads rows into a table that has no triggers yet. Rows that an earlier run has left half-way go first.
     *
     * @param content of the rows, asked for after the last one
     */
    void load(TableSchema table, RowSource rows, Supplier<TableContent> content);

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
