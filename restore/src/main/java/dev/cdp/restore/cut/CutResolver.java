package dev.cdp.restore.cut;

import dev.cdp.core.Cut;
import dev.cdp.core.RestorePoint;
import dev.cdp.core.SourceId;
import dev.cdp.core.TableSchema;
import dev.cdp.core.fold.FoldDatabase;
import dev.cdp.core.fold.LinkFacts;
import dev.cdp.core.fold.TransactionLog;
import dev.cdp.restore.GapPolicy;
import dev.cdp.restore.Link;
import dev.cdp.restore.MissingChanges;
import dev.cdp.restore.RestoreGroup;
import dev.cdp.restore.reading.SourceHistory;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Turns a restore point into the cut of a group: first each source at the moment, then closure over the links. It can be
 * asked again and again: what the histories say of the links is read once. For one thread.
 */
public final class CutResolver {
    private final RestoreGroup group;
    private final FoldDatabase database;
    private final Map<SourceId, PointInSource> sources = new TreeMap<>();
    private final Map<FactsKey, LinkFacts> read = new HashMap<>();
    private final List<String> warnings = new ArrayList<>();

    /** What the facts of a link depend on, within the same histories. */
    private record FactsKey(Link link, TableSchema from, long fromBase, TableSchema to, long toBase) {}

    /** Where each source stands by itself, and the moment that was meant. */
    private record Start(
            Map<SourceId, Long> positions, @Nullable Instant moment) {}

    private record Declared(Link link, LinkFacts facts) implements CutSolver.Facts {
        @Override
        public SourceId from() {
            return link.from().source();
        }

        @Override
        public SourceId to() {
            return link.to().source();
        }

        @Override
        public OptionalLong earliestViolation(long fromCut, long toCut) {
            return facts.earliestViolation(fromCut, toCut);
        }
    }

    /** @param histories of every source of the group */
    public CutResolver(
            RestoreGroup group, Map<SourceId, SourceHistory> histories, FoldDatabase database, GapPolicy gaps) {
        this.group = group;
        this.database = database;
        for (SourceId source : group.sources()) {
            SourceHistory history = histories.get(source);
            if (history == null) {
                throw new IllegalArgumentException("No history of source '" + source + "' was opened");
            }
            sources.put(source, new PointInSource(history, database, gaps));
        }
    }

    /**
     * @throws OutsideWindowException when a source is not covered there
     * @throws InGapException when changes are missing there, unless gaps are allowed
     * @throws CutImpossibleException when closing the cut goes back too far
     */
    public ResolvedCut resolve(RestorePoint point) {
        warnings.clear();
        sources.values().forEach(PointInSource::begin);
        Start start = start(point);
        List<Declared> links = facts(start.positions());
        Map<SourceId, Long> closed = CutSolver.solve(
                start.positions(), links, (source, seq, because) -> step(source, seq, (Declared) because));
        Map<SourceId, Cut.SourceCut> positions = new TreeMap<>();
        List<ResolvedCut.Move> moves = new ArrayList<>();
        closed.forEach((source, seq) -> {
            Cut.SourceCut end = point(source).describe(seq);
            long from = start.positions().get(source);
            positions.put(source, end);
            moves.add(new ResolvedCut.Move(
                    source, from, seq, point(source).committed(from).orElse(null), end.commitTimestamp()));
        });
        List<MissingChanges> missing = new ArrayList<>();
        positions.forEach((id, cut) -> missing.addAll(point(id).missingAt(cut.seq(), point.toString())));
        boolean closedOverLinks = !links.isEmpty() && links.size() == crossing().size();
        Cut.Consistency consistency = closedOverLinks ? Cut.Consistency.CAUSALLY_CLOSED : Cut.Consistency.TIME_ALIGNED;
        return new ResolvedCut(
                new Cut(consistency, start.moment(), positions), moves, findings(links, closed), warnings, missing);
    }

    private PointInSource point(SourceId source) {
        PointInSource found = sources.get(source);
        if (found == null) {
            throw new IllegalArgumentException("Source '" + source + "' is not part of group '" + group.name() + "'");
        }
        return found;
    }

    private Start start(RestorePoint point) {
        if (point instanceof RestorePoint.Latest) {
            return latest();
        }
        if (point instanceof RestorePoint.AtTime at) {
            Map<SourceId, Long> positions = new TreeMap<>();
            sources.forEach((id, source) -> positions.put(id, source.at(at.time(), at.toString())));
            return new Start(positions, at.time());
        }
        if (point instanceof RestorePoint.AtTransaction at) {
            return atTransaction(at);
        }
        if (point instanceof RestorePoint.AtPosition at) {
            PointInSource source = point(at.source());
            TransactionLog.Entry entry = source.at(at.position(), at.toString());
            return around(at.source(), entry.seq(), entry.commitTimestamp(), at.toString());
        }
        return atMark((RestorePoint.AtMark) point);
    }

