package dev.cdp.capture;

import dev.cdp.capture.log.SourceLog;
import dev.cdp.capture.source.BaseReading;
import dev.cdp.capture.source.ClockOffset;
import dev.cdp.capture.source.LogKeeping;
import dev.cdp.capture.source.SourceDatabase;
import dev.cdp.capture.source.ValueNotCarriedException;
import dev.cdp.core.CdpException;
import dev.cdp.core.ErrorCode;
import dev.cdp.core.TableName;
import dev.cdp.core.Watermark;
import dev.cdp.core.archive.ArchiveState;
import dev.cdp.core.archive.Ledger;
import dev.cdp.core.archive.ObjectStore;
import dev.cdp.core.crash.CrashPoint;
import dev.cdp.core.topic.ChangeTopicWriter;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One reading of a source's log from one boundary on, with what goes on beside it: markers, acknowledgements, bases
 * and readings of the catalog. {@link #step} belongs to one thread.
 */
final class CaptureRun implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(CaptureRun.class);

    private static final Duration LONGEST_LOOK_PAUSE = Duration.ofSeconds(5);

    private final CaptureSettings settings;
    private final SourceDatabase source;
    private final ObjectStore archive;
    private final Clock clock;
    private final TableRegistry tables;
    private final ChangeRecorder recorder;
    private final BaseTaking bases;
    private final LogWatch watch;
    private final LogBudget budget;
    private final CatalogReading catalog;
    private @Nullable SourceLog sourceLog;
    private @Nullable Ledger ledger;
    private @Nullable Watermark acknowledged;
    private Instant nextMarker = Instant.EPOCH;
    private Instant nextLedgerLook = Instant.EPOCH;
    private Instant nextLogLook = Instant.EPOCH;
    private OptionalLong retainedLogBytes = OptionalLong.empty();
    private @Nullable ClockOffset clockOffset;

    private CaptureRun(
            CaptureSettings settings,
            SourceDatabase source,
            ChangeTopicWriter writer,
            ObjectStore archive,
            Clock clock,
            CaptureProgress progress) {
        this.settings = settings;
        this.source = source;
        this.archive = archive;
        this.clock = clock;
        this.tables = TableRegistry.load(writer.state());
        this.recorder = new ChangeRecorder(settings.source(), source, writer, progress, tables, clock, new Recorded());
        this.bases = new BaseTaking(source, recorder, archive, settings);
        this.catalog = new CatalogReading(source, recorder);
        this.watch = new LogWatch(settings.source());
        this.budget = new LogBudget(settings.source(), settings.logBudget());
    }

    static CaptureRun start(
            CaptureStart start,
            CaptureSettings settings,
            SourceDatabase source,
            ChangeTopicWriter writer,
            ObjectStore archive,
            Clock clock) {
        if (start instanceof CaptureStart.NewEpoch epoch) {
            return startEpoch(epoch, settings, source, writer, archive, clock);
        }
        CaptureProgress progress = ((CaptureStart.Resume) start).progress();
        log.info("Capture of {} resumes at {} (change {})", settings.source(), progress.boundary(), progress.seq());
        CaptureRun run = new CaptureRun(settings, source, writer, archive, clock, progress);
        try {
            Set<String> due = run.recorder.tablesDue();
            run.recorder.begin(Optional.empty(), List.of());
            run.sourceLog = source.read(progress.boundary(), run.tables.present(), run.recorder);
            CrashPoint.CAPTURE_LOG_OPENED.reached();
            run.catalog.request();
            run.bases.request(due);
            return run;
        } catch (RuntimeException | Error e) {
            run.close();
            throw e;
        }
    }

    private static CaptureRun startEpoch(
            CaptureStart.NewEpoch epoch,
            CaptureSettings settings,
            SourceDatabase source,
            ChangeTopicWriter writer,
            ObjectStore archive,
            Clock clock) {
        String identity = source.identity(); // before: a failover since then is found when reading starts again
        BaseReading copy = source.anchor();
        CrashPoint.CAPTURE_EPOCH_ANCHORED.reached();
        CaptureRun run = null;
        try {
            epoch.gap()
                    .ifPresent(gap ->
                            log.warn("Epoch {} of {} begins: {}", epoch.epoch(), settings.source(), gap.reason()));
            run = new CaptureRun(
                    settings,
                    source,
                    writer,
                    archive,
                    clock,
                    CaptureProgress.startOf(identity, epoch.epoch(), epoch.seq(), copy.position()));
            if (!epoch.tables().equals(CaptureStart.TableIds.KEPT)) {
                run.tables.startAbove(epoch.tables().above());
            }
            run.beginWithBase(epoch, copy);
            return run;
        } catch (RuntimeException | Error e) {
            copy.close();
            if (run != null) {
                run.close();
            }
            throw e;
        }
    }

    private void beginWithBase(CaptureStart.NewEpoch epoch, BaseReading copy) {
        bases.begin(copy);
        recorder.begin(epoch.gap().map(gap -> gap.endingAt(copy.position())), catalog.first());
        sourceLog = source.read(copy.position(), tables.present(), recorder);
    }

    /** Does what is due; returns at once when nothing is. Throws what reading the log failed with. */
    void step() {
        SourceLog reading = sourceLog;
        if (reading == null) {
            throw new IllegalStateException("This run was not started");
        }
        reading.failure().ifPresent(this::rethrow);
        Instant now = clock.instant();
        acknowledge(reading, now);
        bases.step(now);
        lookAtLog(now);
        if (!now.isBefore(nextMarker) || catalog.isDue(now)) {
            nextMarker = now.plus(settings.markerInterval());
            catalog.readBefore(() -> source.writeMarker(null, "heartbeat", now), now);
            clockOffset = source.clockOffset(clock);
            CrashPoint.CAPTURE_MARKER_WRITTEN.reached();
        }
    }

    private void lookAtLog(Instant now) {
        if (!now.isBefore(nextLogLook)) {
            boolean seldom = settings.markerInterval().compareTo(LONGEST_LOOK_PAUSE) > 0;
            nextLogLook = now.plus(seldom ? LONGEST_LOOK_PAUSE : settings.markerInterval());
            LogKeeping keeping = source.lookAtLog();
            retainedLogBytes = OptionalLong.of(keeping.retainedBytes());
            watch.look(keeping);
            budget.look(keeping.retainedBytes());
        }
    }

    /**
     * The archive as it is now.
     *
     * @throws dev.cdp.core.archive.ArchiveDamagedException when it no longer holds what it held before
     */
    Optional<ArchiveState> archived() {
        if (ledger == null) {
            ledger = Ledger.openExisting(archive, settings.source()).orElse(null);
        } else {
            ledger.requireHead();
            ledger.refresh();
        }
        return Optional.ofNullable(ledger).map(Ledger::state);
    }

    CaptureStatus status() {
        CaptureProgress progress = recorder.progress();
        Instant last = recorder.lastCommitTimestamp();
        BaseTaking.Obstacles obstacles = bases.obstacles();
        return new CaptureStatus(
                bases.isTaking() ? CaptureStatus.State.COPYING : CaptureStatus.State.STREAMING,
                obstacles.reason(),
                obstacles.next(),
                progress.epoch(),
                progress.seq(),
                progress.boundary(),
                last.equals(Instant.EPOCH) ? null : last,
                retainedLogBytes,
                clockOffset);
    }

    private void rethrow(Throwable failure) {
        ErrorCode code = ErrorCode.CAPTURE_FAILED;
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof CdpException known) {
                throw known;
            }
            if (cause instanceof IOException || cause instanceof SQLException) { // the next start tells which it is
                code = ErrorCode.SOURCE_UNREACHABLE;
            }
        }
        throw new CdpException(
                code,
                "Reading the log of source '" + settings.source() + "' ended: " + rootMessage(failure),
                "Check the database and this machine's connection to it; 'cdp check " + settings.source()
                        + "' names what is wrong",
                failure);
    }

    private static String rootMessage(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root.getClass().getSimpleName() + ": " + root.getMessage();
    }

    /** Durable first, acknowledge second: only what the ledger holds may leave the source's log. */
    private void acknowledge(SourceLog reading, Instant now) {
        if (now.isBefore(nextLedgerLook)) {
            return;
        }
        nextLedgerLook = now.plusSeconds(1);
        if (ledger == null) {
            ledger = Ledger.openExisting(archive, settings.source()).orElse(null);
        } else {
            ledger.refresh();
        }
        if (ledger != null) {
            recorder.archiveSeen(ArchiveSeen.of(ledger.state()));
        }
        Watermark watermark = ledger == null ? null : ledger.state().watermark().orElse(null);
        if (watermark != null
                && !watermark.equals(acknowledged)
                && watermark.epoch() == recorder.progress().epoch()) {
            CrashPoint.CAPTURE_ACKNOWLEDGE_DUE.reached();
            reading.acknowledge(watermark.position());
            acknowledged = watermark;
            CrashPoint.CAPTURE_ACKNOWLEDGED.reached();
        }
    }

    /** In the recording thread. */
    private final class Recorded implements StatementListener {
        @Override
        public void recorded(String tag, Map<String, TableName> appeared, Map<String, TableName> rewritten) {
            catalog.statementRecorded();
            missing(appeared, "the table is new, its first base is being taken");
            missing(rewritten, tag + " may have changed rows without logging them");
        }

        @Override
        public void marked() {
            catalog.marked();
        }

        /** The gap begins with the transaction that has the row. */
        @Override
        public void refused(String nativeId, ValueNotCarriedException why) {
            log.error("{}; the table has a gap from here on, all others go on", why.getMessage());
            catalog.request(); // the place in the log stands as a statement, behind which it is read
            recorder.atBoundary(() -> recorder.appendGap(nativeId, why));
            bases.refused(nativeId, why);
        }

        @Override
        public void mayBeMended(Set<String> nativeIds) {
            bases.mayBeMended(nativeIds);
        }
    }

    /** The gap is recorded behind the transaction of the statement, and ends with the base. */
    private void missing(Map<String, TableName> tables, String reason) {
        if (!tables.isEmpty()) {
            recorder.atBoundary(() -> recorder.appendGap(tables, reason));
            bases.request(tables.keySet());
        }
    }

    @Override
    public void close() {
        try (bases) {
            if (sourceLog != null) {
                sourceLog.close();
            }
        }
    }
}
