package dev.cdp.restore.reading;

import dev.cdp.core.ChangeEvent;
import dev.cdp.core.SourceId;
import dev.cdp.core.archive.ArchiveState;
import dev.cdp.core.archive.ContentCollector;
import dev.cdp.core.archive.LedgerEntry.TopicProgress;
import dev.cdp.core.topic.ChangeTopicReader;
import dev.cdp.core.topic.ChangeTopicReader.Received;
import dev.cdp.core.topic.ChangeTopics;
import dev.cdp.core.topic.KafkaAccess;
import dev.cdp.core.topic.KafkaOffset;
import dev.cdp.core.topic.TransactionAssembler;
import dev.cdp.core.topic.TransactionAssembler.Notice;
import dev.cdp.core.topic.TransactionAssembler.Transaction;
import dev.cdp.core.topic.TransactionAssembler.Unit;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** Reads the transactions that stand in the change topic and in no ledger entry yet, into files like the archive's. */
final class TailReader {
    private static final Duration PATIENCE = Duration.ofSeconds(2);
    private static final int CONNECT_MILLIS = 1500;
    private static final int EMPTY_POLLS = 15;
    private static final long FILE_BYTES = 64L << 20;
    private static final long OPEN_TRANSACTION_BYTES = 16L << 20;

    private final SourceId source;
    private final Path folder;
    private final Map<String, Path> files = new HashMap<>();
    private ArchiveState state;
    private TopicProgress progress;
    private boolean collected;

    /** @param state with everything up to the last whole transaction of the topic */
    record Tail(ArchiveState state, Map<String, Path> files) {}

    /** There is no topic that continues the archive. */
    static final class TailAbsentException extends RuntimeException {
        private static final long serialVersionUID = 1;

        TailAbsentException(String message) {
            super(message);
        }
    }

    private TailReader(ArchiveState archived, TopicProgress progress, Path folder) {
        this.source = archived.source();
        this.state = archived;
        this.progress = progress;
        this.folder = folder;
    }

    static Tail read(KafkaAccess access, ArchiveState archived, Path folder) {
        TopicProgress progress = archived.topic().orElseThrow(() -> new TailAbsentException("Nothing is archived yet"));
        requireAnswer(access);
        try (ChangeTopics topics = ChangeTopics.open(access)) {
            Optional<String> identity = topics.identity(archived.source());
            if (!identity.equals(Optional.of(progress.topicId()))) {
                throw new TailAbsentException("Topic " + access.changesTopic(archived.source())
                        + (identity.isEmpty() ? " does not exist" : " is not the one that was archived"));
            }
        }
        TailReader tail = new TailReader(
                archived, progress, folder.resolve(UUID.randomUUID().toString()));
        tail.read(access);
        return new Tail(tail.state, tail.files);
    }

    /** Kafka's clients wait long for a broker that is not there; a connection tells at once. */
    private static void requireAnswer(KafkaAccess access) {
        for (String server : access.bootstrapServers().split(",")) {
            int colon = server.lastIndexOf(':');
            try (Socket socket = new Socket()) {
                socket.connect(
                        new InetSocketAddress(
                                server.substring(0, colon).strip(),
                                Integer.parseInt(server.substring(colon + 1).strip())),
                        CONNECT_MILLIS);
                return;
            } catch (IOException | RuntimeException e) {
                continue; // the next server may answer
            }
        }
        throw new TailAbsentException("No broker answers at " + access.bootstrapServers());
    }

    private void read(KafkaAccess access) {
        try (ChangeTopicReader reader = ChangeTopicReader.open(access, source, new KafkaOffset(progress.nextOffset()));
                TransactionAssembler assembler = new TransactionAssembler(
                        source, state.epoch(), progress.lastSeq(), folder.resolve("spill"), OPEN_TRANSACTION_BYTES)) {
            KafkaOffset end = reader.end();
            ContentCollector collector = collector();
            int emptyPolls = 0;
            while (reader.position().compareTo(end) < 0 && emptyPolls < EMPTY_POLLS) {
                var batch = reader.poll(PATIENCE);
                emptyPolls = batch.isEmpty() ? emptyPolls + 1 : 0;
                for (Received received : batch) {
                    Optional<Unit> unit = assembler.accept(received);
                    if (unit.isPresent()) {
                        collector = accept(collector, unit.get());
                    }
                }
            }
            take(collector);
        }
    }

    private ContentCollector accept(ContentCollector collector, Unit unit) {
        ContentCollector current = collector;
        if (unit instanceof Notice notice && notice.record().event() instanceof ChangeEvent.Gap) {
            take(current); // a content is of one epoch
            current = collector();
        }
        current.accept(unit);
        collected = true;
        long lastSeq = unit instanceof Transaction transaction
                ? transaction.lastSeq()
                : ((Notice) unit).record().seq();
        progress = new TopicProgress(progress.topicId(), unit.next().value(), lastSeq);
        if (unit instanceof Transaction transaction) {
            transaction.close();
        }
        return current;
    }

    private ContentCollector collector() {
        return new ContentCollector(state, folder, FILE_BYTES);
    }

    private void take(ContentCollector collector) {
        try (collector) {
            if (!collected) {
                return;
            }
            ContentCollector.Collected taken = collector.take(progress);
            taken.files()
                    .history()
                    .forEach(file -> files.put(file.entry().object().key(), file.path()));
            taken.files()
                    .transactions()
                    .forEach(file -> files.put(file.entry().object().key(), file.path()));
            taken.documents().forEach(this::keep);
            state = state.with(taken.content());
            collected = false;
        }
    }

    private void keep(String key, byte[] document) {
        Path file = folder.resolve("document-" + UUID.randomUUID());
        try {
            java.nio.file.Files.createDirectories(folder);
            files.put(key, java.nio.file.Files.write(file, document));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException("Cannot write " + file, e);
        }
    }
}
