package dev.cdp.core.topic;

import dev.cdp.core.ChangeEvent;
import dev.cdp.core.ChangeRecord;
import dev.cdp.core.SourceId;
import dev.cdp.core.topic.ChangeTopicReader.Received;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Puts the records of a change topic together to whole transactions and checks on the way that none is missing, none
 * stands twice, and none is torn. A transaction larger than the memory it may take goes to disk until its end is seen.
 *
 * <p>What stands before a {@link ChangeEvent.StreamStart} without an end is discarded: capture sends it again.
 */
public final class TransactionAssembler implements AutoCloseable {

    /** What a change topic holds, in order. */
    public sealed interface Unit permits Transaction, Notice {
        /** Where reading goes on after it. */
        KafkaOffset next();
    }

    /**
     * A complete transaction. Its events can be read any number of times until it is closed.
     *
     * @param firstSeq of its first event that takes one; the last one's is the transaction's own number
     */
    public record Transaction(
            int epoch,
            long firstSeq,
            long lastSeq,
            ChangeEvent.TransactionEnd end,
            Instant ingestTimestamp,
            Iterable<ChangeRecord> events,
            KafkaOffset next,
            Runnable release)
            implements Unit, AutoCloseable {

        @Override
        public void close() {
            release.run();
        }
    }

    /** An event between transactions. */
    public record Notice(ChangeRecord record, KafkaOffset next) implements Unit {}

    private final SourceId source;
    private final Path spillDirectory;
    private final long memoryBytes;
    private int epoch;
    private long lastSeq;
    private @Nullable PendingTransaction open;

    /**
     * @param epoch of what was read before, 0 for nothing
     * @param lastSeq the number of the last transaction that was read before
     * @param memoryBytes how much of the open transaction may stay in memory, as encoded
     */
    public TransactionAssembler(SourceId source, int epoch, long lastSeq, Path spillDirectory, long memoryBytes) {
        this.source = source;
        this.epoch = epoch;
        this.lastSeq = lastSeq;
        this.spillDirectory = spillDirectory;
        this.memoryBytes = memoryBytes;
    }

    /**
     * Takes the next record of the topic.
     *
     * @return the transaction or notice that it completes
     * @throws TopicDamagedException when records are missing, repeated or torn
     */
    public Optional<Unit> accept(Received received) {
        ChangeRecord record = received.record();
        ChangeEvent event = record.event();
        if (event instanceof ChangeEvent.TransactionContent content) {
            append(content, received);
            return Optional.empty();
        }
        if (event instanceof ChangeEvent.TransactionEnd end) {
            return Optional.of(complete(end, received));
        }
        if (event instanceof ChangeEvent.StreamStart || event instanceof ChangeEvent.Gap) {
            discardOpen(); // a run of capture begins here; what an earlier one left open is sent again or lost
        }
        if (open != null) {
            throw damaged(received, event.getClass().getSimpleName() + " inside of a transaction");
        }
        acceptNotice(received);
        return Optional.of(new Notice(record, received.next()));
    }

    private void append(ChangeEvent.TransactionContent content, Received received) {
        ChangeRecord record = received.record();
        if (record.epoch() != epoch) {
            throw damaged(received, "epoch " + record.epoch() + " follows " + epoch + " without a start");
        }
        if (open == null) {
            open = new PendingTransaction(lastSeq, spillDirectory, memoryBytes);
        }
        long expected = open.lastSeq() + (content.takesSeq() ? 1 : 0);
        if (record.seq() != expected) {
            throw damaged(received, "change " + record.seq() + " stands where " + expected + " is due");
        }
        open.append(received);
    }

    private Transaction complete(ChangeEvent.TransactionEnd end, Received received) {
        PendingTransaction whole = open;
        if (whole == null) {
            throw damaged(received, "transaction " + end.nativeId() + " ends without a beginning");
        }
        long eventCount = whole.lastSeq() - lastSeq;
        if (received.record().seq() != whole.lastSeq() || eventCount != end.eventCount()) {
            throw damaged(
                    received,
                    "transaction " + end.nativeId() + " ends at change "
                            + received.record().seq() + " after " + end.eventCount() + " events; found " + eventCount
                            + " up to " + whole.lastSeq());
        }
        long firstSeq = lastSeq + 1;
        lastSeq = whole.lastSeq();
        open = null;
        return new Transaction(
                epoch,
                firstSeq,
                lastSeq,
                end,
                received.record().ingestTimestamp(),
                whole.events(),
                received.next(),
                whole::close);
    }

    private void acceptNotice(Received received) {
        ChangeRecord record = received.record();
        if (record.event() instanceof ChangeEvent.Gap) { // it takes a number of its own, in the epoch it begins
            if (record.epoch() < epoch || record.seq() <= lastSeq) {
                throw damaged(received, "gap at change " + record.seq() + " does not follow " + lastSeq);
            }
        } else if (record.event() instanceof ChangeEvent.StreamStart && epoch == 0) {
            lastSeq = record.seq();
        } else if (record.epoch() != epoch || record.seq() != lastSeq) {
            throw damaged(
                    received,
                    record.event().getClass().getSimpleName() + " at change " + record.seq() + " of epoch "
                            + record.epoch() + " stands where change " + lastSeq + " of epoch " + epoch + " ended");
        }
        epoch = record.epoch();
        lastSeq = record.seq();
    }

    private void discardOpen() {
        if (open != null) {
            open.close();
            open = null;
        }
    }

    private TopicDamagedException damaged(Received received, String what) {
        return new TopicDamagedException(source, received.first(), what);
    }

    @Override
    public void close() {
        discardOpen();
    }
}
