package dev.cdp.core.topic;

import dev.cdp.core.ThisProcess;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * One capture's claim to be the writer of a change topic: a name in the state topic, one for all writers that this
 * capture opens. The newest claim holds, so a capture that starts takes over, and one that was taken over from stops.
 *
 * <p>Kafka alone gives the topic to whoever opened it last. That is not enough, because a capture opens it again after
 * every failure, also after one that the newer capture caused: its commit was answered with an unspecific error, or the
 * database ended its connection in favour of the newer one. So each capture makes its claim once, behind the first opening
 * and in a transaction of its own, and later openings may find three claims and no others: its own; the one it found at
 * first, if its own did not come through or Kafka lost it; or none, in a topic that was made anew. Any other one was made
 * since, and ends this capture, for which that claim's owner is the successor.
 *
 * <p>An opening looks before it fences, so that it does not push a successor out, and again behind it, because a claim may
 * come through in between. Then the successor was fenced by somebody who stops, and so a writer that is fenced looks, too:
 * it stops if there is another claim, and else opens the topic again. That also mends a transaction that Kafka ended
 * because its writer was asleep. A capture that slept between opening and claiming finds a claim it does not know.
 */
public final class WriterClaim {
    /** Key of the claim in the state topic. */
    static final String KEY = "cdp.writer";

    private final String name = ThisProcess.name() + "/" + UUID.randomUUID();
    private volatile @Nullable String found;
    private volatile boolean hasLooked;

    /** Host, process and a random part, which tells two captures of one process apart. */
    String name() {
        return name;
    }

    /** Whether a writer was opened for it, so that a claim that is not known is a later one. */
    boolean hasLooked() {
        return hasLooked;
    }

    /**
     * To be asked with the claim that stands, after the earlier writer was fenced.
     *
     * @return whether ours has yet to be made
     */
    boolean isDueBehind(@Nullable String standing) {
        if (!hasLooked) {
            found = standing;
            hasLooked = true;
        }
        return !name.equals(standing);
    }

    /** @param standing null when there is none */
    boolean isOvertakenBy(@Nullable String standing) {
        return hasLooked && standing != null && !standing.equals(name) && !standing.equals(found);
    }
}
