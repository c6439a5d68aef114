package dev.cdp.capture;

import dev.cdp.capture.source.HistoryLostException;
import dev.cdp.capture.source.SourceDatabase;
import dev.cdp.core.ChangeEvent;
import dev.cdp.core.SourcePosition;
import dev.cdp.core.Watermark;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Decides where a run of capture starts: where the last one ended, or with a new epoch because something between
 * there and now is missing or cannot be shown not to be.
 */
sealed interface CaptureStart {
    /** Far enough ahead that numbers of a lost topic can never be given again. */
    long LOST_TOPIC_DISTANCE = 1L << 32;

    /** Reading goes on at the progress's boundary. */
    record Resume(CaptureProgress progress) implements CaptureStart {}

    /**
     * A new history begins with a new base.
     *
     * @param seq the number its start takes
     * @param gap what is missing before it, as far as the new base whose place ends it is not taken; empty for the very
     *     first epoch
     * @param tables the ids that its tables get
     */
    record NewEpoch(int epoch, long seq, Optional<ChangeEvent.Gap> gap, TableIds tables) implements CaptureStart {}

    /** The log was given up, and the archive does not follow yet: a new base would only be given up again. */
    record Withheld(String reason) implements CaptureStart {}

    /**
     * Which ids tables get in a new epoch.
     *
     * @param above all are new and higher than this one; 0 when tables that are known keep theirs
     */
    record TableIds(int above) {
        static final TableIds KEPT = new TableIds(0);
    }

    /**
     * @param lost what the run before ended with, when it found that its history does not go on
     * @throws HistoryLostException when what was recorded is in doubt, which must be recorded first
     */
    static CaptureStart decide(StartFacts facts, SourceDatabase database, @Nullable HistoryLostException lost) {
        if (facts.isNew()) {
            return new NewEpoch(1, 0, Optional.empty(), TableIds.KEPT);
        }
        Optional<String> loss = facts.loss();
        CaptureProgress stored = facts.stored();
        if (loss.isPresent() || stored == null) {
            return afterLoss(facts, loss.orElse(""));
        }
        OpenGap open = facts.openGap();
        if (open != null) {
            return switch (open.cause()) {
                case GIVEN_UP ->
                    facts.archived() == null || facts.archived().epoch() < stored.epoch()
                            ? new Withheld(open.reason())
                            : behindGap(stored, open.reason());
                case DOUBT -> behindGap(stored, open.reason());
            };
        }
        if (lost != null) {
            return behindGap(stored, lost.getMessage());
        }
        try {
            return new Resume(stored.on(database.requireResumable(stored.held())));
        } catch (HistoryLostException e) {
            if (e.doubt() != HistoryLostException.Doubt.NONE) {
                throw e;
            }
            return behindGap(stored, e.getMessage());
        }
    }

    private static NewEpoch behindGap(CaptureProgress stored, String reason) {
        ChangeEvent.Gap gap = new ChangeEvent.Gap(stored.boundary(), null, reason, List.of());
        return new NewEpoch(stored.epoch() + 1, stored.seq() + 1, Optional.of(gap), TableIds.KEPT);
    }

    /**
     * The source is as it was, what we kept of it is not. What the state says of tables may be older or newer than what
     * is archived, so tables get ids that were never given.
     */
    private static CaptureStart afterLoss(StartFacts facts, String reason) {
        SourcePosition from = facts.watermark().map(Watermark::position).orElse(null);
        return new NewEpoch(
                facts.lastEpoch() + 1,
                facts.lastSeq() + LOST_TOPIC_DISTANCE,
                Optional.of(new ChangeEvent.Gap(from, null, reason, List.of())),
                new TableIds(facts.lastTableId()));
    }
}
