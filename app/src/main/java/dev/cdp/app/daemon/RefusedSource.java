package dev.cdp.app.daemon;

import dev.cdp.app.config.Configuration;
import dev.cdp.app.daemon.StatusFiles.SourceStatus;
import dev.cdp.core.CdpException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;

/** Stands in for a source that could not be opened, so that its status says why while the others go on. */
record RefusedSource(Configuration.Source source, CdpException reason) implements Pipeline {

    @Override
    public SourceStatus status(Clock clock) {
        String why = String.valueOf(reason.getMessage());
        return new SourceStatus(
                source.id(), "failed", why, reason.next(), 0, 0, null, null, null, List.of(), clock.instant());
    }

    @Override
    public void stop(Duration patience) {}
}
