package dev.cdp.capture;

import dev.cdp.capture.CaptureProgress.Place;
import dev.cdp.core.ChangeEvent;
import dev.cdp.core.ChangeRecord;
import dev.cdp.core.Json;
import dev.cdp.core.SourcePosition;
import dev.cdp.core.topic.ChangeTopicWriter;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * That reading was ended behind a gap whose end is open, in capture's state: the epoch of that number has nothing but
 * its gap. Recorded before anything else is done about it, so that no stop in between lets it be forgotten.
 */
record OpenGap(int epoch, String reason, Cause cause) {
    private static final String KEY = "given-up";

    /** Why, which says when the next epoch may begin. */
    enum Cause {
        /** The log was given up: when the archive has taken the gap, for then it follows again. */
        GIVEN_UP,
        /** What was read may lack something: at once. */
        DOUBT
    }

    /** @param cause null in what an earlier version stored */
    OpenGap(int epoch, String reason, @Nullable Cause cause) {
        this.epoch = epoch;
        this.reason = reason;
        this.cause = cause == null ? Cause.GIVEN_UP : cause;
    }

    /** Records the gap behind the last transaction; nothing where capture never wrote. */
    static void ofLogGivenUp(ChangeTopicWriter writer, String reason, Clock clock) {
        stored(writer)
                .ifPresent(last ->
                        record(writer, last, null, new OpenGap(last.epoch() + 1, reason, Cause.GIVEN_UP), clock));
    }

    /** Records the gap behind the last transaction that is known to be whole. */
    static void ofDoubt(ChangeTopicWriter writer, Place lastWhole, String reason, Clock clock) {
        stored(writer)
                .ifPresent(last ->
                        record(writer, last, lastWhole, new OpenGap(last.epoch() + 1, reason, Cause.DOUBT), clock));
    }

    private static Optional<CaptureProgress> stored(ChangeTopicWriter writer) {
        return CaptureProgress.stored(writer).filter(last -> of(writer, last).isEmpty());
    }

    private static void record(
            ChangeTopicWriter writer, CaptureProgress last, @Nullable Place lastWhole, OpenGap gap, Clock clock) {
        SourcePosition from = lastWhole == null ? last.boundary() : lastWhole.position();
        CaptureProgress empty = CaptureProgress.startOf(last.identity(), gap.epoch(), last.seq() + 1, from);
        writer.begin();
        writer.append(new ChangeRecord(
                empty.epoch(),
                empty.seq(),
                clock.instant(),
                new ChangeEvent.Gap(
                        from, null, gap.reason(), List.of(), lastWhole == null ? null : lastWhole.asLastWhole())));
        writer.commit(Map.of(CaptureProgress.KEY, Json.write(empty), KEY, Json.write(gap)));
    }

    /** Whether {@code progress} stands where reading was ended. */
    static Optional<OpenGap> of(ChangeTopicWriter writer, CaptureProgress progress) {
        return writer.state(KEY)
                .map(json -> Json.read(json, OpenGap.class))
                .filter(gap -> gap.epoch() == progress.epoch());
    }
}
