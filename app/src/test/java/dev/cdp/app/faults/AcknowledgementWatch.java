package dev.cdp.app.faults;

import dev.cdp.core.Lsn;
import dev.cdp.core.SourceId;
import dev.cdp.core.SourcePosition;
import dev.cdp.core.archive.Ledger;
import dev.cdp.core.archive.ObjectStore;
import dev.cdp.testkit.services.TestDatabase;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Samples, all the time, how far a replication slot may move and what the ledger holds: the first must never pass the
 * second. The slot is asked first, so that the ledger may be ahead of what is compared but never behind.
 */
final class AcknowledgementWatch implements AutoCloseable {
    private static final long PAUSE_MILLIS = 15;

    private final TestDatabase database;
    private final String slot;
    private final ObjectStore archive;
    private final SourceId source;
    private final List<String> violations = new CopyOnWriteArrayList<>();
    private final AtomicLong samples = new AtomicLong();
    private final Thread thread;
    private volatile boolean stopping;

    AcknowledgementWatch(TestDatabase database, String slot, ObjectStore archive, SourceId source) {
        this.database = database;
        this.slot = slot;
        this.archive = archive;
        this.source = source;
        this.thread = new Thread(this::watch, "acknowledgement-watch");
        thread.setDaemon(true);
        thread.start();
    }

    /** Comparisons made so far. */
    long samples() {
        return samples.get();
    }

    List<String> violations() {
        return List.copyOf(violations);
    }

    private void watch() {
        try {
            Optional<Ledger> ledger = Optional.empty();
            while (!stopping) {
                Lsn confirmed = TestDecodingWitness.confirmed(database, slot);
                if (ledger.isEmpty()) {
                    ledger = Ledger.openExisting(archive, source);
                } else {
                    ledger.get().refresh();
                }
                ledger.flatMap(each -> each.state().watermark()).ifPresent(watermark -> {
                    samples.incrementAndGet();
                    Lsn archived = ((SourcePosition.Postgres) watermark.position()).lsn();
                    if (confirmed.compareTo(archived) > 0) {
                        violations.add("slot at " + confirmed + ", archive at " + archived);
                    }
                });
                Thread.sleep(PAUSE_MILLIS);
            }
        } catch (SQLException | InterruptedException | RuntimeException e) {
            violations.add("the watch ended: " + e);
        }
    }

    @Override
    public void close() {
        stopping = true;
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
