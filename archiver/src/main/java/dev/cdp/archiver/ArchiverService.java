package dev.cdp.archiver;

import dev.cdp.archiver.ArchiverStatus.State;
import dev.cdp.archiver.iceberg.IcebergView;
import dev.cdp.archiver.iceberg.ViewFollower;
import dev.cdp.core.CdpException;
import dev.cdp.core.ChangeRecord;
import dev.cdp.core.ErrorCode;
import dev.cdp.core.archive.ContentCollector;
import dev.cdp.core.archive.ContentCollector.Collected;
import dev.cdp.core.archive.InputsListedException;
import dev.cdp.core.archive.Ledger;
import dev.cdp.core.archive.LedgerEntry;
import dev.cdp.core.archive.LedgerEntry.TopicProgress;
import dev.cdp.core.archive.ObjectStore;
import dev.cdp.core.archive.StorageUnavailableException;
import dev.cdp.core.crash.CrashPoint;
import dev.cdp.core.topic.ChangeTopicReader;
import dev.cdp.core.topic.ChangeTopics;
import dev.cdp.core.topic.KafkaOffset;
import dev.cdp.core.topic.KafkaUnavailableException;
import dev.cdp.core.topic.TopicDamagedException;
import dev.cdp.core.topic.TopicTrimmedException;
import dev.cdp.core.topic.TransactionAssembler;
import dev.cdp.core.topic.TransactionAssembler.Notice;
import dev.cdp.core.topic.TransactionAssembler.Transaction;
import dev.cdp.core.topic.TransactionAssembler.Unit;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/**
 * Brings one source's change topic into the archive, on the one thread that calls {@link #run}: read whole transactions,
 * write them to local Parquet files, upload these, and make them visible with one ledger entry that also holds the
 * offset to go on at; then let Kafka delete what lies below it. The Iceberg tables follow the ledger on a thread of their
 * own.
 *
 * <p>Whatever fails before the entry exists is discarded and read again; whatever fails after it does no harm. When it
 * is not known whether the entry exists, the ledger is read again before anything else.
 */
public final class ArchiverService implements Runnable {
    private static final Logger log = LoggerFactory.getLogger(ArchiverService.class);
    private static final Duration POLL = Duration.ofMillis(200);
    private static final Duration TOPIC_POLL = Duration.ofSeconds(1);
    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(1);
    private static final Duration TOPIC_LOOK_PAUSE = Duration.ofSeconds(5);
    private static final Duration VIEW_INTERVAL = Duration.ofSeconds(30);
    private static final int HEARTBEAT_INTERVALS = 3;
    private static final long COMMIT_BYTES = 256L << 20;
    private static final long COMMIT_BYTES_AT_STOP = 32L << 20;
    private static final long TRANSACTION_MEMORY_BYTES = 16L << 20;

    private final ArchiverSettings settings;
    private final ObjectStore store;
    private final Clock clock;
    private final StagingFolder staging;
    private final RetryBudget retries;
    private final CountDownLatch stopRequested = new CountDownLatch(1);
    private volatile ArchiverStatus status;
    private @Nullable Ledger ledger;
    private @Nullable ViewFollower view;
    private @Nullable TopicProgress progress;
    private @Nullable String topicDamage;
    private Instant committedAt = Instant.MIN;
    private Instant topicLookedAt = Instant.EPOCH;

    /** What one pass over the topic works with. */
    private record Pass(
            Ledger ledger, String topicId, ContentCollector collector, Uploads uploads, ChangeTopics topics) {}

    /** @param store the archive; the caller closes it after {@link #run} has returned */
    public ArchiverService(ArchiverSettings settings, ObjectStore store, Clock clock) {
        this.settings = settings;
        this.store = store;
        this.clock = clock;
        this.staging = new StagingFolder(settings.stagingDirectory());
        this.retries = new RetryBudget(clock, settings.retryFor());
        this.status = new ArchiverStatus(settings.source(), State.NEW, null, 0, null, 0, null, null);
    }

    /** How it is doing now. Safe for use by any thread. */
    public ArchiverStatus status() {
        return status;
    }

    /**
     * Asks {@link #run} to return, which it does within seconds, after committing what is staged if that is little.
     * Interrupting its thread makes it discard and return at once. Safe for use by any thread.
     */
    public void stop() {
        stopRequested.countDown();
    }

    /**
     * Archives until {@link #stop} is called. Can be called once.
     *
     * @throws CdpException when an operator has to act: fenced by another archiver, the topic damaged or trimmed, storage
     *     or Kafka refusing, or away for longer than the settings allow
     */
    @Override
    public void run() {
        if (status.state() != State.NEW) {
            throw new IllegalStateException("The archiver of '" + settings.source() + "' was started before");
        }
        MDC.put("source", settings.source().name());
        IcebergView tables = new IcebergView(store, settings.source(), clock);
        OrphanSweep sweep = new OrphanSweep(store, settings.source(), settings.engine(), clock);
        try (ViewFollower follower = new ViewFollower(settings.source(), tables, VIEW_INTERVAL);
                Sweeper sweeper = new Sweeper(settings.source(), sweep)) {
            view = follower;
            sweeper.start();
            while (!isStopping()) {
                archiveOrWait();
            }
            status = status.moved(State.STOPPED, null);
        } catch (RuntimeException | Error e) {
            String problem = e instanceof CdpException known ? known.code() + " " + e.getMessage() : e.toString();
            status = status.moved(State.FAILED, problem);
            throw e;
        } finally {
            MDC.remove("source");
        }
    }

