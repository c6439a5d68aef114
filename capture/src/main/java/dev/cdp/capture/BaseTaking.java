package dev.cdp.capture;

import dev.cdp.capture.PendingBase.BaseKind;
import dev.cdp.capture.source.BaseReading;
import dev.cdp.capture.source.SourceDatabase;
import dev.cdp.capture.source.TableDescription;
import dev.cdp.core.CdpException;
import dev.cdp.core.ChangeEvent.BaseTable;
import dev.cdp.core.ErrorCode;
import dev.cdp.core.TableSchema;
import dev.cdp.core.archive.ArchiveLayout;
import dev.cdp.core.archive.ObjectStore;
import dev.cdp.core.crash.CrashPoint;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes bases one after another beside the recording of changes: the recorder is told to watch for it, then the view
 * is opened, then, when the recorder has passed the place of the view, its tables are copied.
 *
 * <p>{@link #step} belongs to the thread that supervises the run; {@link #request} may come from the recording thread.
 */
final class BaseTaking implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(BaseTaking.class);
    private static final int ATTEMPTS = 3;

    private final SourceDatabase source;
    private final ChangeRecorder recorder;
    private final ObjectStore archive;
    private final CaptureSettings settings;
    private final Set<String> requested = new LinkedHashSet<>();
    private @Nullable Round round;
    private int failures;
    private long statementAtFailure = -1;

    /** One attempt at a base; what is null has not been reached yet. */
    private static final class Round {
        private final BaseKind kind;
        private final Set<String> tables;
        private final CompletableFuture<PendingBase> expected = new CompletableFuture<>();
        private @Nullable CompletableFuture<BaseReading> opening;
        private @Nullable BaseReading view;
        private @Nullable BaseSnapshotTask copying;
        private boolean handedOver;

        Round(BaseKind kind, Set<String> tables) {
            this.kind = kind;
            this.tables = tables;
        }
    }

    BaseTaking(SourceDatabase source, ChangeRecorder recorder, ObjectStore archive, CaptureSettings settings) {
        this.source = source;
        this.recorder = recorder;
        this.archive = archive;
        this.settings = settings;
    }

    /** Before reading starts: takes the first base of an epoch, whose view is open and is where reading will start. */
    void begin(BaseReading view) {
        Round first = new Round(BaseKind.REPLACES_ALL, Set.of());
        PendingBase pending = recorder.expectBase(newId(), first.kind);
        recorder.baseOpened(pending, view);
        first.expected.complete(pending);
        first.view = view;
        round = first;
    }

    /** Asks for a new base of these tables, by native id. */
    void request(Set<String> tables) {
        synchronized (requested) {
            requested.addAll(tables);
        }
    }

    boolean isTaking() {
        return round != null;
    }

    /** Takes the next step of the base under way, or starts the next one; returns soon. */
    void step() {
        Round current = round;
        try {
            if (current == null) {
                startNext();
            } else if (current.view == null) {
                open(current);
            } else if (current.copying == null) {
                copy(current, current.view);
            } else {
                finish(current.copying.result(), current);
            }
        } catch (RuntimeException e) {
            failed(e);
        }
    }

    private void startNext() {
        Round next = null;
        if (recorder.progress().base() == CaptureProgress.BaseState.MISSING) {
            next = new Round(BaseKind.REPLACES_ALL, Set.of()); // the one that began the epoch did not come through
        } else {
            synchronized (requested) {
                if (!requested.isEmpty()) {
                    next = new Round(BaseKind.SOME_TABLES, Set.copyOf(requested));
                    requested.clear();
                }
            }
        }
        if (next != null) {
            Round begun = next;
            round = begun;
            recorder.atBoundary(() -> begun.expected.complete(recorder.expectBase(newId(), begun.kind)));
        }
    }

    private void open(Round current) {
        PendingBase pending = current.expected.getNow(null);
        if (pending == null) {
            return;
        }
        CompletableFuture<BaseReading> opening = current.opening;
        if (opening == null) {
            current.opening = beginBase(current.tables);
            return;
        }
        BaseReading view = now(opening);
        if (view != null) {
            current.view = view;
            CrashPoint.CAPTURE_BASE_OPENED.reached();
            recorder.atBoundary(() -> recorder.baseOpened(pending, view));
        }
    }

    /** In a thread of its own: it may wait for transactions that are open for hours. */
    private CompletableFuture<BaseReading> beginBase(Set<String> tables) {
        CompletableFuture<BaseReading> opening = new CompletableFuture<>();
        Thread thread = new Thread(
                () -> {
                    try {
                        opening.complete(source.beginBase(tables));
                    } catch (RuntimeException | Error e) {
                        opening.completeExceptionally(e);
                    }
                },
                "capture-" + settings.source() + "-base-opening");
        thread.setDaemon(true);
        thread.start();
        return opening;
    }

    private void copy(Round current, BaseReading view) {
        PendingBase pending = current.expected.join();
        Map<TableDescription, TableSchema> schemas = now(pending.schemas());
        if (schemas != null) {
            current.copying = BaseSnapshotTask.start(pending.id(), view, schemas, archive, settings);
        }
    }

    private static <T> @Nullable T now(CompletableFuture<T> future) {
        try {
            return future.getNow(null);
        } catch (CompletionException e) {
            throw new IllegalStateException(e.getCause().getMessage(), e);
        }
    }

    private void finish(Optional<List<BaseTable>> copied, Round current) {
        PendingBase pending = current.expected.join();
        if (pending.written().isDone()) {
            round = null;
            failures = 0;
        } else if (copied.isPresent() && !current.handedOver) {
            current.handedOver = true;
            CrashPoint.CAPTURE_BASE_COPIED.reached();
            recorder.atBoundary(() -> pending.copied(copied.get()));
        }
    }

    private void failed(RuntimeException e) {
        Round ended = round;
        closeRound();
        if (ended != null) {
            request(ended.tables);
            ended.expected.thenAccept(pending -> recorder.atBoundary(() -> recorder.forgetBase(pending)));
        }
        long statement = recorder.definitions().last();
        failures = statement == statementAtFailure ? failures + 1 : 1; // definitions that move are no fault to mend
        statementAtFailure = statement;
        if (failures == ATTEMPTS) {
            throw new CdpException(
                    ErrorCode.BASE_FAILED,
                    "The base of source '" + settings.source() + "' failed " + ATTEMPTS + " times: " + e.getMessage(),
                    "Mend what it names, then start the source again; changes since its start are kept",
                    e);
        }
        log.warn("The base of {} failed and is taken again: {}", settings.source(), e.getMessage(), e);
    }

    /** Bases of one source are taken one after another, and their ids tell in which order. */
    private String newId() {
        return ArchiveLayout.baseId(recorder.progress().seq());
    }

    private void closeRound() {
        Round ended = round;
        round = null;
        if (ended == null) {
            return;
        }
        if (ended.copying != null) {
            ended.copying.close();
        } else if (ended.view != null) {
            ended.view.close();
        } else if (ended.opening != null) {
            ended.opening.thenAccept(BaseReading::close); // whenever that is
        }
    }

    @Override
    public void close() {
        closeRound();
    }
}
