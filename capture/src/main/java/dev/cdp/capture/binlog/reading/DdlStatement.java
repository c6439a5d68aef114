package dev.cdp.capture.binlog.reading;

import dev.cdp.core.TableName;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a statement of the log does to tables.
 *
 * @param tag the command, such as {@code ALTER TABLE}
 * @param object as written in the statement or completed by the session's database; empty when there is none
 * @param made tables that the statement makes, or makes anew
 * @param ended tables that are no more under this name
 * @param altered tables it changes
 * @param steps what it does to the one altered table, when every step is known to leave the other values alone; null
 *     when one is not
 */
record DdlStatement(
        Effect effect,
        String tag,
        Optional<TableName> object,
        List<TableName> made,
        List<TableName> ended,
        List<TableName> altered,
        @Nullable List<Step> steps) {

    /** What kind of statement it is. */
    enum Effect {
        /** Changes definitions. */
        DEFINES,
        /** Empties one table. */
        TRUNCATES,
        /** Ends every table of a database. */
        DROPS_DATABASE,
        /** Changes rows: such statements belong into the log as rows. */
        CHANGES_ROWS,
        /** Belongs to the life of a transaction or of the server, not to the data. */
        CONTROLS
    }

    /** A step of ALTER TABLE that changes which columns there are. */
    sealed interface Step {
        /** @param literal the constant default as written, without quotes; null for NULL */
        record AddColumn(String column, @Nullable String literal) implements Step {}

        record DropColumn(String column) implements Step {}
    }

    DdlStatement {
        made = List.copyOf(made);
        ended = List.copyOf(ended);
        altered = List.copyOf(altered);
    }
}
