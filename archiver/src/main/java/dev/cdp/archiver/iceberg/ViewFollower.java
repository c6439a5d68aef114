package dev.cdp.archiver.iceberg;

import dev.cdp.core.SourceId;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets a view catch up with its ledger at intervals, on a thread of its own: whatever goes wrong with the view neither
 * stops nor delays archiving.
 */
public final class ViewFollower implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(ViewFollower.class);
    private static final Duration CLOSE_PATIENCE = Duration.ofSeconds(5);

    private final IcebergView view;
    private final Duration interval;
    private final CountDownLatch closing = new CountDownLatch(1);
    private final Thread thread;
    private volatile @Nullable String problem;

    /** Starts at once. */
    public ViewFollower(SourceId source, IcebergView view, Duration interval) {
        this.view = view;
        this.interval = interval;
        this.thread = new Thread(this::follow, "archiver-" + source + "-view");
        thread.setDaemon(true);
        thread.start();
    }

    /** Why the view is behind, null while it is not. Safe for use by any thread. */
    public @Nullable String problem() {
        return problem;
    }

    private void follow() {
        try {
            do {
                catchUp();
            } while (!closing.await(interval.toMillis(), TimeUnit.MILLISECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void catchUp() {
        try {
            view.catchUp();
            if (problem != null) {
                log.info("The Iceberg view follows the archive again");
            }
            problem = null;
        } catch (RuntimeException e) { // a thread's edge: the view can be made again, so nothing here is worth stopping
            String now = e.getClass().getSimpleName() + ": " + e.getMessage();
            if (problem == null && closing.getCount() > 0) {
                log.warn("The Iceberg view is behind the archive, which goes on; trying again every {}", interval, e);
            }
            problem = now;
        }
    }

    /** Lets a catch-up that runs come to its end, or leaves it after some seconds. Nothing of it runs on afterwards. */
    @Override
    public void close() {
        closing.countDown();
        boolean interrupted = join();
        thread.interrupt();
        interrupted |= join();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** @return whether the caller was interrupted while it waited */
    private boolean join() {
        try {
            thread.join(CLOSE_PATIENCE.toMillis());
            return false;
        } catch (InterruptedException e) {
            return true;
        }
    }
}
