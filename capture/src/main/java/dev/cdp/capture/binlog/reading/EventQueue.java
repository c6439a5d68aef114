package dev.cdp.capture.binlog.reading;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** Events between the thread that receives them and the one that delivers them, bounded by their bytes. */
final class EventQueue {
    private static final int LARGEST_BYTES = 32 << 20;
    private static final int LARGEST_EVENTS = 4_096;
    private static final int OVERHEAD_BYTES = 64;

    private final ReentrantLock lock = new ReentrantLock(); // guards all that follows
    private final Condition changed = lock.newCondition();
    private final Queue<RawEvent> waiting = new ArrayDeque<>();
    private long bytes;
    private boolean ended;

    /** Waits for room; a single event may be larger than all of it. Drops the event after {@link #end}. */
    void put(RawEvent event) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (!ended && bytes > LARGEST_BYTES) {
                changed.await();
            }
            if (!ended) {
                waiting.add(event);
                bytes += event.body().length + OVERHEAD_BYTES;
                changed.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Waits for events and takes what is there; none after {@link #end}. */
    List<RawEvent> take() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (!ended && waiting.isEmpty()) {
                changed.await();
            }
            List<RawEvent> taken = new ArrayList<>();
            while (!ended && !waiting.isEmpty() && taken.size() < LARGEST_EVENTS) {
                RawEvent event = waiting.remove();
                bytes -= event.body().length + OVERHEAD_BYTES;
                taken.add(event);
            }
            changed.signalAll();
            return taken;
        } finally {
            lock.unlock();
        }
    }

    void end() {
        lock.lock();
        try {
            ended = true;
            waiting.clear();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
