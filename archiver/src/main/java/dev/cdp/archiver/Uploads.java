package dev.cdp.archiver;

import dev.cdp.core.SourceId;
import dev.cdp.core.archive.ContentCollector.Collected;
import dev.cdp.core.archive.HistoryWriter.StagedHistory;
import dev.cdp.core.archive.HistoryWriter.StagedTransactions;
import dev.cdp.core.archive.ObjectStore;
import dev.cdp.core.crash.CrashPoint;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Brings staged files into the archive, a few at a time: with hundreds of tables, one by one would take too long. */
final class Uploads implements AutoCloseable {
    private static final int AT_ONCE = 4;

    private final ObjectStore store;
    private final StagingFolder staging;
    private final ExecutorService threads;

    Uploads(SourceId source, ObjectStore store, StagingFolder staging) {
        this.store = store;
        this.staging = staging;
        this.threads = Executors.newFixedThreadPool(AT_ONCE, task -> {
            Thread thread = new Thread(task, "archiver-" + source + "-upload");
            thread.setDaemon(true);
            return thread;
        });
    }

    /** Uploads everything and deletes the local files. Nothing of it is visible before a ledger entry names it. */
    void upload(Collected collected) {
        collected.documents().forEach((key, document) -> {
            store.putIfAbsent(key, document); // named by its content: one that is there is the same
            CrashPoint.ARCHIVER_DOCUMENT_UPLOADED.reached();
        });
        List<Future<?>> running = new ArrayList<>();
        for (StagedHistory file : collected.files().history()) {
            running.add(upload(file.path(), file.entry().object().key()));
        }
        for (StagedTransactions file : collected.files().transactions()) {
            running.add(upload(file.path(), file.entry().object().key()));
        }
        await(running);
    }

    private Future<?> upload(Path file, String key) {
        return threads.submit(() -> {
            store.put(key, file);
            CrashPoint.ARCHIVER_FILE_UPLOADED.reached();
            staging.delete(file);
        });
    }

    private static void await(List<Future<?>> running) {
        try {
            for (Future<?> each : running) {
                each.get(); // bounded by the store's own time limits
            }
        } catch (ExecutionException e) {
            running.forEach(each -> each.cancel(false));
            if (e.getCause() instanceof RuntimeException failure) {
                throw failure;
            }
            throw new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            running.forEach(each -> each.cancel(true));
            Thread.currentThread().interrupt();
            throw new StopRequestedException();
        }
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
