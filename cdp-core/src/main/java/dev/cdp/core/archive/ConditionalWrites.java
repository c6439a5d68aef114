package dev.cdp.core.archive;

import dev.cdp.core.archive.ObjectStore.PutOutcome;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Tries whether a storage lets exactly one of several writers create an object, first one after the other, then at
 * once. The ledger stands on that alone: storage that ignores the condition, or looks first and writes then, would let
 * two archivers overwrite each other. Passing proves nothing for all times; storage that fails is certainly unsuitable.
 */
public final class ConditionalWrites {
    static final int WRITERS = 8;
    private static final int ROUNDS = 5;
    private static final long START_LIMIT_SECONDS = 30;

    private final ObjectStore store;
    private final String folder = ArchiveLayout.checks() + UUID.randomUUID() + "/";

    private ConditionalWrites(ObjectStore store) {
        this.store = store;
    }

    /**
     * Writes a few small objects and deletes them again.
     *
     * @throws StoreUnsuitableException when a second writer won
     * @throws StorageUnavailableException when the storage does not answer, which says nothing about it
     */
    public static void require(ObjectStore store) {
        ConditionalWrites trial = new ConditionalWrites(store);
        try {
            trial.requireOneAfterTheOther();
            for (int round = 0; round < ROUNDS; round++) {
                trial.requireAtOnce(trial.folder + round);
            }
        } finally {
            trial.cleanUp();
        }
    }

    private void requireOneAfterTheOther() {
        String key = folder + "first";
        store.putIfAbsent(key, content(0));
        PutOutcome second = store.putIfAbsent(key, content(1));
        if (second == PutOutcome.CREATED || !holds(key, 0)) {
            throw new StoreUnsuitableException(store.location(), "it overwrites an object that was to be created only");
        }
    }

    private void requireAtOnce(String key) {
        List<Optional<PutOutcome>> outcomes = race(key);
        long winners = outcomes.stream()
                .filter(outcome -> outcome.equals(Optional.of(PutOutcome.CREATED)))
                .count();
        if (winners > 1) {
            throw new StoreUnsuitableException(
                    store.location(), winners + " of " + WRITERS + " writers at once created the same object");
        }
        if (winners == 1 && !holds(key, outcomes.indexOf(Optional.of(PutOutcome.CREATED)))) {
            throw new StoreUnsuitableException(
                    store.location(), "of " + WRITERS + " writers at once, another one than the winner was kept");
        }
        if (winners == 0 && !outcomes.contains(Optional.empty())) {
            throw new StoreUnsuitableException(
                    store.location(), "all of " + WRITERS + " writers at once were told that the object is there");
        }
    }

    /** @return by writer; empty where the storage's answer leaves open what happened */
    private List<Optional<PutOutcome>> race(String key) {
        CyclicBarrier start = new CyclicBarrier(WRITERS);
        List<Callable<Optional<PutOutcome>>> writers = new ArrayList<>();
        for (int writer = 0; writer < WRITERS; writer++) {
            byte[] content = content(writer);
            writers.add(() -> write(start, key, content));
        }
        ExecutorService threads = Executors.newFixedThreadPool(WRITERS, task -> new Thread(task, "check-archive"));
        try {
            List<Optional<PutOutcome>> outcomes = new ArrayList<>();
            for (Future<Optional<PutOutcome>> each : threads.invokeAll(writers)) {
                outcomes.add(each.get());
            }
            return outcomes;
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RuntimeException failure ? failure : new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Collections.nCopies(WRITERS, Optional.empty());
        } finally {
            threads.shutdownNow();
        }
    }

    private Optional<PutOutcome> write(CyclicBarrier start, String key, byte[] content)
            throws InterruptedException, BrokenBarrierException, TimeoutException {
        start.await(START_LIMIT_SECONDS, TimeUnit.SECONDS);
        try {
            return Optional.of(store.putIfAbsent(key, content));
        } catch (StorageUnavailableException e) { // S3 may answer 409 to all but one: try again
            return Optional.empty();
        }
    }

    private boolean holds(String key, int writer) {
        return store.get(key)
                .filter(bytes -> new String(bytes, StandardCharsets.UTF_8).equals("writer " + writer))
                .isPresent();
    }

    private static byte[] content(int writer) {
        return ("writer " + writer).getBytes(StandardCharsets.UTF_8);
    }

    private void cleanUp() {
        try {
            store.list(folder).forEach(store::delete);
        } catch (StorageUnavailableException | StorageAccessDeniedException e) { // a few bytes stay: of no consequence
            return;
        }
    }
}
