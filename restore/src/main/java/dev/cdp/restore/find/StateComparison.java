package dev.cdp.restore.find;

import dev.cdp.core.CdpException;
import dev.cdp.core.Cut;
import dev.cdp.core.ErrorCode;
import dev.cdp.core.RestorePoint;
import dev.cdp.core.SourceId;
import dev.cdp.core.TableName;
import dev.cdp.core.fold.FoldDatabase;
import dev.cdp.restore.GapPolicy;
import dev.cdp.restore.RestoreGroup;
import dev.cdp.restore.RestoreSettings;
import dev.cdp.restore.cut.CutResolver;
import dev.cdp.restore.cut.InGapException;
import dev.cdp.restore.cut.ResolvedCut;
import dev.cdp.restore.reading.ArchiveReader;
import dev.cdp.restore.reading.SourceHistory;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * What changed between two restore points: how the states differ that restores to the two would make. Reads only; used
 * by one thread.
 */
public final class StateComparison {
    private final RestoreSettings settings;
    private final ArchiveReader reader;

    /**
     * @param from the earlier cut
     * @param to the later one
     */
    public record Result(ResolvedCut from, ResolvedCut to, List<ComparedSource> sources) {
        public Result {
            sources = List.copyOf(sources);
        }
    }

    /** What to compare: tables by name, and how many rows of each kind to show. */
    public record Scope(Predicate<TableName> tables, int sampleCount) {}

    public StateComparison(RestoreSettings settings) {
        this.settings = settings;
        this.reader = new ArchiveReader(settings.store(), settings.kafka(), settings.workDirectory());
    }

    /**
     * Compares.
     *
     * @throws CdpException when one of the points cannot be resolved, or {@code from} lies behind {@code to}
     */
    public Result compare(RestoreGroup group, RestorePoint from, RestorePoint to, Scope scope) {
        Map<SourceId, SourceHistory> histories = new LinkedHashMap<>();
        try {
            group.sources().forEach(source -> histories.put(source, reader.open(source)));
            return compare(group, from, to, scope, histories);
        } finally {
            histories.values().forEach(SourceHistory::close);
        }
    }

    private Result compare(
            RestoreGroup group,
            RestorePoint from,
            RestorePoint to,
            Scope scope,
            Map<SourceId, SourceHistory> histories) {
        ResolvedCut earlier = resolve(group, from, histories);
        ResolvedCut later = resolve(group, to, histories);
        requireOrder(earlier, later, from, to);
        List<ComparedSource> sources = new ArrayList<>();
        histories.forEach((source, history) -> {
            try (FoldDatabase database = database()) {
                Cut.SourceCut begin = earlier.cut().of(source);
                Cut.SourceCut end = later.cut().of(source);
                sources.add(new SourceComparison(history, database, begin, end, scope).compare());
            }
        });
        return new Result(earlier, later, sources);
    }

    /** Tables whose changes are missing are told one by one; a source that is unknown there has no state at all. */
    private ResolvedCut resolve(RestoreGroup group, RestorePoint point, Map<SourceId, SourceHistory> histories) {
        try (FoldDatabase database = database()) {
            ResolvedCut cut = new CutResolver(group, histories, database, GapPolicy.ALLOW).resolve(point);
            cut.missing().stream()
                    .filter(missing -> missing.tables().isEmpty())
                    .findFirst()
                    .ifPresent(missing -> {
                        throw new InGapException(missing, point.toString());
                    });
            return cut;
        }
    }

    private static void requireOrder(ResolvedCut earlier, ResolvedCut later, RestorePoint from, RestorePoint to) {
        earlier.cut().sources().forEach((source, begin) -> {
            if (begin.seq() > later.cut().of(source).seq()) {
                throw new CdpException(
                        ErrorCode.USAGE_WRONG,
                        "--from " + from + " lies after --to " + to + " in source '" + source + "'",
                        "cdp diff --from \"" + to + "\" --to \"" + from + "\"");
            }
        });
    }

    private FoldDatabase database() {
        return FoldDatabase.open(new FoldDatabase.Limits(
                settings.memory(), settings.threads(), settings.workDirectory().resolve("spill")));
    }
}
