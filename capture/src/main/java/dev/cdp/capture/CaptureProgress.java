package dev.cdp.capture;

import dev.cdp.capture.source.HeldHistory;
import dev.cdp.core.SourcePosition;

/**
 * How far capture of a source has come, stored in the Kafka transactions of the changes themselves.
 *
 * @param identity of the server whose history it is
 * @param epoch the unbroken history being written
 * @param seq the last transaction's number
 * @param boundary just after that transaction: reading resumes here
 * @param markerCounter the last marker's, 0 before the first
 * @param base whether the epoch's first base is in the topic
 */
record CaptureProgress(
        String identity, int epoch, long seq, SourcePosition boundary, long markerCounter, BaseState base) {
    static final String KEY = "progress";

    enum BaseState {
        MISSING,
        COMPLETE
    }

    CaptureProgress after(long newSeq, SourcePosition newBoundary, long newMarkerCounter) {
        return new CaptureProgress(identity, epoch, newSeq, newBoundary, newMarkerCounter, base);
    }

    HeldHistory held() {
        return new HeldHistory(identity, boundary, markerCounter);
    }

    /** The same on a server that has taken over. */
    CaptureProgress on(String newIdentity) {
        return new CaptureProgress(newIdentity, epoch, seq, boundary, markerCounter, base);
    }

    CaptureProgress withBase() {
        return new CaptureProgress(identity, epoch, seq, boundary, markerCounter, BaseState.COMPLETE);
    }

    /** The first progress of an epoch. */
    static CaptureProgress startOf(String identity, int epoch, long seq, SourcePosition boundary) {
        return new CaptureProgress(identity, epoch, seq, boundary, 0, BaseState.MISSING);
    }
}
