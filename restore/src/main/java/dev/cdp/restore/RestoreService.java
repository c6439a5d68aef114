package dev.cdp.restore;

import dev.cdp.core.CdpException;
import dev.cdp.core.RestorePoint;
import dev.cdp.core.SourceId;
import dev.cdp.core.crash.CrashPoint;
import dev.cdp.core.fold.FoldDatabase;
import dev.cdp.restore.cut.CutResolver;
import dev.cdp.restore.cut.ResolvedCut;
import dev.cdp.restore.plan.PlanCheck;
import dev.cdp.restore.plan.Planner;
import dev.cdp.restore.plan.RestorePlan;
import dev.cdp.restore.plan.RestorePlan.SourcePlan;
import dev.cdp.restore.reading.ArchiveReader;
import dev.cdp.restore.reading.SourceHistory;
import dev.cdp.restore.target.TargetServer;
import dev.cdp.restore.verify.RestoreReport;
import dev.cdp.restore.verify.RestoreReport.SourceReport;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Restores groups of sources from the archive: resolve, plan, load, verify, finish. Needs no daemon, and no Kafka where
 * the archive reaches far enough. Used by one thread; keeps nothing between calls but staged objects.
 */
public final class RestoreService {
    private static final Logger log = LoggerFactory.getLogger(RestoreService.class);

    private final RestoreSettings settings;
    private final Clock clock;
    private final ArchiveReader reader;

    public RestoreService(RestoreSettings settings, Clock clock) {
        this.settings = settings;
        this.clock = clock;
        this.reader = new ArchiveReader(settings.store(), settings.kafka(), settings.workDirectory());
    }

    /** What a source can be restored to from the archive alone; quick. Empty when the archive does not have it. */
    public Optional<RestorableWindow> window(SourceId source) {
        return reader.state(source).map(RestorableWindow::of);
    }

    /** Finds the cut that a restore point stands for. */
    public ResolvedCut resolve(RestoreGroup group, RestorePoint point) {
        try (Histories histories = open(group.sources())) {
            return resolve(group, point, GapPolicy.REFUSE, histories.bySource());
        }
    }

    /**
     * Writes down what a restore will do; nothing is changed.
     *
     * @param destinations for every source of the group
     * @throws CdpException when the point cannot be restored, or a target cannot be used
     */
    public RestorePlan plan(RestoreGroup group, RestorePoint point, Map<SourceId, Destination> destinations) {
        return plan(group, point, destinations, GapPolicy.REFUSE);
    }

    /** The same; with gaps allowed the plan says what is left out. */
    public RestorePlan plan(
            RestoreGroup group, RestorePoint point, Map<SourceId, Destination> destinations, GapPolicy gaps) {
        try (Histories histories = open(group.sources())) {
            ResolvedCut cut = resolve(group, point, gaps, histories.bySource());
            String id = UUID.randomUUID().toString().substring(0, 8);
            return new Planner(group, histories.bySource(), destinations, clock.instant()).plan(id, point, cut);
        }
    }

    /**
     * Does what a plan says, or what an interrupted run of it has left to do. Nothing is written before the plan was
     * found fresh and every object it needs was fetched and checked. A source that fails leaves its target under another
     * name; the others go on.
     *
     * @param servers for every source of the plan
     * @throws CdpException when nothing was written
     */
    public RestoreReport restore(RestorePlan plan, Map<SourceId, TargetServer> servers, RestoreProgress progress) {
        List<SourceId> sources = plan.sources().stream().map(SourcePlan::source).toList();
        try (PlanLock lock = PlanLock.take(settings.workDirectory(), plan);
                Histories histories = open(sources)) {
            log.debug("Restoring under {}", lock);
            return restore(plan, servers, progress, histories.bySource());
        }
    }

    private RestoreReport restore(
            RestorePlan plan,
            Map<SourceId, TargetServer> servers,
            RestoreProgress progress,
            Map<SourceId, SourceHistory> histories) {
        Instant begin = clock.instant();
        List<SourceRestore> restores = new ArrayList<>();
        PlanCheck check = new PlanCheck(plan, settings.store());
        for (SourcePlan source : plan.sources()) {
            SourceHistory history = histories.get(source.source());
            TargetServer server = servers.get(source.source());
            if (history == null || server == null) {
                throw new IllegalArgumentException("No server is given for source '" + source.source() + "'");
            }
            try (FoldDatabase database = database()) {
                check.requireFresh(source, history, database);
            }
            restores.add(new SourceRestore(plan, source, history, server, progress, settings.workDirectory()));
        }
        restores.forEach(SourceRestore::requireFreeTarget);
        CrashPoint.RESTORE_PLAN_CHECKED.reached();
        restores.forEach(SourceRestore::stage);
        CrashPoint.RESTORE_STAGED.reached();

        List<SourceReport> reports = new ArrayList<>();
        for (SourceRestore restore : restores) {
            reports.add(restore.run(this::database, clock));
        }
        RestoreReport report = new RestoreReport(
                plan.id(),
                plan.group(),
                plan.cut(),
                begin,
                clock.instant(),
                plan.estimatedSeconds(),
                reports,
                LinkCheck.check(plan, histories, this::database),
                plan.missing());
        CrashPoint.RESTORE_REPORTED.reached();
        log.info("Restore {}: {} rows, exit {}", plan.id(), report.rowCount(), report.exitCode());
        return report;
    }

    /** The opened histories of some sources; they close together. */
    private record Histories(Map<SourceId, SourceHistory> bySource) implements AutoCloseable {
        @Override
        public void close() {
            bySource.values().forEach(SourceHistory::close);
        }
    }

    private Histories open(List<SourceId> sources) {
        Map<SourceId, SourceHistory> histories = new LinkedHashMap<>();
        try {
            sources.forEach(source -> histories.put(source, reader.open(source)));
        } catch (RuntimeException e) { // whoever opens, closes
            histories.values().forEach(SourceHistory::close);
            throw e;
        }
        return new Histories(histories);
    }

    private ResolvedCut resolve(
            RestoreGroup group, RestorePoint point, GapPolicy gaps, Map<SourceId, SourceHistory> histories) {
        try (FoldDatabase database = database()) {
            return new CutResolver(group, histories, database, gaps).resolve(point);
        }
    }

    private FoldDatabase database() {
        return FoldDatabase.open(new FoldDatabase.Limits(
                settings.memory(), settings.threads(), settings.workDirectory().resolve("spill")));
    }
}
