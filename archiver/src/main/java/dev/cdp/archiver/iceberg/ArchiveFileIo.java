package dev.cdp.archiver.iceberg;

import dev.cdp.core.archive.ObjectStore;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import org.apache.iceberg.exceptions.AlreadyExistsException;
import org.apache.iceberg.exceptions.NotFoundException;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.OutputFile;
import org.apache.iceberg.io.PositionOutputStream;
import org.apache.iceberg.io.SeekableInputStream;

/**
 * Iceberg's files as objects of the archive. It writes and deletes below {@code iceberg/} only, whatever Iceberg asks
 * for: the data files belong to the ledger.
 */
final class ArchiveFileIo implements FileIO {
    static final String FOLDER = "iceberg/";

    private static final long serialVersionUID = 1;
    private static final int BUFFER_BYTES = 1 << 20;

    @SuppressWarnings("serial") // never sent anywhere: engines read the tables with their own file access
    private final ObjectStore store;

    ArchiveFileIo(ObjectStore store) {
        this.store = store;
    }

    /** The absolute location of an object, as it stands in Iceberg's metadata. */
    String location(String key) {
        return store.location() + "/" + key;
    }

    /** @throws NotFoundException when the location is not within the archive */
    String key(String location) {
        String prefix = store.location() + "/";
        if (!location.startsWith(prefix)) {
            throw new NotFoundException("%s is not part of the archive in %s", location, store.location());
        }
        return location.substring(prefix.length());
    }

    private String ownKey(String location) {
        String key = key(location);
        if (!key.startsWith(FOLDER)) {
            throw new IllegalStateException("Iceberg may change " + FOLDER + " only, not " + location);
        }
        return key;
    }

    @Override
    public InputFile newInputFile(String location) {
        return new ObjectInput(store, key(location), location);
    }

    @Override
    public OutputFile newOutputFile(String location) {
        return new ObjectOutput(this, ownKey(location), location);
    }

    @Override
    public void deleteFile(String location) {
        store.delete(ownKey(location));
    }

    private record ObjectInput(ObjectStore store, String key, String location) implements InputFile {
        @Override
        public long getLength() {
            return store.size(key).orElseThrow(() -> new NotFoundException("No object %s", location));
        }

        @Override
        public SeekableInputStream newStream() {
            return new ObjectStream(store, key, getLength());
        }

        @Override
        public boolean exists() {
            return store.size(key).isPresent();
        }
    }

    private record ObjectOutput(ArchiveFileIo files, String key, String location) implements OutputFile {
        @Override
        public PositionOutputStream create() {
            return new NewObject(bytes -> {
                if (files.store.putIfAbsent(key, bytes) == ObjectStore.PutOutcome.EXISTS) {
                    throw new AlreadyExistsException("%s exists", location);
                }
            });
        }

        @Override
        public PositionOutputStream createOrOverwrite() {
            return new NewObject(bytes -> files.store.putDerived(key, bytes));
        }

        @Override
        public InputFile toInputFile() {
            return files.newInputFile(location);
        }
    }

    /** Reads an object in large pieces. */
    private static final class ObjectStream extends SeekableInputStream {
        private final ObjectStore store;
        private final String key;
        private final long length;
        private byte[] buffer = new byte[0];
        private long bufferOffset;
        private long position;

        ObjectStream(ObjectStore store, String key, long length) {
            this.store = store;
            this.key = key;
            this.length = length;
        }

        @Override
        public long getPos() {
            return position;
        }

        @Override
        public void seek(long newPosition) {
            position = newPosition;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
        }

        @Override
        public int read(byte[] target, int offset, int count) throws IOException {
            if (count == 0) {
                return 0;
            }
            if (position >= length) {
                return -1;
            }
            if (position < bufferOffset || position >= bufferOffset + buffer.length) {
                buffer = store.getRange(key, position, (int) Math.min(BUFFER_BYTES, length - position));
                bufferOffset = position;
                if (buffer.length == 0) {
                    throw new IOException(key + " ends at " + position + " instead of " + length);
                }
            }
            int from = (int) (position - bufferOffset);
            int read = Math.min(count, buffer.length - from);
            System.arraycopy(buffer, from, target, offset, read);
            position += read;
            return read;
        }
    }

    private interface Sink {
        void put(byte[] bytes);
    }

    /** Gathers an object in memory; metadata is small. It becomes visible when it is closed. */
    private static final class NewObject extends PositionOutputStream {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private final Sink sink;
        private boolean isClosed;

        NewObject(Sink sink) {
            this.sink = sink;
        }

        @Override
        public long getPos() {
            return bytes.size();
        }

        @Override
        public void write(int one) {
            bytes.write(one);
        }

        @Override
        public void write(byte[] source, int offset, int count) {
            bytes.writeBytes(Arrays.copyOfRange(source, offset, offset + count));
        }

        @Override
        public void close() {
            if (!isClosed) {
                isClosed = true;
                sink.put(bytes.toByteArray());
            }
        }
    }
}
