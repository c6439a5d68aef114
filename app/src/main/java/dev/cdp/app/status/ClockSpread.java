package dev.cdp.app.status;

import dev.cdp.app.config.Configuration;
import dev.cdp.app.daemon.StatusFiles;
import dev.cdp.capture.source.ClockOffset;
import dev.cdp.core.SourceId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * How far apart the clocks of several sources are at most, as the daemon of this machine measured them a moment ago. By
 * so much may a cut be off that takes each source at one time by its own clock.
 */
public final class ClockSpread {
    private ClockSpread() {}

    /** Empty for less than two sources, and unless a running daemon measured them all. */
    public static Optional<Duration> of(Configuration configuration, Collection<SourceId> sources, Instant now) {
        StatusFiles files = new StatusFiles(configuration.dataDirectory());
        if (files.daemon().filter(daemon -> daemon.isFresh(now)).isEmpty()) {
            return Optional.empty();
        }
        List<ClockOffset> clocks = new ArrayList<>();
        for (SourceId source : sources) {
            Optional<ClockOffset> clock = files.source(source).map(StatusFiles.SourceStatus::clockOffset);
            if (clock.isEmpty()) {
                return Optional.empty();
            }
            clocks.add(clock.get());
        }
        return ClockOffset.spread(clocks);
    }
}
