package dev.cdp.capture;

import dev.cdp.capture.CheckFinding.Verdict;
import dev.cdp.capture.source.SourceDatabase;
import dev.cdp.core.CdpException;
import dev.cdp.core.ExitCode;
import dev.cdp.core.SourceId;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/**
 * Runs the checks of a source again and again while it is captured, on a thread of its own since they may take a while:
 * a table that came and cannot be protected, or a setting that was changed, makes no row in the log.
 */
final class ProtectionWatch implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(ProtectionWatch.class);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);
    private static final int MARKERS_BETWEEN = 6;

    /** That nothing is known is no good news either. */
    private enum Own implements Check {
        CHECKS;

        @Override
        public Rule rule() {
            return new Rule(Verdict.FAILED, Reach.SOURCE, "the checks can be made", "<what-the-error-says>");
        }
    }

    private final SourceId source;
    private final SourceDatabase database;
    private final Duration pause;
    private final Thread thread;
    private final CountDownLatch stopping = new CountDownLatch(1);
    private volatile List<CheckFinding> findings = List.of();

    private ProtectionWatch(CaptureSettings settings, SourceDatabase database) {
        this.source = settings.source();
        this.database = database;
        Duration wanted = settings.markerInterval().multipliedBy(MARKERS_BETWEEN);
        this.pause = wanted.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : wanted;
        this.thread = new Thread(this::run, "capture-" + source + "-checks");
        this.thread.setDaemon(true);
    }

    static ProtectionWatch start(CaptureSettings settings, SourceDatabase database) {
        ProtectionWatch watch = new ProtectionWatch(settings, database);
        watch.thread.start();
        return watch;
    }

    /** What was not as it should be when it was looked at last; safe for use by any thread. */
    List<CheckFinding> findings() {
        return findings;
    }

    private void run() {
        MDC.put("source", source.name());
        try {
            while (!stopping.await(pause.toMillis(), TimeUnit.MILLISECONDS)) {
                look();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void look() {
        try {
            tell(database.check().stream()
                    .filter(finding -> finding.verdict() != Verdict.OK)
                    .toList());
        } catch (CdpException e) {
            if (e.code().exitCode() != ExitCode.UNREACHABLE) { // else capture says so, and what was found still counts
                tell(List.of(Own.CHECKS.wrong(String.valueOf(e.getMessage()), e.next())));
            }
        }
    }

    private void tell(List<CheckFinding> now) {
        List<CheckFinding> before = findings;
        now.stream()
                .filter(finding -> !before.contains(finding))
                .forEach(finding -> log.warn("{}: {}", finding.check(), finding.what()));
        before.stream()
                .filter(finding -> !now.contains(finding))
                .forEach(finding -> log.info("{} is no more, which was: {}", finding.check(), finding.what()));
        findings = now;
    }

    @Override
    public void close() {
        stopping.countDown();
        try {
            thread.join(Duration.ofSeconds(5).toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