    /** Every source up to the moment that all of them are known to have reached. */
    private Start latest() {
        Instant reached = sources.values().stream()
                .map(source -> source.newestSpan().latest())
                .min(Instant::compareTo)
                .orElseThrow();
        Map<SourceId, Long> positions = new TreeMap<>();
        sources.forEach((id, source) -> {
            boolean hindmost = !source.newestSpan().latest().isAfter(reached);
            positions.put(id, hindmost ? source.newestSpan().latestSeq() : source.lastUpTo(reached, "latest"));
        });
        return new Start(positions, reached);
    }

    private Start atTransaction(RestorePoint.AtTransaction at) {
        PointInSource source = point(at.transaction().source());
        TransactionLog.Entry entry = source.transaction(at.transaction().seq(), at.toString());
        long position =
                switch (at.side()) {
                    case BEFORE -> source.before(entry, at.toString());
                    case AFTER -> entry.seq();
                };
        return around(at.transaction().source(), position, entry.commitTimestamp(), at.toString());
    }

    /** One source at a known place, the others at the same time, as far as they are known. */
    private Start around(SourceId known, long position, Instant time, String wanted) {
        Map<SourceId, Long> positions = new TreeMap<>();
        sources.forEach((id, source) -> {
            if (!id.equals(known) && source.newestSpan().latest().isBefore(time)) {
                warnings.add("Source '" + id + "' is known up to "
                        + source.newestSpan().latest() + ", before " + time);
            }
            positions.put(id, id.equals(known) ? position : source.lastUpTo(time, wanted));
        });
        return new Start(positions, time);
    }

    /** The newest round of markers with the name that reached every source. */
    private Start atMark(RestorePoint.AtMark at) {
        Map<String, Map<SourceId, Long>> rounds = new TreeMap<>();
        Map<String, Instant> writtenAt = new TreeMap<>();
        sources.forEach((id, source) -> source.marks(at.name()).forEach(mark -> {
            rounds.computeIfAbsent(mark.round(), round -> new TreeMap<>()).put(id, mark.seq());
            writtenAt.merge(mark.round(), mark.writtenAt(), (a, b) -> a.isAfter(b) ? a : b);
        }));
        Optional<String> newest = rounds.keySet().stream()
                .filter(round -> rounds.getOrDefault(round, Map.of()).size() == sources.size())
                .max(java.util.Comparator.comparing(round -> writtenAt.getOrDefault(round, Instant.EPOCH)));
        if (newest.isEmpty()) {
            SourceId lacking = sources.keySet().stream()
                    .filter(id -> point(id).marks(at.name()).isEmpty())
                    .findFirst()
                    .orElse(group.sources().get(0));
            throw OutsideWindowException.unknown(lacking, at.toString());
        }
        Map<SourceId, Long> positions = rounds.getOrDefault(newest.get(), Map.of());
        positions.forEach((id, seq) -> point(id).transaction(seq, at.toString()));
        return new Start(positions, writtenAt.get(newest.get()));
    }

    private List<Link> crossing() {
        return group.links().stream()
                .filter(link -> !link.from().source().equals(link.to().source()))
                .toList();
    }

    private List<Declared> facts(Map<SourceId, Long> start) {
        List<Declared> declared = new ArrayList<>();
        for (Link link : crossing()) {
            Optional<LinkFacts.Side> from = LinkSides.history(point(link.from().source()), link.from(), start);
            Optional<LinkFacts.Side> to = LinkSides.history(point(link.to().source()), link.to(), start);
            if (from.isEmpty() || to.isEmpty()) {
                warnings.add("Link " + link + " is not checked: " + (from.isEmpty() ? link.from() : link.to())
                        + " does not exist at this moment, or changes of it are missing");
                continue;
            }
            declared.add(new Declared(link, facts(link, from.get(), to.get())));
        }
        return declared;
    }

    private LinkFacts facts(Link link, LinkFacts.Side from, LinkFacts.Side to) {
        FactsKey key = new FactsKey(
                link,
                from.files().schema(),
                from.files().baseSeq(),
                to.files().schema(),
                to.files().baseSeq());
        return read.computeIfAbsent(key, absent -> LinkFacts.read(database, Integer.toString(read.size()), from, to));
    }

    private long step(SourceId source, long seq, Declared because) {
        return point(source)
                .stepBefore(seq)
                .orElseThrow(
                        () -> new CutImpossibleException(source, because.link().toString()));
    }

    private static List<ResolvedCut.LinkFinding> findings(List<Declared> links, Map<SourceId, Long> cut) {
        return links.stream()
                .map(declared -> {
                    long from = cut.getOrDefault(declared.from(), 0L);
                    long to = cut.getOrDefault(declared.to(), 0L);
                    LinkFacts.Counts counts = declared.facts().counts(from, to);
                    return new ResolvedCut.LinkFinding(
                            declared.link(), counts.effects(), counts.violations(), counts.dangling());
                })
                .toList();
    }
}
