package dev.cdp.capture;

import dev.cdp.capture.source.SourceDatabase;
import dev.cdp.core.ChangeEvent;
import dev.cdp.core.Json;
import dev.cdp.core.crash.CrashPoint;
import dev.cdp.core.definition.SequenceValue;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads of the catalog what no log carries, and records it at a place that it is true of.
 *
 * <p>A definition is of the moment at which it is read, and the log may be read far behind that. So a marker is written
 * right after the reading, and the definition is recorded behind this marker: when no statement was recorded from before
 * the reading up to the marker, none stands between in the log, and the catalog was the same all the while. Otherwise it
 * is read again. Statements that follow one another without an end are not waited for longer than a minute.
 *
 * <p>Sequences move without a trace in the log. They are read at the boundary where they are recorded: read earlier, they
 * could lie behind the rows before it.
 */
final class CatalogReading {
    private static final Logger log = LoggerFactory.getLogger(CatalogReading.class);
    private static final Duration PAUSE = Duration.ofSeconds(2); // a migration has many statements
    private static final Duration LONGEST_DOUBT = Duration.ofMinutes(1);

    private final SourceDatabase source;
    private final ChangeRecorder recorder;
    private final AtomicLong statements = new AtomicLong();
    private volatile boolean due;
    private volatile @Nullable Reading reading;
    private Instant lastRead = Instant.EPOCH; // used by the thread that writes markers
    private @Nullable Instant doubtfulSince; // used by the recording thread, as are the sequences
    private List<SequenceValue> lastSequences = List.of();

    /**
     * A definition that waits for its place.
     *
     * @param statements how many had been recorded before
     * @param marker the counter of the one that was written after it
     */
    private record Reading(String json, Instant at, long statements, long marker) {}

    /** What is still to be written when the catalog was read. */
    @FunctionalInterface
    interface Marker {
        /** @return its counter */
        long write();
    }

    CatalogReading(SourceDatabase source, ChangeRecorder recorder) {
        this.source = source;
        this.recorder = recorder;
    }

    /** Only before reading of the log starts: what an epoch begins with. */
    List<ChangeEvent.Notice> first() {
        lastSequences = source.sequences();
        return List.of(
                new ChangeEvent.DefinitionRead(Json.write(source.definition())),
                new ChangeEvent.SequencesRead(lastSequences));
    }

    /** In the recording thread: a statement was recorded that changed the definition. */
    void statementRecorded() {
        statements.incrementAndGet();
        due = true;
    }

    /** The definition is to be read again; safe for use by any thread. */
    void request() {
        due = true;
    }

    /** Whether the definition is to be read now, so that a marker is due as well. */
    boolean isDue(Instant now) {
        return due && reading == null && !now.isBefore(lastRead.plus(PAUSE));
    }

    /** Reads what has to be read before a marker, and has the marker written. */
    void readBefore(Marker marker, Instant now) {
        recorder.atBoundary(this::recordSequences);
        if (!isDue(now)) {
            marker.write();
            return;
        }
        due = false;
        lastRead = now;
        long before = statements.get();
        String json = Json.write(source.definition());
        reading = new Reading(json, now, before, marker.write());
        recorder.atBoundary(this::settle); // the marker may have been recorded already
    }

    /** In the recording thread: a marker was recorded. */
    void marked() {
        if (reading != null) {
            recorder.atBoundary(this::settle);
        }
    }

    private void settle() {
        Reading read = reading;
        if (read == null || recorder.markerCounter() < read.marker()) {
            return;
        }
        reading = null;
        if (statements.get() == read.statements()) {
            doubtfulSince = null;
            record(read);
            return;
        }
        due = true;
        Instant since = doubtfulSince;
        if (since == null) {
            doubtfulSince = read.at();
        } else if (read.at().isAfter(since.plus(LONGEST_DOUBT))) {
            log.warn("Statements change definitions without a pause: the one recorded now may be of a later moment");
            doubtfulSince = read.at();
            record(read);
        }
    }

    private void record(Reading read) {
        recorder.append(new ChangeEvent.DefinitionRead(read.json()));
        lastSequences = source.sequences(); // those in the definition are older than the rows before it
        recorder.append(new ChangeEvent.SequencesRead(lastSequences));
        CrashPoint.CAPTURE_DEFINITION_READ.reached();
    }

    private void recordSequences() {
        List<SequenceValue> sequences = source.sequences();
        if (!sequences.equals(lastSequences)) {
            lastSequences = sequences;
            recorder.append(new ChangeEvent.SequencesRead(sequences));
        }
    }
}
