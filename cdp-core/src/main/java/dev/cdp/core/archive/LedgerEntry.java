package dev.cdp.core.archive;

import dev.cdp.core.ChangeEvent;
import dev.cdp.core.ChangeEvent.LastWhole;
import dev.cdp.core.Engine;
import dev.cdp.core.SourceId;
import dev.cdp.core.SourcePosition;
import dev.cdp.core.StoredObject;
import dev.cdp.core.TableId;
import dev.cdp.core.TableName;
import dev.cdp.core.TableSchema;
import dev.cdp.core.Watermark;
import dev.cdp.core.definition.SequenceValue;
import java.time.Instant;
import java.time.LocalDate;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One commit to the archive of one source: what became visible together. Immutable once created.
 *
 * @param number from 1, without holes
 * @param previousSha256 of the bytes of the entry before, empty for the first
 * @param writer the process that wrote it: host, process id, and what tells it from others of the same id
 * @param commitId unique; tells a writer that a taken number is its own earlier attempt
 * @param deletions everything that is listed for deletion from this entry on; null when it lists nothing new
 */
public record LedgerEntry(
        int format,
        long number,
        String previousSha256,
        SourceId source,
        Engine engine,
        Role role,
        String writer,
        String commitId,
        Instant writtenAt,
        Content content,
        @Nullable List<Deletion> deletions) {
    /** The format written here. */
    public static final int FORMAT = 1;

    /** Who writes entries. */
    public enum Role {
        /** Adds what capture recorded; there is one, and a second one fences the first. */
        ARCHIVER,
        /** Lists objects for deletion; any number of them, at any time. */
        SWEEPER
    }

    public LedgerEntry {
        deletions = deletions == null ? null : List.copyOf(deletions);
    }

    /**
     * The first of the two steps in which an object goes: from {@code listedAt} on no reader may look for it and no entry
     * may name it, so that whoever finds it old enough can delete it.
     */
    public record Deletion(String key, Instant listedAt) {}

    /**
     * What an entry adds.
     *
     * @param epoch of everything in it
     * @param topic where reading the change topic goes on after this entry
     * @param watermark the archive of the source is complete up to here; null while there is none yet
     * @param sequences the values read last in the time of this entry
     */
    public record Content(
            int epoch,
            TopicProgress topic,
            @Nullable Watermark watermark,
            List<SchemaVersion> schemas,
            List<DroppedTable> droppedTables,
            List<HistoryFile> history,
            List<TransactionsFile> transactions,
            List<ChangeEvent.BaseSnapshot> bases,
            List<Mark> marks,
            List<Statement> statements,
            List<Gap> gaps,
            List<Definition> definitions,
            List<Sequences> sequences) {
        public Content {
            schemas = List.copyOf(schemas);
            droppedTables = List.copyOf(droppedTables);
            history = List.copyOf(history);
            transactions = List.copyOf(transactions);
            bases = List.copyOf(bases);
            marks = List.copyOf(marks);
            statements = List.copyOf(statements);
            gaps = List.copyOf(gaps);
            definitions = List.copyOf(definitions);
            sequences = List.copyOf(sequences);
        }

        /** Adds nothing to an archive that has come to here. */
        static Content nothing(int epoch, TopicProgress topic) {
            return new Content(
                    epoch, topic, null, List.of(), List.of(), List.of(), List.of(), List.of(), List.of(), List.of(),
                    List.of(), List.of(), List.of());
        }

        /** The keys of all objects it names. */
        Set<String> keys() {
            Set<String> keys = new HashSet<>();
            history.forEach(file -> keys.add(file.object().key()));
            transactions.forEach(file -> keys.add(file.object().key()));
            definitions.forEach(definition -> keys.add(definition.object().key()));
            bases.forEach(base -> keys.addAll(keys(base)));
            return keys;
        }

        static Set<String> keys(ChangeEvent.BaseSnapshot base) {
            return base.tables().stream()
                    .flatMap(table -> table.files().stream())
                    .map(StoredObject::key)
                    .collect(Collectors.toSet());
        }
    }

    /**
     * @param topicId Kafka's identity of the topic: one deleted and created again has another
     * @param nextOffset of the first record that is not in the archive
     * @param lastSeq the number that the records from there on continue after
     */
    public record TopicProgress(String topicId, long nextOffset, long lastSeq) {}

    /** A table's schema that is in force after the transaction of {@code seq}, which announced it. */
    public record SchemaVersion(int epoch, long seq, TableSchema schema) {}

    /** A table incarnation that ended with the transaction of {@code seq}. */
    public record DroppedTable(TableId table, long seq) {}

    /**
     * A Parquet file of row changes of one table, one schema version and one day (UTC) of commit time, in order.
     *
     * @param unresolved how many of its rows after a change lack columns that the source did not log
     * @param keys which rows it can concern; null when it may concern any
     */
    public record HistoryFile(
            StoredObject object,
            TableId table,
            int schemaVersion,
            int epoch,
            LocalDate day,
            long firstSeq,
            long lastSeq,
            long unresolved,
            @Nullable KeyRange keys) {}

    /**
     * The lowest and the highest value in the first column of the key. Kept for keys of whole numbers alone: what else a
     * key may hold belongs into the files and nowhere else.
     */
    public record KeyRange(long lowest, long highest) {
        public boolean includes(long key) {
            return lowest <= key && key <= highest;
        }

        KeyRange with(long key) {
            return new KeyRange(Math.min(lowest, key), Math.max(highest, key));
        }
    }

    /** A Parquet file with one row per transaction of a source, for one day (UTC) of commit time, in order. */
    public record TransactionsFile(
            StoredObject object,
            int epoch,
            LocalDate day,
            long firstSeq,
            long lastSeq,
            Instant earliestCommit,
            Instant latestCommit) {}

    /** A restore point that an operator named, and the transaction that carries it. */
    public record Mark(String name, String round, int epoch, long seq, Instant commitTimestamp, Instant writtenAt) {}

    /** A data definition statement and the number it took. */
    public record Statement(int epoch, long seq, Instant commitTimestamp, String tag, String object, String sql) {}

    /**
     * Changes that are missing, and the number after which they are.
     *
     * @param lastWhole what the archive holds between this transaction and {@code seq} is in doubt; null when nothing is
     */
    public record Gap(
            int epoch,
            long seq,
            @Nullable SourcePosition from,
            @Nullable SourcePosition to,
            Instant recordedAt,
            String reason,
            List<TableName> tables,
            @Nullable LastWhole lastWhole) {
        public Gap {
            tables = List.copyOf(tables);
        }

        /** The number before which nothing is in doubt. */
        public long knownBefore() {
            return lastWhole == null ? seq : lastWhole.seq() + 1;
        }
    }

    /** A {@link dev.cdp.core.definition.DatabaseDefinition} as JSON, as it was after the transaction of {@code seq}. */
    public record Definition(int epoch, long seq, StoredObject object) {}

    /** Values of sequences as they were after the transaction of {@code seq}, or a little later. */
    public record Sequences(int epoch, long seq, List<SequenceValue> values) {
        public Sequences {
            values = List.copyOf(values);
        }
    }
}
