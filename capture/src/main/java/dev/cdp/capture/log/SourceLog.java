package dev.cdp.capture.log;

import dev.cdp.core.SourcePosition;
import java.time.Duration;
import java.util.Optional;

/** One reading of a source's transaction log, from a boundary between two transactions on, until it fails or is closed. */
public interface SourceLog extends AutoCloseable {

    /** Tells the source that it may discard its log up to {@code archived}; takes effect within a second. */
    void acknowledge(SourcePosition archived);

    /** Why reading ended by itself; empty while it runs and after {@link #close}. */
    Optional<Throwable> failure();

    /** Waits until reading has ended, at most {@code patience}; whether it has. */
    boolean awaitEnd(Duration patience) throws InterruptedException;

    /** Stops reading. Nothing reaches the consumer after it returns. */
    @Override
    void close();
}