    private void archiveOrWait() {
        try {
            archive();
        } catch (StopRequestedException e) {
            log.info("Stopped in the middle of a commit; what was staged is discarded and read again");
            stop();
        } catch (StorageUnavailableException | InputsListedException | KafkaUnavailableException e) {
            waitAfter(e, LONGEST_PAUSE); // nothing is lost: the topic keeps what no ledger entry holds
        } catch (TopicTrimmedException e) {
            waitAfter(e, TOPIC_LOOK_PAUSE); // only a new epoch can be gone on with, once capture has recorded it
        } catch (TopicDamagedException e) {
            topicDamage = e.getMessage();
            waitAfter(e, TOPIC_LOOK_PAUSE);
        } catch (UncheckedIOException e) {
            waitAfter(
                    new CdpException(
                            ErrorCode.STAGING_FAILED,
                            "Cannot stage files in " + settings.stagingDirectory() + ": " + e.getMessage(),
                            "Give that file system space and this user the right to write there",
                            e),
                    LONGEST_PAUSE);
        }
    }

    private void waitAfter(CdpException failure, Duration longest) {
        if (isStopping()) {
            return;
        }
        if (!retries.allowsAnother()) {
            throw failure;
        }
        Duration pause = retries.pause().compareTo(longest) < 0 ? retries.pause() : longest;
        log.warn("{} {}; trying again in {}", failure.code(), failure.getMessage(), pause);
        waitFor(failure.getMessage(), pause);
    }

