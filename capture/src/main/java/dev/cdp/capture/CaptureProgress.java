package dev.cdp.capture;

import dev.cdp.capture.source.HeldHistory;
import dev.cdp.capture.source.HistoryLostException;
import dev.cdp.core.ChangeEvent.LastWhole;
import dev.cdp.core.Json;
import dev.cdp.core.SourcePosition;
import dev.cdp.core.topic.ChangeTopicWriter;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How far capture of a source has come, stored in the Kafka transactions of the changes themselves.
 *
 * @param identity of the server whose history it is
 * @param epoch the unbroken history being written
 * @param seq the last transaction's number
 * @param boundary just after that transaction: reading resumes here
 * @param markerCounter the last marker's, 0 before the first
 * @param base whether the epoch's first base is in the topic
 * @param marked where markers showed that nothing was missing
 */
record CaptureProgress(
        String identity,
        int epoch,
        long seq,
        SourcePosition boundary,
        long markerCounter,
        BaseState base,
        Marked marked) {
    static final String KEY = "progress";

    enum BaseState {
        MISSING,
        COMPLETE
    }

    /**
     * The last two transactions with a marker that followed its predecessor; both are the epoch's start before the first.
     */
    record Marked(Place last, Place before) {
        private static Marked start(long seq, SourcePosition boundary) {
            Place place = new Place(seq, boundary, Instant.EPOCH);
            return new Marked(place, place);
        }

        Marked then(Place next) {
            return new Marked(next, last);
        }
    }

    /** The end of a transaction. */
    record Place(long seq, SourcePosition position, Instant commitTimestamp) {
        LastWhole asLastWhole() {
            return new LastWhole(seq, commitTimestamp);
        }
    }

    /** @param marked null in what an earlier version stored, which had looked at each marker, too */
    CaptureProgress(
            String identity,
            int epoch,
            long seq,
            SourcePosition boundary,
            long markerCounter,
            BaseState base,
            @Nullable Marked marked) {
        this.identity = identity;
        this.epoch = epoch;
        this.seq = seq;
        this.boundary = boundary;
        this.markerCounter = markerCounter;
        this.base = base;
        this.marked = marked == null ? Marked.start(seq, boundary) : marked;
    }

    /** Behind a transaction. */
    CaptureProgress after(Place end, long newMarkerCounter) {
        Marked now = newMarkerCounter == markerCounter ? marked : marked.then(end);
        return new CaptureProgress(identity, epoch, end.seq(), end.position(), newMarkerCounter, base, now);
    }

    /** Behind something between two transactions that took a number. */
    CaptureProgress at(long newSeq) {
        return new CaptureProgress(identity, epoch, newSeq, boundary, markerCounter, base, marked);
    }

    HeldHistory held() {
        return new HeldHistory(identity, boundary, markerCounter);
    }

    /** The last place behind which what was recorded may lack something; empty when all of it is whole. */
    @Nullable
    Place lastWhole(HistoryLostException.Doubt doubt) {
        return switch (doubt) {
            case NONE -> null;
            case SINCE_LAST_MARKER -> marked.last();
            case SINCE_MARKER_BEFORE -> marked.before();
        };
    }

    /** The same on a server that has taken over. */
    CaptureProgress on(String newIdentity) {
        return new CaptureProgress(newIdentity, epoch, seq, boundary, markerCounter, base, marked);
    }

    CaptureProgress withBase() {
        return new CaptureProgress(identity, epoch, seq, boundary, markerCounter, BaseState.COMPLETE, marked);
    }

    /** What the last writer of the source left; empty where capture never wrote. */
    static Optional<CaptureProgress> stored(ChangeTopicWriter writer) {
        return writer.state(KEY).map(json -> Json.read(json, CaptureProgress.class));
    }

    /** The first progress of an epoch. */
    static CaptureProgress startOf(String identity, int epoch, long seq, SourcePosition boundary) {
        return new CaptureProgress(identity, epoch, seq, boundary, 0, BaseState.MISSING, Marked.start(seq, boundary));
    }
}
