package dev.cdp.restore.plan;

import dev.cdp.core.Cut;
import dev.cdp.core.DataSize;
import dev.cdp.core.Engine;
import dev.cdp.core.Json;
import dev.cdp.core.SourceId;
import dev.cdp.core.StoredObject;
import dev.cdp.core.TableId;
import dev.cdp.core.TableName;
import dev.cdp.core.archive.Sha256;
import dev.cdp.core.definition.SequenceValue;
import dev.cdp.restore.Link;
import dev.cdp.restore.MissingChanges;
import dev.cdp.restore.cut.ResolvedCut.LinkFinding;
import dev.cdp.restore.cut.ResolvedCut.Move;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;

/**
 * Everything a restore will do. It is made by reading only, can be saved, and is refused when the archive or the target
 * no longer are what it was made for.
 *
 * @param restorePoint as it was asked for; relative times are absolute here
 * @param moves how far closure over the links moved each source
 * @param warnings sentences about the restore as a whole
 * @param missing what is left out because its operator allowed a gap
 */
public record RestorePlan(
        int format,
        String id,
        Instant createdAt,
        String group,
        String restorePoint,
        Cut cut,
        List<Move> moves,
        List<Link> links,
        List<LinkFinding> findings,
        List<SourcePlan> sources,
        List<String> warnings,
        List<MissingChanges> missing) {
    public static final int FORMAT = 1;
    private static final int MARK_DIGITS = 8;

    public RestorePlan {
        moves = List.copyOf(moves);
        links = List.copyOf(links);
        findings = List.copyOf(findings);
        sources = List.copyOf(sources);
        warnings = List.copyOf(warnings);
        missing = missing == null ? List.of() : List.copyOf(missing); // plans of old name none
    }

    /** Whether the restore is not all of what was asked for. */
    public boolean leavesOut() {
        return !missing.isEmpty();
    }

    /**
     * One source's part.
     *
     * @param ledgerEntry the newest one the plan was made from; later ones only add to it
     * @param ledgerSha256 of that entry's bytes
     * @param needsTail whether the newest visible transactions are in Kafka alone
     * @param sourceDatabase the name of the original
     * @param server where to, as {@code user@host:port}
     * @param database the database to be made there
     * @param definition the document with the objects of the database
     * @param sequences values to go on after
     * @param unprotected sentences about what the restored database will lack
     */
    public record SourcePlan(
            SourceId source,
            Engine engine,
            long ledgerEntry,
            String ledgerSha256,
            boolean needsTail,
            String sourceDatabase,
            String server,
            String database,
            StoredObject definition,
            List<SequenceValue> sequences,
            List<TablePlan> tables,
            List<String> unprotected,
            List<String> warnings) {
        public SourcePlan {
            sequences = List.copyOf(sequences);
            tables = List.copyOf(tables);
            unprotected = List.copyOf(unprotected);
            warnings = List.copyOf(warnings);
        }

        public long estimatedRows() {
            return tables.stream().mapToLong(TablePlan::estimatedRows).sum();
        }

        public long bytesToRead() {
            return tables.stream().mapToLong(TablePlan::bytesToRead).sum();
        }
    }

    /**
     * @param estimatedRows at most so many: the base's and one for each change
     * @param objects every file of the archive that is read
     */
    public record TablePlan(
            TableId table, int schemaVersion, TableName name, long estimatedRows, List<StoredObject> objects) {
        public TablePlan {
            objects = List.copyOf(objects);
        }

        public long bytesToRead() {
            return objects.stream().mapToLong(StoredObject::byteCount).sum();
        }
    }

    public long estimatedRows() {
        return sources.stream().mapToLong(SourcePlan::estimatedRows).sum();
    }

    public DataSize bytesToRead() {
        return new DataSize(sources.stream().mapToLong(SourcePlan::bytesToRead).sum());
    }

    /** How long it will take, roughly, from what loading was measured to take. */
    public double estimatedSeconds() {
        long tables =
                sources.stream().mapToLong(source -> source.tables().size()).sum();
        return 2 + 0.1 * tables + estimatedRows() / 120_000.0 + bytesToRead().bytes() / (50.0 * (1 << 20));
    }

    /** Names this plan and what it says of a source, for the target: another plan must not go on with what this one left. */
    public String mark(SourcePlan source) {
        Cut.SourceCut at = cut.of(source.source());
        String said = Json.write(List.of(
                at.epoch(),
                at.seq(),
                at.position(),
                source.definition(),
                source.sequences(),
                source.tables().stream().map(TablePlan::table).toList(),
                source.tables().stream().map(TablePlan::schemaVersion).toList()));
        return id + "-" + Sha256.of(said.getBytes(StandardCharsets.UTF_8)).substring(0, MARK_DIGITS);
    }

    /** The plan as a JSON document. */
    public String toJson() {
        return Json.write(this);
    }

    /** @throws IllegalArgumentException when the text is no plan */
    public static RestorePlan fromJson(String json) {
        RestorePlan plan = Json.read(json, RestorePlan.class);
        if (plan.format() != FORMAT) {
            throw new IllegalArgumentException(
                    "The plan has format " + plan.format() + "; this version reads " + FORMAT);
        }
        return plan;
    }
}
