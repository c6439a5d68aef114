package dev.cdp.capture.source;

import dev.cdp.core.SourcePosition;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A consistent view of a database at one position of its log, held open for copying. Every transaction at or before the
 * position is visible in it, no later one is.
 */
public interface BaseReading extends AutoCloseable {

    SourcePosition position();

    /** The tables asked for that exist and can be protected, as they are in this view. */
    List<TableDescription> tables();

    /** Copies that may be used at the same time, each by one thread. Closed with this reading. */
    List<TableCopy> copies();

    /** Reads tables one after the other. */
    interface TableCopy {

        /**
         * Hands over every row of the table.
         *
         * @param rows takes the values of {@link TableDescription#writtenColumns} as the row image will hold them
         */
        void read(TableDescription table, Consumer<@Nullable Object[]> rows);
    }

    @Override
    void close();
}
