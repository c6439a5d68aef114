package dev.cdp.archiver;

import dev.cdp.core.SourceId;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Sweeps at intervals on a thread of its own: what goes wrong with that costs space and nothing else. */
final class Sweeper implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Sweeper.class);
    private static final Duration INTERVAL = Duration.ofHours(6);
    private static final Duration CLOSE_PATIENCE = Duration.ofSeconds(5);

    private final OrphanSweep sweep;
    private final CountDownLatch closing = new CountDownLatch(1);
    private final Thread thread;

    Sweeper(SourceId source, OrphanSweep sweep) {
        this.sweep = sweep;
        this.thread = new Thread(this::work, "archiver-" + source + "-sweep");
        thread.setDaemon(true);
    }

    /** Sweeps for the first time at once. */
    void start() {
        thread.start();
    }

    private void work() {
        try {
            do {
                sweepOnce();
            } while (!closing.await(INTERVAL.toMillis(), TimeUnit.MILLISECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void sweepOnce() {
        try {
            sweep.sweep();
        } catch (RuntimeException e) { // a thread's edge: the next sweep begins where this one was cut short
            if (closing.getCount() > 0) {
                log.warn("Objects left behind stay for now; looking again in {} h", INTERVAL.toHours(), e);
            }
        }
    }

    /** Cuts a sweep short that runs. */
    @Override
    public void close() {
        closing.countDown();
        thread.interrupt();
        try {
            thread.join(CLOSE_PATIENCE.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
