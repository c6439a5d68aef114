package dev.cdp.restore.target;

import dev.cdp.core.RowImage;
import dev.cdp.core.TableSchema;
import dev.cdp.restore.target.LiveTable.ForeignKey;
import java.util.Collection;
import java.util.List;
import java.util.function.Consumer;

/**
 * One database in use, by one session. Between {@link #begin} and {@link #commit} everything belongs to one transaction;
 * closing it gives up what was not committed. Used by one thread.
 *
 * <p>All methods throw {@link TargetException}; with {@code LIVE_CONFLICT} when the database is not as it has to be, or others
 * hold what is needed for too long.
 */
public interface LiveDatabase extends AutoCloseable {

    /** What a statement does with rows. */
    enum Write {
        INSERT,
        UPDATE,
        DELETE
    }

    /**
     * Looks at a table.
     *
     * @throws TargetException when it has other columns than {@code table}
     */
    LiveTable look(TableSchema table);

    /** Whether triggers can be kept from firing for the time of a transaction. */
    boolean canSilenceTriggers();

    /** @param silenced tables whose own triggers do not fire until the end; foreign keys stay judged */
    void begin(Collection<LiveTable> silenced);

    /**
     * Reads the rows that have the keys of some images.
     *
     * @param locked whether nobody else may change them until the end
     */
    void read(TableSchema table, List<RowImage> images, boolean locked, Consumer<RowImage> rows);

    /**
     * Writes rows by one statement.
     *
     * @param images what stands there afterwards, or what is deleted
     * @return how many were written
     */
    long write(TableSchema table, Write kind, List<RowImage> images);

    /** How many rows refer through a foreign key to some rows of its parent, those rows themselves left out. */
    long countReferrers(ForeignKey key, TableSchema parent, List<RowImage> parents);

    /** How many rows refer to a parent that is not there, among some of its child; 0 where the server itself sees to it. */
    long countOrphans(ForeignKey key, TableSchema child, List<RowImage> children);

    void commit();

    @Override
    void close();
}
