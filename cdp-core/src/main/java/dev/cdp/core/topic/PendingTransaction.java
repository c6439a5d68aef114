package dev.cdp.core.topic;

import dev.cdp.core.ChangeEvent;
import dev.cdp.core.ChangeRecord;
import dev.cdp.core.crash.CrashPoint;
import dev.cdp.core.topic.ChangeTopicReader.Received;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/** The events of a transaction whose end was not seen yet: in memory while they fit, in one file after that. */
final class PendingTransaction implements AutoCloseable {
    private static final int BUFFER_BYTES = 1 << 20;

    private final Path spillDirectory;
    private final long memoryBytes;
    private final List<ChangeRecord> held = new ArrayList<>();
    private final ChangeRecordCodec codec = new ChangeRecordCodec();
    private long heldBytes;
    private long lastSeq;
    private @Nullable Path spillFile;
    private @Nullable DataOutputStream spill;

    PendingTransaction(long seqBefore, Path spillDirectory, long memoryBytes) {
        this.lastSeq = seqBefore;
        this.spillDirectory = spillDirectory;
        this.memoryBytes = memoryBytes;
    }

    long lastSeq() {
        return lastSeq;
    }

    void append(Received received) {
        ChangeRecord record = received.record();
        if (record.event() instanceof ChangeEvent.TransactionContent content && content.takesSeq()) {
            lastSeq = record.seq();
        }
        held.add(record);
        heldBytes += received.encodedBytes();
        if (heldBytes > memoryBytes) {
            spillHeld();
        }
    }

    /** All events in order. Readable until {@link #close}. */
    Iterable<ChangeRecord> events() {
        if (spillFile == null) {
            return List.copyOf(held);
        }
        spillHeld();
        closeSpill();
        Path file = spillFile;
        return () -> new SpillIterator(file);
    }

    private void spillHeld() {
        try {
            if (spill == null) {
                Files.createDirectories(spillDirectory);
                spillFile = Files.createTempFile(spillDirectory, "transaction-", ".spill");
                spill = new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(spillFile), BUFFER_BYTES));
            }
            for (ChangeRecord record : held) {
                byte[] encoded = codec.encode(record);
                spill.writeInt(encoded.length);
                spill.write(encoded);
            }
            CrashPoint.ARCHIVER_TRANSACTION_SPILLED.reached();
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot spill a large transaction to " + spillDirectory, e);
        }
        held.clear();
        heldBytes = 0;
    }

    private void closeSpill() {
        try {
            if (spill != null) {
                spill.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot spill a large transaction to " + spillDirectory, e);
        }
    }

    @Override
    public void close() {
        closeSpill();
        try {
            if (spillFile != null) {
                Files.deleteIfExists(spillFile);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot delete " + spillFile, e);
        }
    }

    /** Reads one spill file from its start; it closes itself at the end of the file. */
    private static final class SpillIterator implements Iterator<ChangeRecord> {
        private final DataInputStream input;
        private final ChangeRecordCodec codec = new ChangeRecordCodec();
        private @Nullable ChangeRecord next;

        SpillIterator(Path file) {
            try {
                input = new DataInputStream(new BufferedInputStream(Files.newInputStream(file), BUFFER_BYTES));
                next = read();
            } catch (IOException e) {
                throw new UncheckedIOException("Cannot read back " + file, e);
            }
        }

        private @Nullable ChangeRecord read() {
            try {
                int length;
                try {
                    length = input.readInt();
                } catch (EOFException e) {
                    input.close();
                    return null;
                }
                byte[] encoded = new byte[length];
                input.readFully(encoded);
                return codec.decode(encoded);
            } catch (IOException e) {
                throw new UncheckedIOException("Cannot read a spilled transaction back", e);
            }
        }

        @Override
        public boolean hasNext() {
            return next != null;
        }

        @Override
        public ChangeRecord next() {
            ChangeRecord current = next;
            if (current == null) {
                throw new NoSuchElementException();
            }
            next = read();
            return current;
        }
    }
}
