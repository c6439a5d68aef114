package dev.cdp.capture;

import dev.cdp.core.ChangeEvent;
import dev.cdp.core.ChangeRecord;
import dev.cdp.core.Json;
import dev.cdp.core.topic.ChangeTopicWriter;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * That the log of a source was given up, in capture's state: the epoch of that number has nothing but its gap, whose end
 * is open. The next one begins when the archive has taken that gap, for then it follows again.
 */
record GivenUp(int epoch, String reason) {
    private static final String KEY = "given-up";

    /** Records the gap behind the last transaction; nothing where capture never wrote. */
    static void record(ChangeTopicWriter writer, String reason, Clock clock) {
        Optional<CaptureProgress> stored =
                writer.state(CaptureProgress.KEY).map(json -> Json.read(json, CaptureProgress.class));
        if (stored.isEmpty() || of(writer, stored.get()).isPresent()) {
            return;
        }
        CaptureProgress last = stored.get();
        CaptureProgress empty =
                CaptureProgress.startOf(last.identity(), last.epoch() + 1, last.seq() + 1, last.boundary());
        writer.begin();
        writer.append(new ChangeRecord(
                empty.epoch(),
                empty.seq(),
                clock.instant(),
                new ChangeEvent.Gap(last.boundary(), null, reason, List.of())));
        writer.commit(
                Map.of(CaptureProgress.KEY, Json.write(empty), KEY, Json.write(new GivenUp(empty.epoch(), reason))));
    }

    /** Whether {@code progress} stands where the log was given up. */
    static Optional<GivenUp> of(ChangeTopicWriter writer, CaptureProgress progress) {
        return writer.state(KEY)
                .map(json -> Json.read(json, GivenUp.class))
                .filter(givenUp -> givenUp.epoch() == progress.epoch());
    }
}
