package dev.cdp.app.daemon;

import dev.cdp.app.config.Configuration;
import dev.cdp.app.daemon.StatusFiles.SourceStatus;
import dev.cdp.archiver.ArchiverService;
import dev.cdp.archiver.ArchiverStatus;
import dev.cdp.capture.CaptureService;
import dev.cdp.capture.CaptureStatus;
import dev.cdp.core.CdpException;
import dev.cdp.core.ErrorCode;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/**
 * One source's capture and archiver, each on a thread of its own. When one of them fails, the other goes on with what
 * it still can do, and the status says why; other sources notice nothing.
 */
final class SourcePipeline implements Pipeline {
    private static final Logger log = LoggerFactory.getLogger(SourcePipeline.class);

    private final Configuration.Source source;
    private final CaptureService capture;
    private final ArchiverService archiver;
    private final Set<Stage> stages;
    private final Thread captureThread;
    private final Thread archiverThread;
    private volatile @Nullable CdpException archiverFailure;

    private SourcePipeline(
            Configuration.Source source, CaptureService capture, ArchiverService archiver, Set<Stage> stages) {
        this.stages = stages;
        this.source = source;
        this.capture = capture;
        this.archiver = archiver;
        this.captureThread = thread("capture-" + source.id(), capture::run);
        this.archiverThread = thread("archiver-" + source.id(), this::runArchiver);
    }

    /** @param stages which of the two run here */
    static SourcePipeline start(
            Configuration.Source source, CaptureService capture, ArchiverService archiver, Set<Stage> stages) {
        SourcePipeline pipeline = new SourcePipeline(source, capture, archiver, stages);
        if (stages.contains(Stage.CAPTURE)) {
            pipeline.captureThread.start();
        }
        if (stages.contains(Stage.ARCHIVE)) {
            pipeline.archiverThread.start();
        }
        return pipeline;
    }

    @Override
    public Configuration.Source source() {
        return source;
    }

    private interface Work {
        void run() throws InterruptedException;
    }

    private Thread thread(String name, Work work) {
        return new Thread(
                () -> {
                    MDC.put("source", source.id().name());
                    try {
                        work.run();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    } catch (CdpException e) {
                        log.error("{} stopped: {} {}", name, e.code(), e.getMessage());
                    } catch (RuntimeException | Error e) {
                        log.error("{} stopped by a bug", name, e);
                    }
                },
                name);
    }

    private void runArchiver() {
        try {
            archiver.run();
        } catch (CdpException e) {
            archiverFailure = e;
            throw e;
        } catch (RuntimeException | Error e) {
            archiverFailure = new CdpException(ErrorCode.BUG, "The archiver failed: " + e, "Read the daemon's log", e);
            throw e;
        }
    }

    /** What the weaker of the two stages does; the archiver's trouble is named first, because it is nearer to loss. */
    @Override
    public SourceStatus status(Clock clock) {
        CaptureStatus seen = capture.status();
        Instant now = clock.instant();
        CdpException failure = archiverFailure;
        if (failure != null) {
            return status(seen, "failed", String.valueOf(failure.getMessage()), failure.next(), now);
        }
        ArchiverStatus archived = archiver.status();
        String problem = archived.problem();
        if (!stages.contains(Stage.CAPTURE)) {
            boolean waits = archived.state() == ArchiverStatus.State.WAITING && problem != null;
            return status(seen, waits ? "waiting" : "archiving", waits ? problem : "", "", now);
        }
        boolean captureRuns =
                switch (seen.state()) {
                    case COPYING, STREAMING -> true;
                    case STARTING, WAITING, FAILED, STOPPED -> false;
                };
        if (captureRuns && archived.state() == ArchiverStatus.State.WAITING && problem != null) {
            return status(seen, "waiting", "the archiver waits: " + problem, "", now);
        }
        return status(seen, seen.state().name().toLowerCase(Locale.ROOT), seen.reason(), seen.next(), now);
    }

    private SourceStatus status(CaptureStatus seen, String state, String reason, String next, Instant now) {
        return new SourceStatus(
                source.id(),
                state,
                reason,
                next,
                seen.epoch(),
                seen.seq(),
                seen.lastCommitTimestamp(),
                seen.retainedLogBytes().isPresent() ? seen.retainedLogBytes().getAsLong() : null,
                seen.clockOffset(),
                capture.findings().stream().map(StatusFiles.Finding::of).toList(),
                now);
    }

    /** Stops both and waits, capture first so that the archiver can take in what was captured. */
    @Override
    public void stop(Duration patience) {
        capture.stop();
        join(captureThread, patience);
        archiver.stop();
        join(archiverThread, patience);
    }

    private static void join(Thread thread, Duration patience) {
        try {
            thread.join(patience.toMillis());
            if (thread.isAlive()) {
                log.warn("{} did not stop within {} s and is interrupted", thread.getName(), patience.toSeconds());
                thread.interrupt();
                thread.join(patience.toMillis());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
