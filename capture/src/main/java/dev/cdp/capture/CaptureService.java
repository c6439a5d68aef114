package dev.cdp.capture;

import dev.cdp.capture.CaptureProgress.Place;
import dev.cdp.capture.CaptureStatus.State;
import dev.cdp.capture.source.HistoryLostException;
import dev.cdp.capture.source.SourceDatabase;
import dev.cdp.core.CdpException;
import dev.cdp.core.ErrorCode;
import dev.cdp.core.ExitCode;
import dev.cdp.core.archive.ObjectStore;
import dev.cdp.core.crash.CrashPoint;
import dev.cdp.core.topic.ChangeTopicWriter;
import dev.cdp.core.topic.ChangeTopics;
import dev.cdp.core.topic.KafkaAccess;
import dev.cdp.core.topic.TopicTrimmedException;
import dev.cdp.core.topic.WriterClaim;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Captures one source: decides where to start, takes the base that a new history needs, records changes, and starts
 * again from the last boundary when the world hiccuped. What cannot be mended by trying again ends {@link #run}.
 *
 * <p>{@link #run} belongs to one thread; {@link #stop} and {@link #status} may be called from any.
 */
public final class CaptureService {
    private static final Logger log = LoggerFactory.getLogger(CaptureService.class);
    private static final Duration SHORTEST_PAUSE = Duration.ofSeconds(1);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);
    private static final Duration WITHHELD_PAUSE = Duration.ofSeconds(5);
    /** What comes back sooner behind a new base is not mended by another one. */
    private static final Duration DOUBT_PAUSE = Duration.ofHours(1);

    private static final Duration TOPIC_LOOK_PAUSE = Duration.ofSeconds(5);

    private final CaptureSettings settings;
    private final SourceDatabase source;
    private final KafkaAccess kafka;
    private final ObjectStore archive;
    private final Clock clock;
    private final WriterClaim claim = new WriterClaim();
    private final CountDownLatch stopping = new CountDownLatch(1);
    private volatile CaptureStatus status = CaptureStatus.INITIAL;
    private volatile @Nullable ProtectionWatch watch;
    private final LogBudget budget;
    private @Nullable HistoryLostException lost;
    private @Nullable Instant doubted;

    public CaptureService(
            CaptureSettings settings, SourceDatabase source, KafkaAccess kafka, ObjectStore archive, Clock clock) {
        this.settings = settings;
        this.source = source;
        this.kafka = kafka;
        this.archive = archive;
        this.clock = clock;
        this.budget = new LogBudget(settings.source(), settings.logBudget());
    }

    /**
     * Captures until {@link #stop}.
     *
     * @throws CdpException when the operator must act; {@link #status} then says the same
     */
    public void run() throws InterruptedException {
        try (ProtectionWatch checks = ProtectionWatch.start(settings, source)) {
            watch = checks;
            capture();
        }
    }

    private void capture() throws InterruptedException {
        Duration pause = SHORTEST_PAUSE;
        while (stopping.getCount() > 0) {
            try {
                runOnce();
                pause = SHORTEST_PAUSE;
            } catch (LogBudget.ExceededException e) {
                giveUp(e);
            } catch (CdpException e) {
                if (e.code().exitCode() != ExitCode.UNREACHABLE && !(e instanceof TopicTrimmedException)) {
                    fail(e);
                    throw e;
                }
                log.warn("Capture of {} waits {} s: {}", settings.source(), pause.toSeconds(), e.getMessage());
                report(State.WAITING, (lost == null ? "" : lost.getMessage() + "; ") + e.getMessage(), e.next());
                guardSource();
                stopping.await(pause.toMillis(), TimeUnit.MILLISECONDS);
                pause = pause.multipliedBy(2).compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause.multipliedBy(2);
            } catch (RuntimeException e) {
                fail(new CdpException(
                        ErrorCode.CAPTURE_FAILED,
                        "Capture of source '" + settings.source() + "' failed: " + e,
                        "See the log for the cause; starting it again reads from the last complete transaction",
                        e));
                throw e;
            }
        }
        report(State.STOPPED, "", "");
    }

    /** Ends {@link #run} within seconds; what is not yet written is read again by the next run. */
    public void stop() {
        stopping.countDown();
    }

    public CaptureStatus status() {
        CaptureStatus own = status;
        return source.waitsFor().map(own::waitingFor).orElse(own);
    }

    /** What of that which protection depends on was not as it should be, half a minute ago at most while it runs. */
    public List<CheckFinding> findings() {
        ProtectionWatch checks = watch;
        return checks == null ? List.of() : checks.findings();
    }

    private void runOnce() throws InterruptedException {
        try (ChangeTopics topics = ChangeTopics.open(kafka)) {
            topics.create(settings.source());
            CrashPoint.CAPTURE_TOPICS_CREATED.reached();
            try (ChangeTopicWriter writer = ChangeTopicWriter.open(kafka, settings.source(), claim)) {
                CrashPoint.CAPTURE_WRITER_OPENED.reached();
                try {
                    runWith(topics, writer);
                } catch (HistoryLostException e) {
                    breakOff(e, writer);
                }
            }
        }
    }

    private void runWith(ChangeTopics topics, ChangeTopicWriter writer) throws InterruptedException {
        StartFacts facts = StartFacts.gather(settings, kafka, topics, writer, archive);
        CaptureStart start = CaptureStart.decide(facts, source, lost);
        CrashPoint.CAPTURE_START_DECIDED.reached();
        if (start instanceof CaptureStart.Withheld withheld) {
            withhold(withheld);
            return;
        }
        if (start instanceof CaptureStart.NewEpoch) { // what the last run did is over
            report(State.STARTING, "", "");
        }
        try (CaptureRun run = CaptureRun.start(start, settings, source, writer, archive, clock);
                TopicWatch watch = new TopicWatch(settings.source(), kafka, topics, writer, facts.topicId())) {
            lost = null;
            supervise(run, watch);
        }
    }

    /** The next start records the gap, unless more than what is to come is concerned. */
    private void breakOff(HistoryLostException e, ChangeTopicWriter writer) {
        Place lastWhole = CaptureProgress.stored(writer)
                .map(stored -> stored.lastWhole(e.doubt()))
                .orElse(null);
        if (lastWhole == null) {
            lost = e;
            return;
        }
        log.error("{}; everything behind {} counts as missing", e.getMessage(), lastWhole.position());
        OpenGap.ofDoubt(writer, lastWhole, String.valueOf(e.getMessage()), clock);
        Instant before = doubted;
        doubted = clock.instant();
        if (before != null && doubted.isBefore(before.plus(DOUBT_PAUSE))) {
            throw new LogIncompleteException(settings.source(), String.valueOf(e.getMessage()), e);
        }
    }

    /** What the source keeps for us grows while Kafka or the archive is away, too. */
    private void guardSource() {
        if (!budget.isLimited()) {
            return;
        }
        try {
            budget.look(source.lookAtLog().retainedBytes());
        } catch (LogBudget.ExceededException e) {
            giveUp(e);
        } catch (CdpException e) { // nothing is kept, or nobody can tell; the next attempt to start says which
            log.debug("Cannot see how much log {} keeps", settings.source(), e);
        }
    }

    /** The disk comes first: should the gap not be recorded now, the next start finds that there is nothing to go on from. */
    private void giveUp(LogBudget.ExceededException e) {
        log.error("{}", e.getMessage());
        try {
            source.release();
        } catch (CdpException unreleased) { // looked at again in seconds
            log.error("The log of {} cannot be given up: {}", settings.source(), unreleased.getMessage(), unreleased);
            return;
        }
        report(State.WAITING, e.getMessage(), e.next());
        lost = HistoryLostException.givenUp(String.valueOf(e.getMessage()));
        try (ChangeTopicWriter writer = ChangeTopicWriter.open(kafka, settings.source(), claim)) {
            OpenGap.ofLogGivenUp(writer, String.valueOf(e.getMessage()), clock);
        } catch (CdpException unrecorded) {
            log.warn("The gap of {} is recorded later: {}", settings.source(), unrecorded.getMessage());
        }
    }

    private void withhold(CaptureStart.Withheld withheld) throws InterruptedException {
        source.release(); // a stop may have come between the gap and this
        report(State.WAITING, withheld.reason(), LogBudget.NEXT);
        stopping.await(WITHHELD_PAUSE.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void supervise(CaptureRun run, TopicWatch watch) throws InterruptedException {
        Instant nextLook = clock.instant().plus(TOPIC_LOOK_PAUSE);
        while (!stopping.await(200, TimeUnit.MILLISECONDS)) {
            if (!clock.instant().isBefore(nextLook)) {
                nextLook = clock.instant().plus(TOPIC_LOOK_PAUSE);
                watch.look(run::archived);
            }
            run.step();
            status = run.status();
        }
    }

    private void fail(CdpException e) {
        log.error("Capture of {} stopped: {}", settings.source(), e.getMessage(), e);
        report(State.FAILED, e.getMessage(), e.next());
    }

    private void report(State state, String reason, String next) {
        CaptureStatus last = status;
        status = new CaptureStatus(
                state,
                reason,
                next,
                last.epoch(),
                last.seq(),
                last.boundary(),
                last.lastCommitTimestamp(),
                OptionalLong.empty(),
                null);
    }
}
