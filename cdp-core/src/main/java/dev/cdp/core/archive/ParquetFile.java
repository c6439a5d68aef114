package dev.cdp.core.archive;

import dev.cdp.core.StoredObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.BiConsumer;
import org.apache.parquet.conf.ParquetConfiguration;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.api.WriteSupport;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.io.LocalOutputFile;
import org.apache.parquet.io.api.RecordConsumer;
import org.apache.parquet.schema.MessageType;

/**
 * A Parquet file being written on local disk, zstd-compressed.
 *
 * @param <T> what one row is made from
 */
final class ParquetFile<T> implements AutoCloseable {
    static final long ROW_GROUP_BYTES = 16L << 20;
    private static final int PAGE_BYTES = 256 << 10;
    private static final int ROWS_BETWEEN_CHECKS = 64;

    private final Path path;
    private final ParquetWriter<T> writer;
    private long rowCount;

    /** A finished file that is not in the archive yet. */
    record Finished(Path path, long rowCount) {
        StoredObject storedAs(String key) {
            try {
                return new StoredObject(key, rowCount, Files.size(path), Sha256.of(path));
            } catch (IOException e) {
                throw new UncheckedIOException("Cannot read " + path, e);
            }
        }
    }

    /**
     * @param metadata key-value pairs for the file's footer
     * @param rowWriter writes one row's fields, without the start and end of the message
     */
    ParquetFile(Path path, MessageType schema, Map<String, String> metadata, BiConsumer<RecordConsumer, T> rowWriter) {
        this.path = path;
        try {
            Files.createDirectories(path.getParent());
            this.writer = new Builder<>(path, schema, metadata, rowWriter)
                    .withConf(new PlainParquetConfiguration(Map.of("parquet.compression.codec.zstd.level", "2")))
                    .withCompressionCodec(CompressionCodecName.ZSTD)
                    .withRowGroupSize(ROW_GROUP_BYTES)
                    .withPageSize(PAGE_BYTES)
                    .withMinRowCountForPageSizeCheck(1) // a row may be larger than a row group
                    .withMaxRowCountForPageSizeCheck(ROWS_BETWEEN_CHECKS)
                    .build();
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot create " + path, e);
        }
    }

    void append(T row) {
        try {
            writer.write(row);
            rowCount++;
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot write " + path, e);
        }
    }

    long rowCount() {
        return rowCount;
    }

    /** About how large the file is by now, in bytes. */
    long dataSize() {
        return writer.getDataSize();
    }

    Finished finish() {
        close();
        return new Finished(path, rowCount);
    }

    @Override
    public void close() {
        try {
            writer.close();
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot write " + path, e);
        }
    }

    private static final class Builder<T> extends ParquetWriter.Builder<T, Builder<T>> {
        private final MessageType schema;
        private final Map<String, String> metadata;
        private final BiConsumer<RecordConsumer, T> rowWriter;

        Builder(Path path, MessageType schema, Map<String, String> metadata, BiConsumer<RecordConsumer, T> rowWriter) {
            super(new LocalOutputFile(path));
            this.schema = schema;
            this.metadata = metadata;
            this.rowWriter = rowWriter;
        }

        @Override
        protected Builder<T> self() {
            return this;
        }

        @Override
        @SuppressWarnings("deprecation") // abstract in the library, called by no path that we take
        protected WriteSupport<T> getWriteSupport(org.apache.hadoop.conf.Configuration configuration) {
            throw new IllegalStateException("Hadoop's configuration is not used");
        }

        @Override
        protected WriteSupport<T> getWriteSupport(ParquetConfiguration configuration) {
            return new Support<>(schema, metadata, rowWriter);
        }
    }

    private static final class Support<T> extends WriteSupport<T> {
        private final MessageType schema;
        private final Map<String, String> metadata;
        private final BiConsumer<RecordConsumer, T> rowWriter;
        private RecordConsumer consumer;

        Support(MessageType schema, Map<String, String> metadata, BiConsumer<RecordConsumer, T> rowWriter) {
            this.schema = schema;
            this.metadata = metadata;
            this.rowWriter = rowWriter;
        }

        @Override
        @SuppressWarnings("deprecation") // abstract in the library, called by no path that we take
        public WriteContext init(org.apache.hadoop.conf.Configuration configuration) {
            return new WriteContext(schema, metadata);
        }

        @Override
        public WriteContext init(ParquetConfiguration configuration) {
            return new WriteContext(schema, metadata);
        }

        @Override
        public void prepareForWrite(RecordConsumer recordConsumer) {
            consumer = recordConsumer;
        }

        @Override
        public void write(T row) {
            consumer.startMessage();
            rowWriter.accept(consumer, row);
            consumer.endMessage();
        }
    }
}
