package dev.cdp.archiver;

import dev.cdp.core.SourceId;
import dev.cdp.core.Watermark;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * How one source's archiver is doing.
 *
 * @param watermark null while the archive holds no transaction and no base
 * @param lastCommit by this process, null for none yet
 * @param recordsBehind records of the change topic that were not read yet, as far as is known
 * @param problem why it waits or has failed, null while it runs
 * @param viewProblem why the Iceberg tables are behind the archive, null while they are not
 */
public record ArchiverStatus(
        SourceId source,
        State state,
        @Nullable Watermark watermark,
        long entryNumber,
        @Nullable Commit lastCommit,
        long recordsBehind,
        @Nullable String problem,
        @Nullable String viewProblem) {

    /** Where in its life an archiver is. */
    public enum State {
        /** Not started yet. */
        NEW,
        RUNNING,
        /** Storage or Kafka is away, or capture has not created the topic; it tries again. */
        WAITING,
        STOPPED,
        /** It gave up; {@link #problem} says why. */
        FAILED
    }

    /** One ledger entry that was written. */
    public record Commit(long entryNumber, Instant at, Duration took, long rowCount, long byteCount) {}

    ArchiverStatus moved(State to, @Nullable String why) {
        return new ArchiverStatus(source, to, watermark, entryNumber, lastCommit, recordsBehind, why, viewProblem);
    }

    ArchiverStatus at(@Nullable Watermark reached, long newestEntry) {
        return new ArchiverStatus(source, state, reached, newestEntry, lastCommit, recordsBehind, problem, viewProblem);
    }

    ArchiverStatus committed(Commit commit) {
        return new ArchiverStatus(source, state, watermark, entryNumber, commit, recordsBehind, problem, viewProblem);
    }

    ArchiverStatus behind(long records, @Nullable String view) {
        return new ArchiverStatus(source, state, watermark, entryNumber, lastCommit, records, problem, view);
    }
}
