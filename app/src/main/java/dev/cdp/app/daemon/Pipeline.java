package dev.cdp.app.daemon;

import dev.cdp.app.config.Configuration;
import dev.cdp.app.daemon.StatusFiles.SourceStatus;
import java.time.Clock;
import java.time.Duration;

/** What the daemon keeps for one configured source. */
interface Pipeline {

    /** The entry it was made for; another one under the same name needs another pipeline. */
    Configuration.Source source();

    SourceStatus status(Clock clock);

    /** Ends everything and waits; running it again changes nothing. */
    void stop(Duration patience);
}
