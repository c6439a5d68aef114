package dev.cdp.restore.reading;

import dev.cdp.core.CdpException;
import dev.cdp.core.ErrorCode;
import dev.cdp.core.SourceId;
import dev.cdp.core.Watermark;
import dev.cdp.core.archive.ArchiveState;
import dev.cdp.core.archive.Ledger;
import dev.cdp.core.archive.ObjectStore;
import dev.cdp.core.topic.KafkaAccess;
import dev.cdp.core.topic.KafkaUnavailableException;
import dev.cdp.core.topic.TopicDamagedException;
import dev.cdp.core.topic.TopicTrimmedException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Opens what is known of a source: the ledger's state, and behind it what Kafka holds already. */
public final class ArchiveReader {
    private static final Logger log = LoggerFactory.getLogger(ArchiveReader.class);
    private static final int ATTEMPTS = 3;

    private final ObjectStore store;
    private final @Nullable KafkaAccess kafka;
    private final Path folder;

    /**
     * @param kafka null to read the archive alone
     * @param folder for staged objects and the files of tails
     */
    public ArchiveReader(ObjectStore store, @Nullable KafkaAccess kafka, Path folder) {
        this.store = store;
        this.kafka = kafka;
        this.folder = folder;
    }

    /** The archive alone, without reading any of its files: quick. */
    public Optional<ArchiveState> state(SourceId source) {
        return Ledger.openExisting(store, source).map(Ledger::state);
    }

    /** @throws CdpException with {@code ARCHIVE_ABSENT} when the archive does not have the source */
    public SourceHistory open(SourceId source) {
        for (int attempt = 1; ; attempt++) {
            ArchiveState state = state(source).orElseThrow(() -> absent(source));
            try {
                return open(state);
            } catch (TopicTrimmedException e) { // the archiver went on meanwhile: its ledger knows more now
                if (attempt == ATTEMPTS) { // or the topic lost records, which must not keep the archive from being used
                    return withoutTail(state, e);
                }
            }
        }
    }

    private SourceHistory open(ArchiveState archived) {
        LocalObjects objects = new LocalObjects(store, folder.resolve("objects"));
        long archivedSeq = archived.watermark().map(Watermark::seq).orElse(0L);
        if (kafka == null) {
            return new SourceHistory(archived, archivedSeq, "Kafka was not asked", Map.of(), objects);
        }
        try {
            TailReader.Tail tail = TailReader.read(kafka, archived, folder.resolve("tail"));
            return new SourceHistory(tail.state(), archivedSeq, null, tail.files(), objects);
        } catch (KafkaUnavailableException | TopicDamagedException | TailReader.TailAbsentException e) {
            return withoutTail(archived, e);
        }
    }

    private SourceHistory withoutTail(ArchiveState archived, RuntimeException why) {
        log.warn("The tail of source {} is out of reach: {}", archived.source(), why.getMessage());
        return new SourceHistory(
                archived,
                archived.watermark().map(Watermark::seq).orElse(0L),
                why.getMessage(),
                Map.of(),
                new LocalObjects(store, folder.resolve("objects")));
    }

    private CdpException absent(SourceId source) {
        return new CdpException(
                ErrorCode.ARCHIVE_ABSENT,
                "Nothing of source '" + source + "' is archived in " + store.location(),
                "Check archive.url, and that 'cdp status' shows the source as protected");
    }
}
