package dev.cdp.capture;

import dev.cdp.capture.source.BaseReading;
import dev.cdp.capture.source.TableDescription;
import dev.cdp.capture.source.ValueNotCarriedException;
import dev.cdp.core.ChangeEvent.BaseTable;
import dev.cdp.core.RowImage;
import dev.cdp.core.TableSchema;
import dev.cdp.core.archive.BaseFileWriter;
import dev.cdp.core.archive.ObjectStore;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Copies the tables of a base into the archive, in threads of its own, while changes are recorded beside it. */
final class BaseSnapshotTask implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(BaseSnapshotTask.class);

    private final String id;
    private final BaseReading view;
    private final Map<TableDescription, TableSchema> schemas;
    private final ObjectStore archive;
    private final CaptureSettings settings;
    private final Queue<TableDescription> waiting = new ConcurrentLinkedQueue<>();
    private final List<BaseTable> finished = Collections.synchronizedList(new ArrayList<>());
    private final Map<TableDescription, ValueNotCarriedException> refused = new ConcurrentHashMap<>();
    private final List<CompletableFuture<Void>> workers = new ArrayList<>();
    private final CompletableFuture<Void> done;
    private volatile boolean closing;

    /**
     * What came of it.
     *
     * @param refused tables that hold a value which cannot be carried
     */
    record Copied(List<BaseTable> complete, Map<TableDescription, ValueNotCarriedException> refused) {
        Copied {
            complete = List.copyOf(complete);
            refused = Map.copyOf(refused);
        }
    }

    private BaseSnapshotTask(
            String id,
            BaseReading view,
            Map<TableDescription, TableSchema> schemas,
            ObjectStore archive,
            CaptureSettings settings) {
        this.id = id;
        this.view = view;
        this.schemas = schemas;
        this.archive = archive;
        this.settings = settings;
        waiting.addAll(schemas.keySet());
        view.copies().forEach(this::startWorker);
        done = CompletableFuture.allOf(workers.toArray(CompletableFuture[]::new));
        long started = System.nanoTime();
        done.whenComplete((nothing, failure) -> ended(started, failure));
    }

    static BaseSnapshotTask start(
            String id,
            BaseReading view,
            Map<TableDescription, TableSchema> schemas,
            ObjectStore archive,
            CaptureSettings settings) {
        return new BaseSnapshotTask(id, view, schemas, archive, settings);
    }

    private void startWorker(BaseReading.TableCopy copy) {
        CompletableFuture<Void> result = new CompletableFuture<>();
        String name = "capture-" + settings.source() + "-base-" + workers.size();
        workers.add(result);
        Thread thread = new Thread(() -> work(copy, result), name);
        thread.setDaemon(true);
        thread.start();
    }

    private void work(BaseReading.TableCopy copy, CompletableFuture<Void> result) {
        try {
            for (TableDescription table = waiting.poll(); table != null && !closing; table = waiting.poll()) {
                copyTable(copy, table, schemas.get(table));
            }
            result.complete(null);
        } catch (RuntimeException | Error e) {
            waiting.clear(); // the other workers stop after the table they are at
            result.completeExceptionally(e);
        }
    }

    private void copyTable(BaseReading.TableCopy copy, TableDescription table, TableSchema schema) {
        long[] rowCount = new long[1];
        try (BaseFileWriter writer = new BaseFileWriter(
                archive, settings.source(), id, schema, settings.stagingDirectory(), settings.baseFileBytes())) {
            copy.read(table, values -> {
                if (closing) {
                    throw new CancellationException("The copy of " + table.name() + " was given up");
                }
                writer.append(RowImage.of(values));
                rowCount[0]++;
            });
            finished.add(new BaseTable(schema, rowCount[0], writer.finish()));
        } catch (ValueNotCarriedException e) { // the others go on
            log.warn("{}", e.getMessage());
            refused.put(table, e);
        }
    }

    private void ended(long started, Throwable failure) {
        view.close();
        if (failure == null) {
            log.info(
                    "Base {} of {}: {} rows of {} tables in {} ms",
                    id,
                    settings.source(),
                    finished.stream().mapToLong(BaseTable::rowCount).sum(),
                    finished.size(),
                    (System.nanoTime() - started) / 1_000_000);
        }
    }

    /**
     * The copied tables once all are complete, empty before that.
     *
     * @throws RuntimeException what the copy failed with
     */
    Optional<Copied> result() {
        if (!done.isDone()) {
            return Optional.empty();
        }
        try {
            done.join();
            return Optional.of(new Copied(finished, refused));
        } catch (CompletionException e) {
            if (e.getCause() instanceof RuntimeException failure) {
                throw failure;
            }
            throw e;
        }
    }

    /** Ends the copy; what it wrote stays as objects that no ledger entry names. */
    @Override
    public void close() {
        closing = true;
        waiting.clear();
        view.close();
    }
}
