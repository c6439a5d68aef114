package dev.cdp.capture;

import dev.cdp.core.Json;
import dev.cdp.core.Watermark;
import dev.cdp.core.archive.ArchiveState;
import dev.cdp.core.archive.Ledger;
import dev.cdp.core.archive.LedgerEntry.SchemaVersion;
import dev.cdp.core.archive.LedgerEntry.TopicProgress;
import dev.cdp.core.archive.ObjectStore;
import dev.cdp.core.topic.ChangeTopicReader;
import dev.cdp.core.topic.ChangeTopicWriter;
import dev.cdp.core.topic.ChangeTopics;
import dev.cdp.core.topic.KafkaAccess;
import dev.cdp.core.topic.KafkaOffset;
import dev.cdp.core.topic.TopicEnding;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What is known when a run starts: capture's progress, the change topic and the archive, each kept in another place and
 * each a witness of the two others.
 *
 * @param stored capture's progress as Kafka has it
 * @param archived what the ledger adds up to, null without one
 * @param openGap that reading was ended behind a gap at the progress; null when it was not
 * @param archiveLoss why the archive is not the one that capture knew, null when it is
 * @param topicId of the change topic as it is now
 * @param beginning the earliest offset the change topic holds
 * @param tail what the change topic holds that may not be archived; asked for only after a loss
 */
record StartFacts(
        @Nullable CaptureProgress stored,
        @Nullable ArchiveState archived,
        @Nullable OpenGap openGap,
        @Nullable String archiveLoss,
        String topicId,
        KafkaOffset beginning,
        KafkaOffset end,
        TopicEnding ending,
        Supplier<TopicTail> tail) {

    /** The topic is read before the ledger: what the archiver commits and lets go of meanwhile must not look lost. */
    static StartFacts gather(
            CaptureSettings settings,
            KafkaAccess kafka,
            ChangeTopics topics,
            ChangeTopicWriter writer,
            ObjectStore archive) {
        String topicId = topics.identity(settings.source()).orElseThrow();
        KafkaOffset beginning;
        try (ChangeTopicReader reader = ChangeTopicReader.open(kafka, settings.source(), KafkaOffset.START)) {
            beginning = reader.beginning();
        }
        TopicEnding ending = writer.ending();
        ArchiveState archived = Ledger.openExisting(archive, settings.source())
                .map(Ledger::state)
                .orElse(null);
        Optional<CaptureProgress> stored = CaptureProgress.stored(writer);
        return new StartFacts(
                stored.orElse(null),
                archived,
                stored.flatMap(progress -> OpenGap.of(writer, progress)).orElse(null),
                writer.state(ArchiveSeen.KEY)
                        .map(json -> Json.read(json, ArchiveSeen.class))
                        .flatMap(seen -> seen.missingIn(archive, settings.source()))
                        .orElse(null),
                topicId,
                beginning,
                writer.end(),
                ending,
                () -> TopicTail.read(kafka, settings.source(), beginning));
    }

    /** Nothing of the source was ever written. */
    boolean isNew() {
        return stored == null && archived == null && ending == TopicEnding.AS_WRITTEN && beginning.value() == 0;
    }

    /** @return what was lost between the three, as a clause; empty when they agree */
    Optional<String> loss() {
        if (stored == null) {
            return Optional.of("capture's progress was lost with its Kafka topic");
        }
        if (archiveLoss != null) {
            return Optional.of(archiveLoss);
        }
        Optional<String> archiveAndTopic = archived == null ? lossWithoutArchive() : lossBetween(archived);
        return archiveAndTopic
                .or(() -> archived == null ? Optional.empty() : staleness(stored, archived))
                .or(this::topicLoss);
    }

    private Optional<String> lossWithoutArchive() {
        return beginning.compareTo(KafkaOffset.START) > 0
                ? Optional.of("the archive is empty, and the change topic no longer holds its beginning")
                : Optional.empty();
    }

    private Optional<String> lossBetween(ArchiveState archive) {
        Optional<TopicProgress> progress = archive.topic();
        if (!progress.map(TopicProgress::topicId).equals(Optional.of(topicId))) {
            return Optional.of("the change topic is not the one that was archived: it was deleted and created again");
        }
        long due = progress.get().nextOffset();
        return beginning.value() > due
                ? Optional.of("the change topic lost records before they were archived: it begins at offset "
                        + beginning.value() + ", and offset " + due + " was due")
                : Optional.empty();
    }

    private Optional<String> staleness(CaptureProgress progress, ArchiveState archive) {
        TopicProgress reached = archive.topic().orElseThrow();
        boolean ahead = archive.epoch() > progress.epoch()
                || archive.epoch() == progress.epoch() && reached.lastSeq() > progress.seq()
                || reached.nextOffset() > end.value();
        return ahead
                ? Optional.of("capture's progress is an old copy: the archive holds change " + reached.lastSeq()
                        + " of epoch " + archive.epoch() + ", the progress is change " + progress.seq() + " of epoch "
                        + progress.epoch())
                : Optional.empty();
    }

    private Optional<String> topicLoss() {
        return switch (ending) {
            case AS_WRITTEN -> Optional.empty();
            case SHORTER -> Optional.of("the change topic lost the last records that were written to it");
            case LONGER -> Optional.of("capture's progress is an old copy: the change topic holds later records");
        };
    }

    Optional<Watermark> watermark() {
        return Optional.ofNullable(archived).flatMap(ArchiveState::watermark);
    }

    /** The highest epoch that was ever given, as far as is known. */
    int lastEpoch() {
        int known = Math.max(stored == null ? 0 : stored.epoch(), archived == null ? 0 : archived.epoch());
        return Math.max(known, tail.get().epoch());
    }

    long lastSeq() {
        long known = Math.max(
                stored == null ? 0 : stored.seq(),
                watermark().map(Watermark::seq).orElse(0L));
        return Math.max(known, tail.get().seq());
    }

    int lastTableId() {
        int archivedId = archived == null
                ? 0
                : archived.schemaVersions().stream()
                        .map(SchemaVersion::schema)
                        .mapToInt(schema -> schema.tableId().value())
                        .max()
                        .orElse(0);
        return Math.max(archivedId, tail.get().tableId());
    }
}
