package dev.cdp.capture.source;

import dev.cdp.capture.CheckFinding;
import dev.cdp.capture.log.LogConsumer;
import dev.cdp.capture.log.SourceLog;
import dev.cdp.core.Carrier;
import dev.cdp.core.Engine;
import dev.cdp.core.SourcePosition;
import dev.cdp.core.definition.DatabaseDefinition;
import dev.cdp.core.definition.SequenceValue;
import java.time.Clock;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One database that is protected. Safe for use by several threads; connections are opened as needed.
 *
 * <p>All methods throw {@link dev.cdp.core.CdpException} with {@code SOURCE_UNREACHABLE}, {@code SOURCE_ACCESS_DENIED}
 * or {@code SOURCE_SETTINGS_WRONG} when the database cannot be used as it is.
 */
public interface SourceDatabase {

    Engine engine();

    /**
     * What tells this server's history from every other one's, such as PostgreSQL's system identifier and the database's
     * id. The same after a restart, different after a re-initialisation.
     */
    String identity();

    /**
     * Starts a history: from the returned view's position on, the source keeps its log for us. A place kept by an
     * earlier attempt is given up.
     */
    BaseReading anchor();

    /**
     * Makes sure that the server has the history that was read and that reading can go on there without a hole.
     *
     * @return the identity to hold the server against from now on
     * @throws HistoryLostException when it cannot, whatever is tried
     */
    String requireResumable(HeldHistory held);

    /**
     * Opens a consistent view of some tables.
     *
     * @param nativeIds the tables, empty for all that can be protected
     */
    BaseReading beginBase(Set<String> nativeIds);

    /** Whom an operation under way waits for, as a sentence; empty when it does not. Safe for use by any thread. */
    default Optional<String> waitsFor() {
        return Optional.empty();
    }

    /** Starts reading the log just after {@code boundary}. */
    SourceLog read(SourcePosition boundary, LogConsumer consumer);

    /**
     * Starts reading the log just after {@code boundary}, for sources whose log does not describe tables fully.
     *
     * @param known the tables as they are at the boundary
     */
    default SourceLog read(SourcePosition boundary, Collection<TableDescription> known, LogConsumer consumer) {
        return read(boundary, consumer);
    }

    /** The table of that id as it is now; empty when there is none that can be protected. */
    Optional<TableDescription> describe(String nativeId);

    /** Turns a value of {@link dev.cdp.capture.log.LoggedRow} into what the carrier holds; never called with null. */
    Object decode(Carrier carrier, Object logged);

    DatabaseDefinition definition();

    List<SequenceValue> sequences();

    /**
     * Commits a marker in a transaction of its own.
     *
     * @param name the restore point it names, null for a heartbeat
     * @return the marker's counter
     */
    long writeMarker(@Nullable String name, String round, Instant writtenAt);

    /** How far the server's clock, which commit times are told by, is from ours. Cheap: done with every heartbeat. */
    ClockOffset clockOffset(Clock ours);

    /**
     * Looks how the log is kept for us. Cheap: done every few seconds while it is read.
     *
     * @throws dev.cdp.core.CdpException {@code SOURCE_UNREACHABLE} when it is not kept: a new start of reading finds out
     */
    LogKeeping lookAtLog();

    /** Lets the source discard the log that it keeps for us; reading cannot go on there afterwards. May be repeated. */
    default void release() {}

    /** Looks at everything that protection depends on; changes nothing. */
    List<CheckFinding> check();

    /** What {@link #install} runs, to be shown before; empty when the source is prepared already. */
    List<String> installStatements();

    /** Prepares the source to be captured. Running it again changes nothing. */
    void install();

    /** Takes out everything of ours: what makes the source keep its log, and what was written into it. */
    void uninstall();
}
