package dev.cdp.capture;

import dev.cdp.capture.PendingBase.BaseKind;
import dev.cdp.capture.source.BaseReading;
import dev.cdp.capture.source.SourceDatabase;
import dev.cdp.capture.source.TableDescription;
import dev.cdp.capture.source.ValueNotCarriedException;
import dev.cdp.core.CdpException;
import dev.cdp.core.ErrorCode;
import dev.cdp.core.TableSchema;
import dev.cdp.core.archive.ArchiveLayout;
import dev.cdp.core.archive.ObjectStore;
import dev.cdp.core.crash.CrashPoint;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
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
    private final BaseSchedule schedule;
    private final Map<String, ValueNotCarriedException> refused = new ConcurrentHashMap<>();
    private @Nullable Round round;
    private int failures;
    private volatile boolean disturbed;
    private long statementAtFailure = -1;

    /** One attempt at a base; what is null has not been reached yet. */
    private static final class Round {
        private final BaseKind kind;
        private final Set<String> tables;
        private final CompletableFuture<PendingBase> expected = new CompletableFuture<>();
        private @Nullable CompletableFuture<BaseReading> opening;
        private @Nullable BaseReading view;
        private @Nullable BaseSnapshotTask copying;
        private BaseSnapshotTask.@Nullable Copied copied;

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
        this.schedule = new BaseSchedule(settings.markerInterval());
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
        schedule.request(tables);
    }

    /** A new base of this table is wanted, if it can be had with a value in it that cannot be carried. */
    void refused(String nativeId, ValueNotCarriedException why) {
        refused.put(nativeId, why);
        schedule.metInLog(nativeId);
    }

    /** Such values may have gone from these tables. */
    void mayBeMended(Set<String> nativeIds) {
        schedule.mayBeMended(nativeIds);
    }

    boolean isTaking() {
        return round != null;
    }

    /** Takes the next step of the base under way, or starts the next one; returns soon. */
    void step(Instant now) {
        Round current = round;
        try {
            if (current == null) {
                startNext(now);
            } else if (current.view == null) {
                open(current);
            } else if (current.copying == null) {
                copy(current, current.view);
            } else {
                finish(current.copying.result(), current, now);
            }
        } catch (RuntimeException e) {
            failed(e, now);
        }
    }

    private void startNext(Instant now) {
        Round next = null;
        if (recorder.progress().base() == CaptureProgress.BaseState.MISSING) {
            if (schedule.mayBegin(now)) { // the one that began the epoch did not come through
                next = new Round(BaseKind.REPLACES_ALL, Set.of());
            }
        } else {
            Set<String> tables = schedule.take(now);
            if (!tables.isEmpty()) {
                next = new Round(BaseKind.SOME_TABLES, tables);
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

    private void finish(Optional<BaseSnapshotTask.Copied> result, Round current, Instant now) {
        PendingBase pending = current.expected.join();
        BaseSnapshotTask.Copied copied = current.copied;
        if (copied != null && pending.written().isDone()) {
            round = null;
            failures = 0;
            disturbed = false;
            schedule.succeeded();
            copied.refused().forEach((table, why) -> {
                refused.put(table.nativeId(), why);
                schedule.metInBase(table.nativeId(), now);
            });
        } else if (copied == null && result.isPresent()) {
            BaseSnapshotTask.Copied found = result.get();
            current.copied = found;
            CrashPoint.CAPTURE_BASE_COPIED.reached();
            recorder.atBoundary(() -> pending.copied(found));
        }
    }

    private void failed(RuntimeException e, Instant now) {
        Round ended = round;
        closeRound();
        if (ended != null) {
            request(ended.tables);
            ended.expected.thenAccept(pending -> recorder.atBoundary(() -> recorder.forgetBase(pending)));
        }
        long statement = recorder.definitions().last();
        disturbed = statement != statementAtFailure;
        failures = disturbed ? 1 : failures + 1; // definitions that move are no fault to mend
        statementAtFailure = statement;
        if (failures == ATTEMPTS) {
            throw new CdpException(
                    ErrorCode.BASE_FAILED,
                    "The base of source '" + settings.source() + "' failed " + ATTEMPTS + " times: " + e.getMessage(),
                    "Mend what it names, then start the source again; changes since its start are kept",
                    e);
        }
        Instant again = schedule.failed(now);
        log.warn(
                "The base of {} failed ({} in a row) and is taken again from {} on: {}",
                settings.source(),
                schedule.failures(),
                again,
                e.getMessage(),
                e);
    }

    /** What keeps tables from getting a base, as sentences; empty when nothing does. Safe for use by any thread. */
    Obstacles obstacles() {
        List<String> reasons = new ArrayList<>();
        Set<String> next = new LinkedHashSet<>();
        if (disturbed && schedule.failures() >= ATTEMPTS) {
            reasons.add("Statements that change definitions have disturbed " + schedule.failures()
                    + " bases in a row; the next one begins at " + schedule.nextOfAll());
            next.add("Pause such statements until a base is through; changes are recorded meanwhile");
        }
        refused.keySet().retainAll(recorder.tablesDue());
        refused.forEach((nativeId, why) -> {
            reasons.add(why.getMessage() + "; the table is not protected"
                    + schedule.next(nativeId)
                            .map(at -> ", a new base of it is tried at " + at)
                            .orElse(""));
            next.add("Table " + why.table() + ": " + why.next());
        });
        return new Obstacles(String.join("\n", reasons), String.join("\n", next));
    }

    /** One line each. */
    record Obstacles(String reason, String next) {}

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
