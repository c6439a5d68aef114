package dev.cdp.testkit;

import dev.cdp.core.ChangeEvent;
import dev.cdp.core.ChangeRecord;
import dev.cdp.core.Engine;
import dev.cdp.core.archive.ContentCollector;
import dev.cdp.core.archive.Ledger;
import dev.cdp.core.archive.LedgerEntry.TopicProgress;
import dev.cdp.core.archive.ObjectStore;
import dev.cdp.core.topic.ChangeTopicReader.Received;
import dev.cdp.core.topic.KafkaOffset;
import dev.cdp.core.topic.TransactionAssembler;
import dev.cdp.core.topic.TransactionAssembler.Notice;
import dev.cdp.core.topic.TransactionAssembler.Transaction;
import dev.cdp.core.topic.TransactionAssembler.Unit;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Puts the records of a {@link SyntheticSource} into an archive, as an archiver would, without Kafka between them. */
public final class SyntheticArchive {
    private static final long FILE_BYTES = 32 << 10;

    private final ObjectStore store;
    private final Path staging;

    /** @param staging a local folder for files on their way */
    public SyntheticArchive(ObjectStore store, Path staging) {
        this.store = store;
        this.staging = staging;
    }

    /** Archives everything the source has written, in ledger entries of up to {@code unitsPerEntry} units. */
    public Ledger archive(SyntheticSource source, Engine engine, int unitsPerEntry) {
        Ledger ledger = Ledger.open(store, source.id(), engine, Clock.systemUTC());
        int collected = 0;
        long lastSeq = 0;
        try (ContentCollector collector = new ContentCollector(source.id(), staging, FILE_BYTES, List.of())) {
            List<Unit> units = units(source.records());
            for (Unit unit : units) {
                boolean gap = unit instanceof Notice notice && notice.record().event() instanceof ChangeEvent.Gap;
                if (collected > 0 && (gap || collected >= unitsPerEntry)) {
                    commit(
                            ledger,
                            collector.take(
                                    new TopicProgress("synthetic", unit.next().value() - 1, lastSeq)));
                    collected = 0;
                }
                collector.accept(unit);
                lastSeq = unit instanceof Transaction transaction
                        ? transaction.lastSeq()
                        : ((Notice) unit).record().seq();
                collected++;
            }
            commit(
                    ledger,
                    collector.take(
                            new TopicProgress("synthetic", source.records().size(), lastSeq)));
        }
        return ledger;
    }

    private void commit(Ledger ledger, ContentCollector.Collected collected) {
        collected
                .files()
                .history()
                .forEach(file -> store.put(file.entry().object().key(), file.path()));
        collected
                .files()
                .transactions()
                .forEach(file -> store.put(file.entry().object().key(), file.path()));
        collected.documents().forEach(store::putIfAbsent);
        ledger.commit(collected.content());
    }

    /** The whole transactions and notices of some records; what a restart has torn is left out. */
    public static List<Unit> units(List<ChangeRecord> records) {
        List<Unit> units = new ArrayList<>();
        int epoch = records.isEmpty() ? 0 : records.get(0).epoch();
        long before = records.isEmpty() ? 0 : records.get(0).seq();
        try (TransactionAssembler assembler = new TransactionAssembler(
                new dev.cdp.core.SourceId("synthetic"), epoch, before, Path.of("unused"), Long.MAX_VALUE)) {
            for (int i = 0; i < records.size(); i++) {
                Received received = new Received(new KafkaOffset(i), new KafkaOffset(i + 1), records.get(i), 1);
                Optional<Unit> unit = assembler.accept(received);
                unit.ifPresent(units::add);
            }
        }
        return units;
    }
}
