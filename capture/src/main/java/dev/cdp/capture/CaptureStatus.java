package dev.cdp.capture;

import dev.cdp.capture.source.ClockOffset;
import dev.cdp.core.SourcePosition;
import java.time.Instant;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * What capture of a source is doing.
 *
 * @param reason why it waits or failed, empty otherwise
 * @param next what the operator can do about it, empty otherwise
 * @param boundary what is in the change topic, null before anything is
 * @param lastCommitTimestamp of the newest transaction in the change topic, by the source's clock; null before the first
 * @param clockOffset of the source's clock, as it was last measured; null while it is not
 */
public record CaptureStatus(
        State state,
        String reason,
        String next,
        int epoch,
        long seq,
        @Nullable SourcePosition boundary,
        @Nullable Instant lastCommitTimestamp,
        OptionalLong retainedLogBytes,
        @Nullable ClockOffset clockOffset) {

    /** The life of a capture. */
    public enum State {
        STARTING,
        /** The first base is being copied, changes are recorded beside it. */
        COPYING,
        STREAMING,
        /** Something is unreachable; it tries again by itself. */
        WAITING,
        /** Stopped for a reason that needs the operator. */
        FAILED,
        STOPPED
    }

    /** The same, while it waits for somebody in the source. */
    CaptureStatus waitingFor(String whom) {
        boolean isRunning = state == State.COPYING || state == State.STREAMING;
        return new CaptureStatus(
                isRunning ? state : State.WAITING,
                whom,
                "Nothing, or end them; capture goes on by itself when they have ended",
                epoch,
                seq,
                boundary,
                lastCommitTimestamp,
                retainedLogBytes,
                clockOffset);
    }

    static final CaptureStatus INITIAL =
            new CaptureStatus(State.STARTING, "", "", 0, 0, null, null, OptionalLong.empty(), null);
}
