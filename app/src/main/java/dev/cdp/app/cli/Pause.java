package dev.cdp.app.cli;

import dev.cdp.core.CdpException;
import dev.cdp.core.ErrorCode;
import java.time.Duration;

/** Waiting between two looks. */
final class Pause {
    private Pause() {}

    static void of(Duration duration) {
        try {
            Thread.sleep(duration.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CdpException(ErrorCode.CANCELLED, "Interrupted", "Run the command again", e);
        }
    }
}