    private void waitFor(@Nullable String what, Duration pause) {
        status = status.moved(State.WAITING, what);
        try {
            stopRequested.await(pause.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            stop();
        }
    }

    /** One pass: from the newest ledger entry until asked to stop. */
    private void archive() {
        Ledger current = openLedger();
        status = status.at(
                current.state().watermark().orElse(null), current.state().entryNumber());
        staging.clean();
        CrashPoint.ARCHIVER_STAGING_CLEANED.reached();
        try (ChangeTopics topics = ChangeTopics.open(settings.kafka())) {
            Optional<StartingPlace> place = StartingPlace.find(topics, settings.kafka(), current.state(), topicDamage);
            if (place.isEmpty()) {
                waitFor("Capture has not created the change topic yet", TOPIC_POLL);
                return;
            }
            try (ContentCollector collector = new ContentCollector(
                            current.state(),
                            staging.files(),
                            settings.targetFileSize().bytes());
                    Uploads uploads = new Uploads(settings.source(), store, staging)) {
                String topicId = place.get().topicId();
                readFrom(place.get(), new Pass(current, topicId, collector, uploads, topics));
            }
        }
    }

    /** The first time it is opened at its newest entry; later only our own entries may have been added. */
    private Ledger openLedger() {
        Ledger known = ledger;
        if (known == null) {
            known = Ledger.open(store, settings.source(), settings.engine(), clock);
            CrashPoint.ARCHIVER_LEDGER_OPENED.reached();
            ledger = known;
        } else {
            known.recover();
        }
        return known;
    }

    private void readFrom(StartingPlace place, Pass pass) {
        committedAt = clock.instant();
        try (ChangeTopicReader reader = ChangeTopicReader.open(settings.kafka(), settings.source(), place.offset());
                TransactionAssembler assembler = new TransactionAssembler(
                        settings.source(), place.epoch(), place.lastSeq(), staging.spill(), TRANSACTION_MEMORY_BYTES)) {
            while (!isStopping()) {
                lookAtTopic(pass);
                for (ChangeTopicReader.Received received : reader.poll(POLL)) {
                    CrashPoint.ARCHIVER_RECORD_POLLED.reached();
                    assembler.accept(received).ifPresent(unit -> take(unit, pass));
                }
                status = status.moved(State.RUNNING, null)
                        .behind(reader.recordsBehind(), view == null ? null : view.problem());
                if (isDue(pass.collector())) {
                    commit(pass);
                }
                if (pass.collector().isEmpty()) {
                    retries.succeeded();
                }
            }
            commitBeforeStop(pass);
        }
    }

    /** A deleted topic goes on to be read as one without new records. */
    private void lookAtTopic(Pass pass) {
        Instant now = clock.instant();
        if (Duration.between(topicLookedAt, now).compareTo(TOPIC_LOOK_PAUSE) >= 0) {
            topicLookedAt = now;
            requireNotReplaced(pass);
            if (pass.topics().identity(settings.source()).isEmpty()) {
                throw new TopicTrimmedException(settings.source(), settings.kafka(), "it was deleted");
            }
        }
    }

    /** What is read from a topic that was created in place of another may look like what is due. */
    private void requireNotReplaced(Pass pass) {
        Optional<String> identity = pass.topics().identity(settings.source());
        if (identity.isPresent() && !identity.get().equals(pass.topicId())) {
            throw new TopicTrimmedException(
                    settings.source(), settings.kafka(), "it was deleted and created again as " + identity.get());
        }
    }

    /** Everything in a ledger entry is of one epoch, so what is collected goes before a unit of the next. */
    private void take(Unit unit, Pass pass) {
        ContentCollector collector = pass.collector();
        if (epoch(unit) != collector.epoch() && !collector.isEmpty()) {
            commit(pass);
        }
        if (unit instanceof Transaction transaction) {
            try (transaction) {
                collector.accept(stoppable(transaction));
            }
        } else {
            collector.accept(unit);
        }
        CrashPoint.ARCHIVER_UNIT_COLLECTED.reached();
        progress = new TopicProgress(pass.topicId(), unit.next().value(), lastSeq(unit));
        if (collector.stagedBytes() >= COMMIT_BYTES) {
            commit(pass);
        }
    }

    private boolean isDue(ContentCollector collector) {
        Duration interval = collector.holdsChanges()
                ? settings.commitInterval()
                : settings.commitInterval().multipliedBy(HEARTBEAT_INTERVALS);
        return !collector.isEmpty()
                && Duration.between(committedAt, clock.instant()).compareTo(interval) >= 0;
    }

    private void commit(Pass pass) {
        Instant begin = clock.instant();
        requireNotReplaced(pass);
        TopicProgress reached = Objects.requireNonNull(progress);
        Collected collected = pass.collector().take(reached);
        CrashPoint.ARCHIVER_FILES_CLOSED.reached();
        pass.uploads().upload(collected);
        CrashPoint.ARCHIVER_FILES_UPLOADED.reached();
        LedgerEntry entry = pass.ledger().commit(collected.content());
        retries.succeeded();
        topicDamage = null;
        committedAt = clock.instant();
        record(entry, Duration.between(begin, committedAt), pass.ledger());
        CrashPoint.ARCHIVER_TRIM_DUE.reached();
        trim(pass.topics(), new KafkaOffset(reached.nextOffset()));
    }

    private void record(LedgerEntry entry, Duration took, Ledger head) {
        LedgerEntry.Content content = entry.content();
        long rows = content.history().stream()
                .mapToLong(file -> file.object().rowCount())
                .sum();
        long bytes = content.history().stream()
                        .mapToLong(file -> file.object().byteCount())
                        .sum()
                + content.transactions().stream()
                        .mapToLong(file -> file.object().byteCount())
                        .sum();
        status = status.at(head.state().watermark().orElse(null), entry.number())
                .committed(new ArchiverStatus.Commit(entry.number(), committedAt, took, rows, bytes));
        log.info(
                "Ledger entry {}: {} rows in {} files, {} bytes, up to change {}, in {} ms",
                entry.number(),
                rows,
                content.history().size(),
                bytes,
                content.topic().lastSeq(),
                took.toMillis());
    }

    /** Only space is lost when this fails: the next commit trims further. */
    private void trim(ChangeTopics topics, KafkaOffset offset) {
        try {
            topics.trim(settings.source(), offset);
            CrashPoint.ARCHIVER_TRIMMED.reached();
        } catch (KafkaUnavailableException e) {
            log.warn("The change topic keeps what is archived for now: {}", e.getMessage());
        }
    }

    private void commitBeforeStop(Pass pass) {
        boolean isHurried = Thread.currentThread().isInterrupted();
        if (isHurried || pass.collector().isEmpty() || pass.collector().stagedBytes() > COMMIT_BYTES_AT_STOP) {
            return;
        }
        try {
            commit(pass);
            CrashPoint.ARCHIVER_STOP_COMMITTED.reached();
        } catch (StorageUnavailableException e) {
            log.warn("What was staged at the stop is read again at the next start: {}", e.getMessage());
        }
    }

    private boolean isStopping() {
        return stopRequested.getCount() == 0 || Thread.currentThread().isInterrupted();
    }

    /** The same transaction, whose events end with {@link StopRequestedException} when the archiver has to stop. */
    private Transaction stoppable(Transaction transaction) {
        Iterable<ChangeRecord> events =
                () -> new StoppableIterator<>(transaction.events().iterator(), this::isStopping);
        return new Transaction(
                transaction.epoch(),
                transaction.firstSeq(),
                transaction.lastSeq(),
                transaction.end(),
                transaction.ingestTimestamp(),
                events,
                transaction.next(),
                transaction.release());
    }

    private static int epoch(Unit unit) {
        return unit instanceof Transaction transaction
                ? transaction.epoch()
                : ((Notice) unit).record().epoch();
    }

    private static long lastSeq(Unit unit) {
        return unit instanceof Transaction transaction
                ? transaction.lastSeq()
                : ((Notice) unit).record().seq();
    }
}
