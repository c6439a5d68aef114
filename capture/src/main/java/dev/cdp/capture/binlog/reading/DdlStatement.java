package dev.cdp.capture.binlog.reading;

import dev.cdp.capture.source.TableDescription.Cascade;
import dev.cdp.core.Column.Generation;
import dev.cdp.core.TableName;
import java.util.List;
import java.util.Map;
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
 * @param created the one made table, when it is surely empty
 * @param renames what other tables may refer to by another name from now on
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
        Optional<CreatedTable> created,
        Renames renames,
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

    /**
     * Names that changed.
     *
     * @param tables one after another
     * @param columns of the one altered table, new names by old ones
     */
    record Renames(List<TableRename> tables, Map<String, String> columns) {
        static final Renames NONE = new Renames(List.of(), Map.of());

        record TableRename(TableName from, TableName to) {}

        Renames {
            tables = List.copyOf(tables);
            columns = Map.copyOf(columns);
        }
    }

    /** A step of ALTER TABLE that changes which columns there are, or what changes rows unseen. */
    sealed interface Step {
        /** The column it adds or drops. */
        default Optional<String> column() {
            return Optional.empty();
        }

        /** Whether a column may be there already. */
        enum Presence {
            NEW,
            UNLESS_IT_EXISTS
        }

        /**
         * @param literal the constant default as written, without quotes; null for NULL
         * @param behind the column in front of it; null at the end
         */
        record AddColumn(
                String name,
                Presence presence,
                WrittenType type,
                Generation generation,
                @Nullable String literal,
                @Nullable String behind)
                implements Step {
            /** Behind no column. */
            static final String FIRST = "";

            @Override
            public Optional<String> column() {
                return Optional.of(name);
            }
        }

        record DropColumn(String name) implements Step {
            @Override
            public Optional<String> column() {
                return Optional.of(name);
            }
        }

        record AddCascade(Cascade cascade) implements Step {}

        record DropConstraint(String name) implements Step {}
    }

    DdlStatement {
        made = List.copyOf(made);
        ended = List.copyOf(ended);
        altered = List.copyOf(altered);
    }
}
